"""Scores to act on: probabilities, thresholds, and where a model doubts, from scores out of interview.

Pure functions of arrays: `logits` or `scores` of segments, `labels` (which code each carries) and what is `sure`.
"""

from typing import Any

import numpy as np

from pipeline.answers import FAIR, HALF, Limits
from pipeline.suggesting import sigmoid
from pipeline.tree import Bools, Floats

SHRINKAGE = 40
"""A code with this many positives weighs its own threshold and base rate as much as the shared ones."""


def calibrate(logits: Floats, labels: Bools, sure: Bools | None = None) -> tuple[Floats, Floats, Floats]:
    """From scores out of interview, shape (segments, codes, layers), and labels, shape (segments, codes), as far as
    they are `sure`: the slope of each layer, shape (layers,); the intercept and threshold of each code, shape (codes,).

    The slopes, which say how much each layer is worth, are the same for all codes; the intercept of a rare code leans
    on the shared one, and so does its threshold (the probability that gives the best F1).
    """
    from sklearn.linear_model import LogisticRegression

    sure = np.ones_like(labels) if sure is None else sure
    labels = labels & sure
    positives = labels.sum(axis=0)
    weight = positives / (positives + SHRINKAGE)
    shared = LogisticRegression(C=1e3).fit(logits[sure], labels[sure])
    slope = np.maximum(shared.coef_[0], 0).astype(np.float32)  # a layer may be worth nothing, never less
    scores = np.asarray(logits @ slope, np.float32)
    columns = [(scores[sure[:, i], i], labels[sure[:, i], i]) for i in range(labels.shape[1])]
    own = np.array([_intercept(column, truth) for column, truth in columns])
    intercept = np.asarray(weight * own + (1 - weight) * float(shared.intercept_[0]), np.float32)
    common = best_threshold(sigmoid(scores + intercept)[sure], labels[sure])
    best = [
        best_threshold(sigmoid(column + own), truth) for (column, truth), own in zip(columns, intercept, strict=True)
    ]
    return slope, intercept, np.asarray(weight * np.array(best) + (1 - weight) * common, np.float32)


def fit_limits(scores: Floats, suggested: Bools, labels: Bools, sure: Bools) -> Limits:
    """Between which scores the model doubts, from scores and suggestions out of interview; all of shape (segments,
    codes). Among those that were suggested, and among the others, a score is a chance of another height."""
    low = _score_of(FAIR, scores, labels, sure & ~suggested)
    return Limits(low, _score_of(HALF, scores, labels, sure & suggested))


def _score_of(chance: float, scores: Floats, labels: Bools, cases: Bools) -> Floats:
    """The score of each code at which that share of `cases` is right; the share itself where nothing tells."""
    if not labels[cases].any() or labels[cases].all():
        return np.full(labels.shape[1], chance, np.float32)
    slope, intercept, _ = calibrate(_logit(scores)[:, :, None], labels, cases)
    return sigmoid((_logit(np.float32(chance)) - intercept) / np.maximum(slope[0], 1e-6))


def _logit(probabilities: Any) -> Any:
    safe = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.log(safe / (1 - safe))


def _intercept(scores: Floats, truth: Bools) -> float:
    """The intercept at which the mean probability equals the base rate (by bisection)."""
    if not len(truth):
        return 0.0
    wanted = (truth.sum() + 0.5) / (len(truth) + 1)
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if sigmoid(scores + middle).mean() < wanted else (low, middle)
    return low


def best_threshold(probabilities: Floats, truth: Bools) -> float:
    """The threshold with the best F1; ½ when there is nothing to find."""
    if not truth.any():
        return 0.5
    order = np.argsort(-probabilities)
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(truth) + 1) + truth.sum())
    best = int(np.argmax(f1))
    after = probabilities[order[min(best + 1, len(order) - 1)]]
    return float((probabilities[order[best]] + after) / 2)
