"""Ways of coding that a model has to beat, trained on the same interviews and calibrated alike."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pipeline.calibration import calibrate
from pipeline.encoder import Encoder
from pipeline.evaluation import Predictor
from pipeline.suggesting import sigmoid
from pipeline.training import Labelled, folds, targets
from pipeline.tree import Bools, Floats

Scorer = Callable[[Sequence[str], Sequence[str]], Floats]
"""From segments and their questions to scores that are not calibrated; shape (segments, codes)."""

Fit = Callable[[Sequence[Labelled], Sequence[str]], Scorer]


def majority(rows: Sequence[Labelled], codes: Sequence[str], choice: Sequence[Labelled] = ()) -> Predictor:
    """Knows base rates only: it scores each code by how common it is, and suggests those that more than half of the
    segments carry (so: none)."""
    rates = targets([row for row in (*rows, *choice) if row.interview is not None], codes).mean(axis=0)

    def predict(texts: Sequence[str], questions: Sequence[str]) -> tuple[Floats, Bools]:
        scores = np.tile(rates, (len(texts), 1)).astype(np.float32)
        return scores, scores > 0.5

    return predict


def calibrated(fit: Fit, rows: Sequence[Labelled], codes: Sequence[str], choice: Sequence[Labelled] = ()) -> Predictor:
    """A baseline, calibrated and given thresholds out of interview, as the model is (see `training.train`)."""
    held_out: list[Labelled] = []
    logits: list[Floats] = []
    for part, rest in folds(rows, choice):
        score = fit(rest, codes)
        held_out += part
        logits.append(score([row.text for row in part], [row.question for row in part]))
    final = fit(rows, codes)
    if choice:
        held_out += choice
        logits.append(final([row.text for row in choice], [row.question for row in choice]))
    slope, intercept, thresholds = calibrate(np.vstack(logits)[:, :, None], targets(held_out, codes))

    def predict(texts: Sequence[str], questions: Sequence[str]) -> tuple[Floats, Bools]:
        scores = sigmoid(final(texts, questions) * slope[0] + intercept)
        return scores, scores >= thresholds

    return predict


def tfidf(model: str) -> Fit:
    """The textbook: TF-IDF of the words and characters of question and segment, and `logistic` regression or `svm`."""

    def fit(rows: Sequence[Labelled], codes: Sequence[str]) -> Scorer:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_union

        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
        letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=3)
        view = make_union(words, letters)
        weights = _fitted(view.fit_transform(_joined(rows)), rows, codes, model)

        def score(texts: Sequence[str], questions: Sequence[str]) -> Floats:
            joined = [f"{question}\n{text}" for text, question in zip(texts, questions, strict=True)]
            return np.asarray(view.transform(joined) @ weights[:-1] + weights[-1], np.float32)

        return score

    return fit


def frozen_encoder(encoder: Encoder) -> Fit:
    """Sentence vectors of segment and question side by side, never trained, and logistic regression."""

    def vectors(texts: Sequence[str], questions: Sequence[str]) -> Floats:
        nothing = np.array([bool(question) for question in questions], np.float32)[:, None]
        return np.hstack([encoder.encode(list(texts)), encoder.encode([q or "." for q in questions]) * nothing])

    def fit(rows: Sequence[Labelled], codes: Sequence[str]) -> Scorer:
        weights = _fitted(vectors([r.text for r in rows], [r.question for r in rows]), rows, codes, "logistic")
        return lambda texts, questions: np.asarray(vectors(texts, questions) @ weights[:-1] + weights[-1], np.float32)

    return fit


def _joined(rows: Sequence[Labelled]) -> list[str]:
    return [f"{row.question}\n{row.text}" for row in rows]


def _fitted(features: Any, rows: Sequence[Labelled], codes: Sequence[str], model: str) -> Floats:
    """Shape (features + 1, codes), the last row the intercept."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    columns = []
    for truth in targets(rows, codes).T:
        if model == "svm":
            one = LinearSVC(C=0.3, class_weight="balanced", max_iter=2000, random_state=0)
        else:
            one = LogisticRegression(C=4.0, class_weight="balanced", solver="liblinear", dual=True, random_state=0)
        if truth.any():
            one.fit(features, truth)
            columns.append(np.append(one.coef_[0], one.intercept_))
        else:
            columns.append(np.zeros(features.shape[1] + 1))
    return np.array(columns, np.float32).T
