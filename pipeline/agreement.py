"""Agreement between coders: pure functions over what each of them said of the same segments."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]


def cohen_kappa(first: Bools, second: Bools) -> float:
    """Cohen's κ of two coders for one code, each of shape (segments,); 0 when neither ever or always gives it.

    Source: Cohen (1960), "A coefficient of agreement for nominal scales", EPM 20(1).

    >>> both, first, second, neither = 20, 5, 10, 15
    >>> a = np.repeat([True, True, False, False], [both, first, second, neither])
    >>> b = np.repeat([True, False, True, False], [both, first, second, neither])
    >>> round(cohen_kappa(a, b), 2)
    0.4
    """
    observed = float((first == second).mean())
    expected = float(first.mean() * second.mean() + (1 - first.mean()) * (1 - second.mean()))
    return 0.0 if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(coders: Sequence[Bools]) -> float:
    """Krippendorff's α for one yes-or-no code, of coders who judged the same segments, each of shape (segments,);
    1 when nobody ever differs.

    Source: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example A (α = .095).

    >>> first = np.array([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], bool)
    >>> second = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0], bool)
    >>> round(krippendorff_alpha([first, second]), 3)
    0.095
    """
    votes = np.array(coders)
    raters, values = len(votes), votes.size
    yes = votes.sum(axis=0)
    observed = float((2 * yes * (raters - yes)).sum()) / (raters - 1)
    expected = 2.0 * float(votes.sum()) * (values - float(votes.sum())) / (values - 1)
    return 1.0 if expected == 0 else 1 - observed / expected
