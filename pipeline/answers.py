"""The three answers to whether a code belongs to a segment, suggest, doubt and none; and how far to trust a code.

There is one definition, for the tables, the workbook and the review page:

    suggest   suggested (threshold and tree say so), and at such a score at least half of what is suggested is right
    doubt     suggested, and at such a score less than half is right; or not suggested, and yet there is a chance of
              at least FAIR that it is right: of all such cases together about one in five is
    none      anything else

`records.Coding` holds the answer. Where those chances lie is measured per code on interviews that the model did not
see (`calibration.fit_limits`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from pipeline.tree import Bools, Floats

FAIR, HALF = 0.15, 0.5
"""The chances at which doubt begins and ends. With .15 about one in five of the codes in doubt is right: a chance of
.2 would find half as many (29 and 52 of the 311 that were missed out of interview)."""

FEWEST = 5
"""On fewer segments than this, agreement on a code is not known."""


@dataclass(frozen=True)
class Limits:
    """Between which scores the model doubts: a code that is not suggested from `low` on, one that is suggested below
    `high`. Both of shape (codes,), or () where they hold for every code."""

    low: Floats
    high: Floats

    def doubt(self, scores: Floats, suggested: Bools) -> Bools:
        """Where the answer is doubt; all of shape (segments, codes)."""
        return np.where(suggested, scores < self.high, scores >= self.low)


UNMEASURED = Limits(np.float32(FAIR), np.float32(HALF))  # type: ignore[arg-type]
"""Of a model without limits: a score is a calibrated chance, so it is taken at its word."""


class Agreement(NamedTuple):
    """The κ with a human coder that is to be expected on a code, and on how many segments with the code it rests."""

    kappa: float
    positives: int

    @property
    def word(self) -> str:
        """What the figure says, in Dutch."""
        if self.positives < FEWEST:
            return "onbekend"
        shown = round(self.kappa, 2)
        return "goed" if shown >= 0.6 else "matig" if shown >= 0.4 else "laag"


UNKNOWN = Agreement(0.0, 0)


def write_agreement(agreement: Mapping[str, Agreement]) -> dict[str, dict[str, float]]:
    """The expected agreement per code, as it stands in `model.json` and `run.json`."""
    return {code: {"kappa": round(found.kappa, 4), "positives": found.positives} for code, found in agreement.items()}


def read_agreement(stored: Mapping[str, Any]) -> dict[str, Agreement]:
    """The expected agreement per code, from what `write_agreement` made; an extra, so what is damaged says nothing."""
    try:
        return {code: Agreement(float(found["kappa"]), int(found["positives"])) for code, found in stored.items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}
