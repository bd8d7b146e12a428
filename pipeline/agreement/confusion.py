"""Which codes are taken for which: what the other coder gave where one gave a code and the other did not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from pipeline.agreement.units import Codes, Units

NOTHING = "geen code"
NOTHING_ELSE = "geen andere code"


@dataclass(frozen=True, slots=True)
class Confusion:
    """Two coders, and how often the first gave code `x` where the second gave `y`, by (x, y).

    Codes that both gave a segment are taken out first, and stand on the diagonal (x, x). Of what is left, each code of
    one stands against each code of the other. Where nothing is left of one of the two, NOTHING stands there if that
    coder gave the segment no code at all, else NOTHING_ELSE. Segments that neither coded do not count.
    """

    first: str
    second: str
    cells: Mapping[tuple[str, str], int]


def confuse(names: tuple[str, ...], units: Units) -> tuple[Confusion, ...]:
    """The confusion of every pair of coders."""
    found = []
    for one, other in combinations(range(len(names)), 2):
        cells: Counter[tuple[str, str]] = Counter()
        for first, second in zip(units.codes[one], units.codes[other], strict=True):
            cells.update((code, code) for code in first & second)
            if first != second:
                cells.update((x, y) for x in _left(first, second) for y in _left(second, first))
        found.append(Confusion(names[one], names[other], dict(cells)))
    return tuple(found)


def _left(mine: Codes, theirs: Codes) -> list[str]:
    return sorted(mine - theirs) or [NOTHING_ELSE if mine else NOTHING]


def both_ways(found: tuple[Confusion, ...]) -> Mapping[tuple[str, str], int]:
    """The cells of one pair as they are; of more pairs, their sum in both directions, since "first" means nothing."""
    if len(found) == 1:
        return found[0].cells
    cells: Counter[tuple[str, str]] = Counter()
    for confusion in found:
        for (x, y), count in confusion.cells.items():
            cells[x, y] += count
            if x != y:
                cells[y, x] += count
    return dict(cells)
