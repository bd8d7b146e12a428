"""In which order segments are offered: as spoken, or the most informative first. Pure functions of scores and labels.

How much there is to learn from a segment, for one code:

    doubt  = 1 - |score - threshold| / room     1 where the score is at the threshold, 0 where the model is sure
    room   = threshold below it, 1 - threshold above it
    rarity = 1 + 1 / sqrt(1 + labels)           2 for a code without a label yet, towards 1 for one with many

A segment's worth is the sum of doubt x rarity over the three codes where that is most: one label answers for all of
them, and more than three would only count how many codes a book has.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

_MOST = 3


def thresholds(scores: Floats, suggested: Flags) -> Floats:
    """Per code, halfway between the lowest score that was suggested and the highest that was not; shape (codes,).

    `scores` and `suggested` have shape (segments, codes). The tables hold no thresholds, and this needs no model
    folder, which may have been replaced since. A code that was never suggested has its threshold above its highest
    score.
    """
    if not len(scores):
        return np.full(scores.shape[1], 0.5, np.float32)
    lowest = np.where(suggested, scores, 1.0).min(axis=0)
    highest = np.where(suggested, 0.0, scores).max(axis=0)
    # Where models of two runs stand in one table the two can cross; halfway is then still the best guess.
    return np.asarray((lowest + highest) / 2, np.float32)


def doubt(scores: Floats, limits: Floats) -> Floats:
    """How much the model doubts about each code, in [0, 1]; shape as `scores`. `limits` has shape (codes,)."""
    room = np.where(scores < limits, limits, 1 - limits)
    return np.asarray(np.clip(1 - np.abs(scores - limits) / np.maximum(room, 1e-6), 0, 1), np.float32)


def informative(scores: Floats, limits: Floats, labels: Sequence[int], judged: Flags) -> list[int]:
    """The rows of `scores`, the most informative first; what is judged comes last, and equals stay as spoken.

    `labels` counts, per code, the segments that carry it so far; `judged` has shape (segments,).
    """
    if not len(scores):
        return []
    rarity = 1 + 1 / np.sqrt(1 + np.asarray(labels, np.float32))
    worth = doubt(scores, limits) * rarity
    most = min(_MOST, worth.shape[1])
    total = np.partition(worth, -most, axis=1)[:, -most:].sum(axis=1) if most else np.zeros(len(worth), np.float32)
    return [int(row) for row in np.lexsort((-total, judged))]
