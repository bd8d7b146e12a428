"""Labels that deserve a second look: where models that never saw the interview disagree with the coder, and are sure.

As in confident learning (Northcutt, Jiang and Chuang, 2021): a code that was refused is suspect where its score is at
least the mean score of the segments that were given it; one that was given, where its score is at most the mean of
those refused. Sureness is relative to what is usual for that code, so that a rare code, with low scores, is not
forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.tree import Bools, Floats

FEWEST = 3
"""A code that was given less often says too little about what is usual for it."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One label to look at again, by row and column of the scores: whether the code was given, its score out of
    interview, and how far that is past what is usual (the larger the stranger)."""

    row: int
    column: int
    given: bool
    score: float
    strange: float


def second_look(scores: Floats, truth: Bools, known: Bools) -> list[Suspect]:
    """The labels that deserve a second look, the strangest first. All three have shape (segments, codes); `scores` are
    out of interview, and what is not `known` was not judged. Suggests, and changes nothing."""
    found = []
    for column in range(scores.shape[1]):
        yes, no = known[:, column] & truth[:, column], known[:, column] & ~truth[:, column]
        if yes.sum() < FEWEST or not no.any():
            continue
        values = scores[:, column].astype(float)
        high, low = values[yes].mean(), values[no].mean()
        if high <= low:  # the model knows nothing of this code
            continue
        past = np.where(yes, low - values, values - high) / (high - low)
        found += [
            Suspect(int(row), column, bool(truth[row, column]), float(values[row]), float(past[row]))
            for row in np.flatnonzero((yes | no) & (past >= 0))
        ]
    return sorted(found, key=lambda one: (-one.strange, one.row, one.column))


def by_segment(suspects: Sequence[Suspect]) -> int:
    """In how many segments there is something to look at."""
    return len({one.row for one in suspects})
