"""Training: labelled segments in, a calibrated classifier out.

Everything that is chosen from scores (calibration, thresholds) is chosen from scores out of interview: each
interview is scored by a model that never saw it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.classifier import FastClassifier, Features, Floats, sigmoid, together, vectorizer
from pipeline.codebook import Codebook
from pipeline.corpus.data import prepare, read_corpus
from pipeline.corpus.gold import GOLD
from pipeline.encoder import Encoder
from pipeline.persons.register import read_register
from pipeline.settings import Settings

DENSE_C, SPARSE_C = 1.0, 8.0
"""Inverse strength of regularisation of the two linear layers."""

FOLDS = 5
"""Into so many groups the interviews are put, to score each by a model that never saw it."""

SHRINKAGE = 15
"""A code with this many positives weighs its own threshold and base rate as much as the shared ones."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled text. `interview` groups what must not be split; None is taken into every training fold
    (the codebook's own examples). Of a code in `unknown` the row says neither yes nor no."""

    text: str
    question: str
    codes: frozenset[str]
    interview: str | None
    unknown: frozenset[str] = frozenset()


def codebook_rows(codebook: Codebook) -> list[Labelled]:
    """The codebook as training rows: each code's definition with its criteria, its examples, and its near misses
    under the code that takes them."""
    rows = []
    for code in codebook.codes:
        definition = " ".join([code.name + ".", code.definition, *code.include])
        rows.append(Labelled(definition, "", frozenset([code.id]), None))
        rows += [Labelled(e.text, e.question or "", frozenset([code.id]), None) for e in code.examples]
        rows += [
            Labelled(miss.text, miss.question or "", frozenset([miss.code] if miss.code else []), None)
            for miss in code.near_misses
        ]
    return rows


def corpus_rows(folder: Path) -> list[Labelled]:
    """The segments of a corpus with their gold codes, as training rows; documents are left out, for they are written
    and not spoken. Everyone talked about is replaced too: a model should learn no names. Raises CodeboomError."""
    corpus = read_corpus(folder)
    everyone = [(name,) for name in corpus.persons.values()]
    prepared = prepare(corpus.transcripts, read_register(folder / "interviews"), Settings(), everyone)
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for segment_id, code, _ in prepared.codings([span for span in corpus.spans if span.coder == GOLD]):
        codes[segment_id].add(code)
    return [
        Labelled(segment.text, segment.question, frozenset(codes[segment.segment_id]), segment.interview)
        for segment in prepared.segments
        if segment.interview not in corpus.documents
    ]


def targets(rows: Sequence[Labelled], codes: Sequence[str]) -> NDArray[np.bool_]:
    """Which row carries which code; shape (rows, codes)."""
    return np.array([[code in row.codes for code in codes] for row in rows], bool).reshape(len(rows), len(codes))


def train(
    name: str, rows: Sequence[Labelled], codes: Sequence[str], encoder: Encoder, choice: Sequence[Labelled] = ()
) -> FastClassifier:
    """A classifier for `codes`, calibrated on scores out of interview: of `rows`, each interview by one of `FOLDS`
    models that never saw it, and of `choice`, interviews that are never fitted on.

    Needs rows of at least two interviews. A code without any positive row is scored by its base rate.
    """
    interviews = sorted({row.interview for row in rows if row.interview is not None})
    if len(interviews) < 2:
        raise ValueError("calibration needs labelled segments of at least two interviews")
    held_out: list[Labelled] = []
    scores: list[Floats] = []
    for fold in (interviews[i::FOLDS] for i in range(min(FOLDS, len(interviews)))):
        rest = [row for row in rows if row.interview not in fold]
        part = [row for row in rows if row.interview in fold]
        model = fit(name, rest, codes, encoder)
        held_out += part
        scores.append(model.logits([row.text for row in part], [row.question for row in part]))
    final = fit(name, rows, codes, encoder)
    if choice:
        held_out += choice
        scores.append(final.logits([row.text for row in choice], [row.question for row in choice]))
    slope, intercept, thresholds = calibrate(np.vstack(scores), targets(held_out, codes))
    return FastClassifier(name, tuple(codes), final.features, final.dense, final.sparse, slope, intercept, thresholds)


def fit(name: str, rows: Sequence[Labelled], codes: Sequence[str], encoder: Encoder) -> FastClassifier:
    """The two linear layers, not calibrated (slopes ½, intercept 0, thresholds ½)."""
    texts, questions = [row.text for row in rows], [row.question for row in rows]
    joined = together(texts, questions)
    features = Features(encoder, vectorizer("word", min_df=2).fit(joined), vectorizer("char_wb", min_df=3).fit(joined))
    labels = targets(rows, codes)
    return FastClassifier(
        name=name,
        codes=tuple(codes),
        features=features,
        dense=linear(features.vectors(texts, questions), labels, DENSE_C),
        sparse=linear(features.counts(texts, questions), labels, SPARSE_C),
        slope=np.full(2, 0.5, np.float32),
        intercept=np.full(len(codes), 0, np.float32),
        thresholds=np.full(len(codes), 0.5, np.float32),
    )


def linear(features: object, labels: NDArray[np.bool_], c: float) -> Floats:
    """One logistic regression a code, classes balanced, `c` the inverse strength of regularisation; shape
    (features + 1, codes), the last row the intercept. A code without positive rows gets zeros."""
    from sklearn.linear_model import LogisticRegression

    columns = []
    for column in labels.T:
        if column.any():
            model = LogisticRegression(
                C=c, class_weight="balanced", solver="liblinear", dual=True, max_iter=2000, random_state=0
            )
            model.fit(features, column)
            columns.append(np.append(model.coef_[0], model.intercept_))
        else:
            columns.append(np.zeros(features.shape[1] + 1))  # type: ignore[attr-defined]
    return np.array(columns, np.float32).T


def calibrate(logits: Floats, labels: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """From scores out of interview, shape (segments, codes, layers), and labels, shape (segments, codes): the slope of
    each layer, shape (layers,), the intercept and the threshold of each code, shape (codes,).

    The slopes, which say how much each layer is worth, are the same for all codes; the intercept of a rare code leans
    on the shared one, and so does its threshold (the probability that gives the best F1).
    """
    from sklearn.linear_model import LogisticRegression

    positives = labels.sum(axis=0)
    weight = positives / (positives + SHRINKAGE)
    shared = LogisticRegression(C=1e3).fit(logits.reshape(-1, logits.shape[2]), labels.reshape(-1))
    slope = np.maximum(shared.coef_[0], 0).astype(np.float32)  # a layer may be worth nothing, never less
    scores = np.asarray(logits @ slope, np.float32)
    own = np.array([_intercept(column, truth) for column, truth in zip(scores.T, labels.T, strict=True)])
    intercept = np.asarray(weight * own + (1 - weight) * float(shared.intercept_[0]), np.float32)
    probabilities = sigmoid(scores + intercept)
    common = _best_threshold(probabilities.ravel(), labels.ravel())
    best = [_best_threshold(column, truth) for column, truth in zip(probabilities.T, labels.T, strict=True)]
    return slope, intercept, np.asarray(weight * np.array(best) + (1 - weight) * common, np.float32)


def _intercept(scores: Floats, truth: NDArray[np.bool_]) -> float:
    """The intercept at which the mean probability equals the base rate (by bisection)."""
    wanted = (truth.sum() + 0.5) / (len(truth) + 1)
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(scores + middle).mean() < wanted else (low, middle)
    return low


def _best_threshold(probabilities: Floats, truth: NDArray[np.bool_]) -> float:
    """The threshold with the best F1; ½ when there is nothing to find."""
    if not truth.any():
        return 0.5
    order = np.argsort(-probabilities)
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(truth) + 1) + truth.sum())
    best = int(np.argmax(f1))
    after = probabilities[order[min(best + 1, len(order) - 1)]]
    return float((probabilities[order[best]] + after) / 2)


def interviews_of(rows: Iterable[Labelled]) -> list[str]:
    """The interviews that labelled rows come from, in order of name."""
    return sorted({row.interview for row in rows if row.interview is not None})
