"""How well a way of coding agrees with a human coder, measured out of interview.

Each interview is coded by a model that was trained, calibrated and given its thresholds on the others alone; nothing
is chosen from the scores that are reported.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.classifier import Floats, sigmoid, together
from pipeline.training import Labelled, calibrate, interviews_of, linear, targets

Bools = NDArray[np.bool_]
Predictor = Callable[[Sequence[str], Sequence[str]], tuple[Floats, Bools]]
"""From segments and their questions to scores and suggestions; both of shape (segments, codes)."""

Trainer = Callable[[Sequence[Labelled], Sequence[str]], Predictor]


@dataclass(frozen=True)
class Quality:
    """Agreement with the gold codings. `kappa` is Cohen's per code; `macro_f1` and `mean_kappa` are means over the
    codes that occur; `top1` and `top3` are, over the segments that carry a code, how often one of the one or
    three best-scored codes is right; `calibration` is the mean difference of probability and truth (ten bins)."""

    kappa: dict[str, float]
    f1: dict[str, float]
    positives: dict[str, int]
    macro_f1: float
    mean_kappa: float
    top1: float
    top3: float
    calibration: float


def leave_one_interview_out(rows: Sequence[Labelled], codes: Sequence[str], trainer: Trainer) -> Quality:
    """Code every interview by a predictor trained on the others, and compare with its gold codes."""
    truth, scores, suggested = [], [], []
    for interview in interviews_of(rows):
        predict = trainer([row for row in rows if row.interview != interview], codes)
        part = [row for row in rows if row.interview == interview]
        score, suggestion = predict([row.text for row in part], [row.question for row in part])
        truth.append(targets(part, codes))
        scores.append(score)
        suggested.append(suggestion)
    return quality(np.vstack(truth), np.vstack(scores), np.vstack(suggested), codes)


def compare(predict: Predictor, rows: Sequence[Labelled], codes: Sequence[str]) -> Quality:
    """Code rows that the predictor was not made from, and compare with their gold codes."""
    score, suggestion = predict([row.text for row in rows], [row.question for row in rows])
    return quality(targets(rows, codes), score, suggestion, codes)


def quality(truth: Bools, scores: Floats, suggested: Bools, codes: Sequence[str]) -> Quality:
    """Compare suggestions and scores with the truth; all of shape (segments, codes)."""
    from sklearn.metrics import cohen_kappa_score, f1_score

    occurring = [i for i in range(len(codes)) if truth[:, i].any()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a code that is nowhere suggested has κ 0 and F1 0
        f1 = {codes[i]: float(f1_score(truth[:, i], suggested[:, i], zero_division=0)) for i in occurring}
        kappa = {codes[i]: float(np.nan_to_num(cohen_kappa_score(truth[:, i], suggested[:, i]))) for i in occurring}
    coded = truth.any(axis=1)
    # A stable sort: of equal scores the earlier code of the tree comes first, in every run.
    ranked = np.argsort(-scores[coded], axis=1, kind="stable")
    hit = np.take_along_axis(truth[coded], ranked, axis=1)
    return Quality(
        kappa=kappa,
        f1=f1,
        positives={codes[i]: int(truth[:, i].sum()) for i in occurring},
        macro_f1=float(np.mean(list(f1.values()))),
        mean_kappa=float(np.mean(list(kappa.values()))),
        top1=float(hit[:, :1].any(axis=1).mean()),
        top3=float(hit[:, :3].any(axis=1).mean()),
        calibration=_calibration_error(truth.ravel(), scores.ravel()),
    )


def _calibration_error(truth: Bools, scores: Floats) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.minimum((scores * 10).astype(int), 9)
    return float(
        sum(
            abs(truth[bins == b].mean() - scores[bins == b].mean()) * (bins == b).mean()
            for b in range(10)
            if (bins == b).any()
        )
    )


def majority(rows: Sequence[Labelled], codes: Sequence[str]) -> Predictor:
    """The baseline that knows base rates only: it scores each code by how common it is, and suggests those that
    more than half of the segments carry (so: none)."""
    rates = targets([row for row in rows if row.interview is not None], codes).mean(axis=0)

    def predict(texts: Sequence[str], questions: Sequence[str]) -> tuple[Floats, Bools]:
        scores = np.tile(rates, (len(texts), 1)).astype(np.float32)
        return scores, scores > 0.5

    return predict


def tfidf(rows: Sequence[Labelled], codes: Sequence[str], choice: Sequence[Labelled] = ()) -> Predictor:
    """The baseline of the textbook: TF-IDF of the words of question and segment, and one logistic regression a code
    with balanced classes; calibrated and given thresholds out of interview, as the model is (see `training.train`)."""
    held_out: list[Labelled] = []
    logits: list[Floats] = []
    for interview in interviews_of(rows):
        part = [row for row in rows if row.interview == interview]
        held_out += part
        logits.append(_tfidf_logits([row for row in rows if row.interview != interview], codes)(part))
    score = _tfidf_logits(rows, codes)
    if choice:
        held_out += choice
        logits.append(score(choice))
    slope, intercept, thresholds = calibrate(np.vstack(logits), targets(held_out, codes))

    def predict(texts: Sequence[str], questions: Sequence[str]) -> tuple[Floats, Bools]:
        new = [Labelled(text, question, frozenset(), None) for text, question in zip(texts, questions, strict=True)]
        scores = sigmoid(score(new) @ slope + intercept)
        return scores, scores >= thresholds

    return predict


def _tfidf_logits(rows: Sequence[Labelled], codes: Sequence[str]) -> Callable[[Sequence[Labelled]], Floats]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    def texts(part: Sequence[Labelled]) -> list[str]:
        return together([row.text for row in part], [row.question for row in part])

    view = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    weights = linear(view.fit_transform(texts(rows)), targets(rows, codes), c=1.0)
    return lambda part: np.asarray(view.transform(texts(part)) @ weights[:-1] + weights[-1], np.float32)[:, :, None]
