"""Figures as Dutch text: decimal commas, never 1 for what is not quite 1, small numbers in words."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from pipeline.agreement.measure import Estimate

SMALL = ("geen", "één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen", "tien", "elf", "twaalf")


def number(value: float, digits: int = 2) -> str:
    """A number with a decimal comma.

    >>> number(0.615), number(-0.29), number(-0.001), number(float("nan"))
    ('0,62', '−0,29', '0,00', 'niet te bepalen')
    """
    return "niet te bepalen" if np.isnan(value) else rounded(value, digits).replace(".", ",").replace("-", "−")


def rounded(value: float, digits: int = 2) -> str:
    """A number rounded as a spreadsheet and a person do, half up: Python would make .62 of .625, and Excel .63."""
    found = Decimal(f"{value:.12f}").quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return str(found if found else abs(found))  # no -0


def interval(estimate: Estimate, share: bool = False) -> str:
    """The interval of a statistic, such as "0,52 tot 0,70" or "52,1% tot 70,0%"; "" where there is none."""
    if np.isnan(estimate.low):
        return ""
    if share:
        return f"{percent(estimate.low)} tot {percent(estimate.high)}"
    digits = digits_of(estimate)
    return f"{number(estimate.low, digits)} tot {number(estimate.high, digits)}"


def digits_of(estimate: Estimate) -> int:
    """Two decimals, but more where a figure that is not quite 1 would look like it."""
    figures = (estimate.value, estimate.low, estimate.high)
    enough = (d for d in range(2, 6) if not any(1 - 0.5 * 10**-d - 1e-12 <= x < 1 - 1e-12 for x in figures))
    return next(enough, 6)


def percent_digits(estimate: Estimate) -> int:
    """The same for a percentage: one decimal, or more."""
    return max(1, digits_of(estimate) - 2)


def percent(value: float) -> str:
    """A share as a percentage."""
    digits = percent_digits(Estimate(value))
    return "niet te bepalen" if np.isnan(value) else f"{number(value * 100, digits)}%"


def short(estimate: Estimate) -> str:
    """A statistic without its interval."""
    return number(estimate.value, digits_of(estimate))


def with_interval(estimate: Estimate) -> str:
    """A statistic with its interval in brackets, if it has one."""
    limits = interval(estimate)
    return short(estimate) + (f" (95%-interval {limits})" if limits else "")


def counted(amount: int, one: str, many: str) -> str:
    """How many there are of something, up to twelve in words."""
    if not amount:
        return f"geen enkele {one}"
    return f"{SMALL[amount] if amount < len(SMALL) else amount} {one if amount == 1 else many}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b en c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} en {names[-1]}"
