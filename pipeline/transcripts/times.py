"""Times in transcript files, in milliseconds.

The grammar is `-?H:-?M:-?S[.,]digits` with 1-7 digits, or without hours, or without a fraction.
"""

import re
from typing import NamedTuple

_TIME = r"(-?\d{1,4}):(-?\d{1,3})(?::(-?\d{1,3}))?(?:[.,](-?\d{1,7}))?"
_TIMING = re.compile(rf"\s*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:\s|$)")
_BROKEN_TIMING = re.compile(r"\s*-?\d[-\d:.,]*[ \t]*-->")
_OFFSET = re.compile(rf"\s*{_TIME}\s*$")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})$")

LONGEST_MS = 10_000 * 3_600_000
"""Times at or above this (10,000 hours) are no times of a recording."""

Parts = tuple[str, str, str | None, str | None]


class Timing(NamedTuple):
    """The two times of a timing line as written, to be valued once the whole file has been seen."""

    start: Parts
    end: Parts

    def unpadded(self) -> bool:
        """Whether the line is of the old Teams client, which writes `0:0:6.90`."""
        return any(_unpadded(parts) for parts in self)


def timing_line(line: str) -> Timing | None:
    """The two times of a line `start --> end`, cue settings ignored; None when it is no timing line."""
    if "-->" not in line or (match := _TIMING.match(line)) is None:
        return None
    found = match.groups()
    return Timing((found[0], found[1], found[2], found[3]), (found[4], found[5], found[6], found[7]))


def broken_timing_line(line: str) -> bool:
    """Whether a line sets out as a timing line but cannot be read as one, as where a file was cut off."""
    return "-->" in line and _BROKEN_TIMING.match(line) is not None


def milliseconds(parts: Parts, unpadded: bool) -> int:
    """The value of a written time; negative where any part carries a minus.

    In an `unpadded` file one or two digits of a fraction are an integer number of milliseconds, as the old
    Teams client writes them: `0:0:6.90` is 6.090 s. Elsewhere they are decimals; 7 digits are ticks of 100 ns.
    """
    first, second, third, fraction = parts
    hours, minutes, seconds = (first, second, third) if third is not None else ("0", first, second)
    value = (abs(int(hours)) * 3600 + abs(int(minutes)) * 60 + abs(int(seconds))) * 1000
    if fraction is not None:
        digits = fraction.removeprefix("-")
        if unpadded and len(digits) < 3:
            value += int(digits)
        else:
            value += (int(digits.ljust(7, "0")) + 5_000) // 10_000
    return -value if any(part is not None and part.startswith("-") for part in parts) else value


def offset(text: str) -> int | None:
    """A time on its own, such as `00:00:08.8273871`, in milliseconds; None when it is not one."""
    match = _OFFSET.match(text) if len(text) < 40 else None
    if match is None:
        return None
    found = match.groups()
    return milliseconds((found[0], found[1], found[2], found[3]), unpadded=False)


def clock(text: str) -> int | None:
    """A whole-second `M:SS` or `H:MM:SS` in milliseconds; None when `text` is not exactly that."""
    match = _CLOCK.match(text) if len(text) < 12 else None
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def seconds_value(value: object) -> int | None:
    """A JSON number of seconds in milliseconds; None for NaN, infinity, the absurd and what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not -LONGEST_MS < value * 1000 < LONGEST_MS:  # NaN fails this too
        return None
    return round(value * 1000)


def write_time(ms: int) -> str:
    """Milliseconds as a padded VTT time, `HH:MM:SS.mmm`."""
    seconds, rest = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"


def _unpadded(parts: Parts) -> bool:
    first, second, third, _ = parts
    return third is not None and 1 in (len(first.lstrip("-")), len(second.lstrip("-")), len(third.lstrip("-")))
