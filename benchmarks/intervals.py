"""How often the interval for κ holds the true value, for studies of few interviews.

    python benchmarks/intervals.py

In each invented interview of 80 segments, how often the code occurs and how well the second coder finds it are drawn
anew; the true κ is that of 100,000 such interviews.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.agreement.measure import resamples
from pipeline.agreement.statistics import table_kappa

STUDIES, SEGMENTS, INTERVIEWS = 600, 80, 100_000


def main() -> None:
    """Print a line for each size of study."""
    rng = np.random.default_rng(3)
    talks = np.array([_talk(rng) for _ in range(INTERVIEWS)], float)
    true = float(table_kappa(talks.sum(axis=0)))
    for size in (4, 8, 12, 17, 30):
        draws, held = resamples(size)[1:], 0
        for _ in range(STUDIES):
            study = talks[rng.integers(0, len(talks), size)]
            low, high = np.nanpercentile(table_kappa(np.tensordot(draws, study, 1)), [2.5, 97.5])
            held += low <= true <= high
        print(f"{size} interviews: {held / STUDIES:.0%} of intervals hold the true value")


def _talk(rng: np.random.Generator) -> list[list[int]]:
    """The table of two coders in one interview: no and yes of the first, by no and yes of the second."""
    often, found, invented = rng.beta(3, 12), rng.beta(16, 4), rng.beta(1, 40)
    first = rng.random(SEGMENTS) < often
    second = np.where(first, rng.random(SEGMENTS) < found, rng.random(SEGMENTS) < invented)
    return [[int((~first & ~second).sum()), int((~first & second).sum())],
            [int((first & ~second).sum()), int((first & second).sum())]]  # fmt: skip


if __name__ == "__main__":
    main()
