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

Not every coder judges every code everywhere: an open code is made halfway, a model learns it later still, and a
suggestion may be accepted unseen. Who did not give what they could not give did not refuse it. So what is compared of a
segment is the codes that every compared coder judged there: it counts for a code if that is among them, for a
dimension, variable or set if one of its codes is, and a code outside them is as if nobody gave it. A run of uncoded
talk counts for a code, still once, if at least one of its segments does: cutting runs where a code came into use would
count the same silence more often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    to code. `blind` holds the segments judged without seeing suggestions; `silent`, by segment_id, the codes that the
    coder did not judge there, and so neither gave nor refused. A model of which several versions coded has these as its
    `parts`."""

    name: str
    kind: Kind
    codes: Mapping[str, Codes]
    blind: frozenset[str] = frozenset()
    silent: Mapping[str, Codes] = field(default_factory=dict)
    parts: "tuple[Coder, ...]" = ()


@dataclass(frozen=True, slots=True)
class Units:
    """What the coders gave to each unit: `codes` by coder, then by unit; the interview of each unit, and its `silent`
    codes, which not every coder judged there."""

    interviews: tuple[str, ...]
    codes: tuple[tuple[Codes, ...], ...]
    silent: tuple[Codes, ...]

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


def silent_codes(segment_id: str, coders: Sequence[Coder]) -> Codes:
    """The codes that not every coder judged in this segment."""
    nothing: Codes = frozenset()
    return nothing.union(*(coder.silent.get(segment_id, nothing) for coder in coders))


def count_units(segments: Sequence[Segment], coders: Sequence[Coder], counting: Counting) -> Units:
    """The units that jointly judged talk makes, counted as `counting` says.

    A run ends where the interview ends, and at a segment that somebody did not judge.
    """
    interviews: list[str] = []
    given: list[tuple[Codes, ...]] = []
    silent: list[Codes] = []
    quiet: str | None = None  # the interview of the segment before this one, if nobody coded that
    for segment in segments:
        if not all(segment.segment_id in coder.codes for coder in coders):
            quiet = None
            continue
        unasked = silent_codes(segment.segment_id, coders)
        found = tuple(coder.codes[segment.segment_id] - unasked for coder in coders)
        uncoded = not any(found)
        again, quiet = uncoded and quiet == segment.interview, segment.interview if uncoded else None
        if counting == "once" and again:
            silent[-1] &= unasked
        elif counting != "coded" or not uncoded:
            interviews.append(segment.interview)
            given.append(found)
            silent.append(unasked)
    by_coder = tuple(zip(*given, strict=True)) or tuple(() for _ in coders)
    return Units(tuple(interviews), by_coder, tuple(silent))
