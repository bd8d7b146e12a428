"""Training: labelled segments in, a calibrated classifier out.

Everything that is chosen from scores (calibration, thresholds) is chosen from scores out of interview: each
interview is scored by a model that never saw it.
"""

import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.answers import UNMEASURED, Agreement, Limits
from pipeline.calibration import best_threshold, calibrate, fit_limits
from pipeline.classifier import FastClassifier, Floats
from pipeline.codebook import Codebook
from pipeline.corpus.data import prepare, read_corpus
from pipeline.corpus.gold import GOLD
from pipeline.corpus.passages import read_passages
from pipeline.expected import Predict, cross_fit, expected_agreement, groups
from pipeline.features import Features, fit_features
from pipeline.persons.register import read_register
from pipeline.settings import Settings
from pipeline.suggesting import Decision, of_variables, sigmoid
from pipeline.tree import Bools, Tree, best, membership

STRENGTH = 0.3
"""Inverse strength of regularisation of the linear layer."""

THREADS = 2

FOLDS = 5
"""Into so many groups the interviews are put, to score each by a model that never saw it."""


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


def passage_rows(folder: Path) -> list[Labelled]:
    """The single passages of a corpus as training rows that belong to no interview. Raises CodeboomError."""
    return [Labelled(p.text, p.question, p.codes, None) for p in read_passages(folder / "passages")]


def targets(rows: Sequence[Labelled], codes: Sequence[str]) -> Bools:
    """Which row carries which code; shape (rows, codes)."""
    return np.array([[code in row.codes for code in codes] for row in rows], bool).reshape(len(rows), len(codes))


@dataclass(frozen=True)
class HeldOut:
    """Rows with what models say of them that did not see their interview: `logits` has shape (rows, codes + variables).
    `final` saw all that is trained on."""

    rows: Sequence[Labelled]
    logits: Floats
    final: "Layer"


def held_out(rows: Sequence[Labelled], codes: Sequence[str], choice: Sequence[Labelled] = ()) -> HeldOut:
    """Of `rows` each interview scored by one of `FOLDS` models that never saw it, and `choice`, interviews that are
    never fitted on, by the final one. Needs rows of at least two interviews, `choice` counted."""
    parts, scores = [], []
    for part, rest in folds(rows, choice):
        parts += part
        scores.append(fit(rest, codes).logits(part))
    final = fit(rows, codes)
    if choice:
        scores.append(final.logits(choice))
    return HeldOut([*parts, *choice], np.vstack(scores), final)


def folds(rows: Sequence[Labelled], choice: Sequence[Labelled] = ()) -> list[tuple[list[Labelled], list[Labelled]]]:
    """The rows of a group of interviews, and all others; once for each of `FOLDS` groups. Raises ValueError where there
    are too few interviews to calibrate on."""
    interviews = interviews_of(rows)
    if len(interviews) + len(interviews_of(choice)) < 2:
        raise ValueError("calibration needs labelled segments of at least two interviews")
    groups = [set(interviews[i::FOLDS]) for i in range(min(FOLDS, len(interviews)))]
    return [([r for r in rows if r.interview in fold], [r for r in rows if r.interview not in fold]) for fold in groups]


def train(name: str, rows: Sequence[Labelled], codes: Sequence[str], choice: Sequence[Labelled] = ()) -> FastClassifier:
    """A classifier for `codes`, calibrated on scores out of interview (see `held_out`). A code without any positive row
    is scored by its base rate."""
    return settle(name, held_out(rows, codes, choice), codes)


def settle(name: str, held: HeldOut, codes: Sequence[str]) -> FastClassifier:
    """The classifier of `held.final`, with calibration and thresholds from what was held out."""
    logits, final = held.logits[:, :, None], held.final
    decision, (limits, agreement) = decide(logits, held.rows, codes), expect(logits, held.rows, codes)
    return FastClassifier(name, tuple(codes), final.features, final.weights, decision, limits, agreement)


def decide(logits: Floats, rows: Sequence[Labelled], codes: Sequence[str]) -> Decision:
    """How to weigh the layers, with calibration and thresholds, from what they say of rows whose interviews they did
    not see; shape (rows, codes + variables, layers)."""
    labels, sure, own = targets(rows, codes), known(rows, codes), logits[:, : len(codes)]
    slope, intercept, thresholds = calibrate(own, labels, sure)
    scores = sigmoid(np.asarray(own @ slope + intercept, np.float32))
    tree = fit_tree(of_variables(logits[:, len(codes) :], slope), scores, labels, sure, codes)
    return Decision(slope, intercept, thresholds, tree)


@dataclass(frozen=True)
class Layer:
    """The linear layer, not calibrated: see `FastClassifier`."""

    features: Features
    weights: Floats

    def logits(self, rows: Sequence[Labelled]) -> Floats:
        """What it says of codes and variables; shape (rows, codes + variables)."""
        matrix = self.features.matrix([row.text for row in rows], [row.question for row in rows])
        return np.asarray(matrix @ self.weights[:-1] + self.weights[-1], np.float32)


