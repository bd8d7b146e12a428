"""The tree of the codebook in a prediction: that a variable is spoken of is surer than which of its codes it is, so the
variable decides whether one of its codes is suggested.

A variable that is found gets its best code suggested where none reached its own threshold; one that is not found takes
the suggestions of its codes away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def variable_of(code: str) -> str:
    """The variable of a code, the first part of its path."""
    return code.split("/")[0]


def variables_of(codes: Sequence[str]) -> tuple[str, ...]:
    """The variables of codes, in order of name."""
    return tuple(sorted({variable_of(code) for code in codes}))


def membership(codes: Sequence[str]) -> Bools:
    """Which code belongs to which variable; shape (codes, variables)."""
    names = variables_of(codes)
    return np.array([[variable_of(code) == name for name in names] for code in codes], bool).reshape(len(codes), -1)


@dataclass(frozen=True)
class Tree:
    """How a variable is decided on: by what its own layer says and by the best of its codes. `weights` has shape
    (variables, 3): of the variable's logit, of the best code's logit, and the intercept; `thresholds` (variables,)."""

    weights: Floats
    thresholds: Floats

    def found(self, logits: Floats, probabilities: Floats, codes: Sequence[str]) -> Bools:
        """Which variables are spoken of. `logits` are of the variables, shape (segments, variables); `probabilities` of
        the codes, shape (segments, codes). The answer has shape (segments, variables)."""
        chances = self.weights[:, 0] * logits + self.weights[:, 1] * best(probabilities, codes) + self.weights[:, 2]
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * chances)) >= self.thresholds, bool)

    def suggestions(self, logits: Floats, probabilities: Floats, thresholds: Floats, codes: Sequence[str]) -> Bools:
        """Which codes are suggested, `thresholds` being those of the codes; shape (segments, codes)."""
        suggested = probabilities >= thresholds
        found = self.found(logits, probabilities, codes)
        for column, belongs in enumerate(membership(codes).T):
            places = np.flatnonzero(belongs)
            suggested[np.ix_(~found[:, column], places)] = False
            bare = np.flatnonzero(found[:, column] & ~suggested[:, places].any(axis=1))
            suggested[bare, places[probabilities[np.ix_(bare, places)].argmax(axis=1)]] = True
        return suggested


def best(probabilities: Floats, codes: Sequence[str]) -> Floats:
    """The logit of the best code of each variable; shape (segments, variables)."""
    safe = np.clip(probabilities, 1e-4, 1 - 1e-4)
    top = np.stack([safe[:, belongs].max(axis=1) for belongs in membership(codes).T], axis=1)
    return np.asarray(np.log(top / (1 - top)), np.float32)
