"""What is to be expected of a model, from scores out of interview: what it would suggest, and how far that agrees."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.agreement.statistics import cohen_kappa
from pipeline.answers import Agreement
from pipeline.tree import Bools, Floats

if TYPE_CHECKING:
    from pipeline.training import Labelled

Predict = Callable[[Floats], tuple[Floats, Bools]]
"""From what layers say of segments to probabilities and suggestions; both of shape (segments, codes)."""

Settle = Callable[[Floats, "Sequence[Labelled]"], Predict]
"""Calibration and thresholds, from what layers say of rows that they did not see."""

GROUPS = 5
"""Into so many the interviews are put, to decide on each with what the others say."""


def cross_fit(logits: Floats, rows: "Sequence[Labelled]", settle: Settle) -> tuple[Floats, Bools]:
    """Probabilities and suggestions for `rows`, from `logits` of layers that did not see their interviews, calibrated
    and with thresholds from the other interviews alone; both of shape (rows, codes), in the order of `rows`.

    Needs rows of at least two interviews.
    """
    parts = groups(rows)
    found = []
    for held in parts:
        rest = np.setdiff1d(np.arange(len(rows)), held)
        found.append(settle(logits[rest], [rows[i] for i in rest])(logits[held]))
    order = np.argsort(np.concatenate(parts))
    return np.vstack([scores for scores, _ in found])[order], np.vstack([suggested for _, suggested in found])[order]


def groups(rows: "Sequence[Labelled]") -> list[NDArray[np.int64]]:
    """The rows of each group of interviews, as positions; at most GROUPS groups."""
    names = {name: number for number, name in enumerate(sorted({row.interview or "" for row in rows}))}
    group = np.array([names[row.interview or ""] % GROUPS for row in rows], np.int64)
    return [np.flatnonzero(group == number) for number in np.unique(group)]


def expected_agreement(labels: Bools, sure: Bools, suggested: Bools, codes: Sequence[str]) -> dict[str, Agreement]:
    """κ of suggestions with labels for each code that occurs, as far as they are `sure`; all of shape (rows, codes)."""
    labels = labels & sure
    return {
        code: Agreement(float(cohen_kappa(labels[sure[:, i], i], suggested[sure[:, i], i])), int(labels[:, i].sum()))
        for i, code in enumerate(codes)
        if labels[:, i].any()
    }