def fit(rows: Sequence[Labelled], codes: Sequence[str]) -> Layer:
    """The linear layer of codes and variables."""
    texts, questions = [row.text for row in rows], [row.question for row in rows]
    features = fit_features(texts, questions)
    labels, sure = above(targets(rows, codes), known(rows, codes), codes)
    return Layer(features, linear(features.matrix(texts, questions), labels, sure))


def above(labels: Bools, sure: Bools, codes: Sequence[str]) -> tuple[Bools, Bools]:
    """Labels and what is sure of them, shape (rows, codes), with a column for each variable behind them. A row has a
    variable when it has one of its codes; it is sure to lack it when all of its codes are."""
    belongs = membership(codes)
    tops = labels @ belongs
    return np.hstack([labels, tops]), np.hstack([sure, tops | ~(~sure @ belongs)])


def fit_tree(variables: Floats, probabilities: Floats, labels: Bools, sure: Bools, codes: Sequence[str]) -> Tree:
    """How variables are decided on, from scores out of interview: logits of the variables and probabilities of the
    codes. A variable that never occurs is never found."""
    from sklearn.linear_model import LogisticRegression

    both, known_both = above(labels, sure, codes)
    highest = best(probabilities, codes)
    weights, thresholds = np.zeros((variables.shape[1], 3), np.float32), np.full(variables.shape[1], 2, np.float32)
    for at in range(variables.shape[1]):
        rows = known_both[:, len(codes) + at]
        truth = both[rows, len(codes) + at]
        if not truth.any():
            continue
        if truth.all():
            thresholds[at] = 0
            continue
        evidence = np.stack([variables[rows, at], highest[rows, at]], axis=1)
        model = LogisticRegression(C=1.0).fit(evidence, truth)
        weights[at] = [*model.coef_[0], model.intercept_[0]]
        thresholds[at] = best_threshold(np.asarray(model.predict_proba(evidence)[:, 1], np.float32), truth)
    return Tree(weights, thresholds)


def known(rows: Sequence[Labelled], codes: Sequence[str]) -> Bools:
    """Of which row it is known whether it carries which code; shape (rows, codes)."""
    return ~np.array([[code in row.unknown for code in codes] for row in rows], bool).reshape(len(rows), len(codes))


def linear(features: Any, labels: Bools, sure: Bools, c: float = STRENGTH) -> Floats:
    """One linear support vector machine a code, classes balanced, fitted on the rows that are `sure` of it; `c` is the
    inverse strength of regularisation. Shape (features + 1, codes), the last row the intercept. A code of which not
    both a positive and a negative row are known gets zeros."""
    from sklearn.svm import LinearSVC

    def column(code: int) -> Floats:
        rows = np.flatnonzero(sure[:, code])
        truth = labels[rows, code]
        if not truth.any() or truth.all():
            return np.zeros(features.shape[1] + 1, np.float32)
        model = LinearSVC(C=c, class_weight="balanced", max_iter=2000, random_state=0)
        model.fit(features if len(rows) == len(sure) else features[rows], truth)
        return np.append(model.coef_[0], model.intercept_).astype(np.float32)

    with warnings.catch_warnings(), ThreadPool(THREADS) as pool:  # the library lets go of Python's lock while it fits
        warnings.filterwarnings("ignore", category=UserWarning)  # one code in thousands stops short of the last digit
        return np.array(pool.map(column, range(labels.shape[1])), np.float32).T


def expect(logits: Floats, rows: Sequence[Labelled], codes: Sequence[str]) -> tuple[Limits, dict[str, Agreement]]:
    """Between which scores a model doubts, and the agreement that is to be expected of it: from what layers say of rows
    whose interviews they did not see, each interview calibrated and given thresholds on the others. Where no code, or
    every code, is left without one group of interviews, nothing can be expected."""
    labels, sure = targets(rows, codes), known(rows, codes)
    rest = [np.delete(labels, held, 0)[np.delete(sure, held, 0)] for held in groups(rows)]
    if len(rest) < 2 or any(truth.all() or not truth.any() for truth in rest):
        return UNMEASURED, {}

    def on_others(part: Floats, of: Sequence[Labelled]) -> Predict:
        decision = decide(part, of, codes)
        return lambda said: decision.predict(said, codes)

    scores, suggested = cross_fit(logits, rows, on_others)
    return fit_limits(scores, suggested, labels, sure), expected_agreement(labels, sure, suggested, codes)


def interviews_of(rows: Iterable[Labelled]) -> list[str]:
    """The interviews that labelled rows come from, in order of name."""
    return sorted({row.interview for row in rows if row.interview is not None})
