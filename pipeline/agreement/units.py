"""The units that agreement is counted on: what every compared coder has judged, and talk that nobody coded.

In interviews most talk carries no code, and coders agree on that without effort: the more such segments the cutting
makes, the higher percent agreement and AC1, and the rarer a code the lower κ. So agreement is counted in three ways.

- `once` (the one to report): a run of adjacent segments that no compared coder gave any code is one unit. So does
  Krippendorff with text between coded passages: the gap between two units is one section of the continuum, however
  long (Krippendorff 1995, "On the reliability of unitizing continuous data", Sociological Methodology 25, 47-76;
  Krippendorff, Mathet, Bouvry and Widlöcher 2016, "On the reliability of unitizing textual continua", Quality &
  Quantity 50, 2347-2364). He weighs a section by its length. Here it counts once whatever its length, which is our
  choice: so agreement does not depend on how finely talk was cut, and still counts that there was nothing to code.
- `all`: every jointly judged segment is a unit. It is what other programs compute from the same table.
- `coded`: only segments that at least one compared coder gave at least one code: whether they agree on which code,
  once there is something to code. On why units matter for interviews, see Campbell, Quincy, Osserman and Pedersen
  (2013), "Coding In-depth Semistructured Interviews", Sociological Methods & Research 42(3), 294-320.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from pipeline.errors import CodeboomError
from pipeline.records import Segment

Counting = Literal["once", "all", "coded"]
Kind = Literal["model", "person", "file"]
Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Coder:
    """What one coder made of the segments that they judged: the codes given, by segment_id, none where there is nothing
    to code. `blind` holds the segments judged without seeing suggestions; `knows` the codes that they could give,
    None for all of the codebook. A model of which several versions coded has these as its `parts`."""

    name: str
    kind: Kind
    codes: Mapping[str, Codes]
    blind: frozenset[str] = frozenset()
    knows: Codes | None = None
    parts: "tuple[Coder, ...]" = ()


@dataclass(frozen=True, slots=True)
class Units:
    """What the coders gave to each unit: `codes` by coder, then by unit, and the interview of each unit."""

    interviews: tuple[str, ...]
    codes: tuple[tuple[Codes, ...], ...]

    def __len__(self) -> int:
        return len(self.interviews)


def joint(segments: Sequence[Segment], coders: Sequence[Coder]) -> tuple[Segment, ...]:
    """The segments that every coder judged, in order. Raises CodeboomError when there are none."""
    found = tuple(s for s in segments if all(s.segment_id in coder.codes for coder in coders))
    if not found:
        common = "; ".join(
            f"{a.name} and {b.name}: {sum(s.segment_id in a.codes and s.segment_id in b.codes for s in segments)}"
            for a, b in combinations(coders, 2)
        )
        raise CodeboomError(
            f"No segment was judged by all {len(coders)} coders, so that nothing can be compared. Segments in common: "
            f"{common}. Choose others with --coders, or let them finish the same segments."
        )
    return found


def count_units(
    segments: Sequence[Segment], coders: Sequence[Coder], counting: Counting, known: Codes | None = None
) -> Units:
    """The units that jointly judged talk makes, counted as `counting` says; codes outside `known` do not exist.

    A run ends where the interview ends, and at a segment that somebody did not judge.
    """
    chosen = list(_chosen(segments, coders, counting, known))
    given = tuple(zip(*(codes for _, codes in chosen), strict=True)) or tuple(() for _ in coders)
    return Units(tuple(interview for interview, _ in chosen), given)


def _chosen(
    segments: Sequence[Segment], coders: Sequence[Coder], counting: Counting, known: Codes | None
) -> Iterator[tuple[str, tuple[Codes, ...]]]:
    quiet: str | None = None  # the interview of the segment before this one, if nobody coded that
    for segment in segments:
        if not all(segment.segment_id in coder.codes for coder in coders):
            quiet = None
            continue
        found = tuple(
            coder.codes[segment.segment_id] if known is None else coder.codes[segment.segment_id] & known
            for coder in coders
        )
        uncoded = not any(found)
        again, quiet = uncoded and quiet == segment.interview, segment.interview if uncoded else None
        if counting == "all" or not uncoded or (counting == "once" and not again):
            yield segment.interview, found
