"""Cut the text of a VTT, an SRT or a Graph export into cues, whatever blank lines were lost or added.

A timing line opens a cue; the line before it may be its id; what follows, up to the next cue, is its payload.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.transcripts.draft import Tally
from pipeline.transcripts.times import Timing, broken_timing_line, milliseconds, timing_line

_UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_SURE_ID = re.compile(rf"(?:{_UUID}(?:/\d+)?(?:-\d+)?|[\w-]+/\d+-\d+)$")
_BLOCK = re.compile(r"(?:NOTE(?:[ \t]|$)|STYLE[ \t]*$|REGION[ \t]*$)")


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue as it stands in the file: id or None, times in ms or None, the lines of its payload that are not
    blank, and the characters [start, end) of the whole cue."""

    id: str | None
    start_ms: int | None
    end_ms: int | None
    lines: tuple[str, ...]
    span: tuple[int, int]


@dataclass(slots=True)
class CueFile:
    """The cues of a file in its order, and what tells its variant."""

    cues: list[Cue] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    has_header: bool = False
    unpadded: bool = False
    blank_after_timing: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a cue opens: the line of its id (or of its timing, without one) and the timing line."""

    top: int
    line: int
    timing: Timing | None


def split_cues(text: str, tally: Tally) -> CueFile | None:
    """All cues of `text`, or None when it has no timing line.

    Stray lines are counted in `tally` as dropped; comment blocks, unreadable times and text behind a blank
    line (kept with its cue) are counted as notes.
    """
    lines = text.split("\n")
    marks = _marks(lines)
    if not marks:
        return None
    starts = _line_starts(lines)
    found = CueFile(
        has_header=text.startswith("WEBVTT"),
        unpadded=any(mark.timing.unpadded() for mark in marks if mark.timing),
    )
    _preamble(lines[: marks[0].top], found, tally)
    for position, mark in enumerate(marks):
        last = position + 1 == len(marks)
        bottom = len(lines) if last else marks[position + 1].top
        identity = lines[mark.top].strip() if mark.top < mark.line else None
        payload, end = _payload(lines, mark.line + 1, bottom, identity if last else None, found, tally)
        if mark.timing is None:
            tally.notes["unreadable times"] += 1
            start_ms = end_ms = None
        else:
            start_ms = milliseconds(mark.timing.start, found.unpadded)
            end_ms = milliseconds(mark.timing.end, found.unpadded)
        span = (starts[mark.top], starts[end - 1] + len(lines[end - 1]))
        found.cues.append(Cue(identity, start_ms, end_ms, payload, span))
    if found.comments:
        tally.notes["comment block (NOTE, STYLE or REGION) skipped"] += len(found.comments)
    return found


def _line_starts(lines: Sequence[str]) -> list[int]:
    starts, position = [], 0
    for line in lines:
        starts.append(position)
        position += len(line) + 1
    return starts


def _marks(lines: Sequence[str]) -> list[_Mark]:
    marks: list[_Mark] = []
    is_vtt = lines[0].startswith("WEBVTT")
    number = 0
    for index, line in enumerate(lines):
        if "-->" not in line:
            continue
        timing = timing_line(line)
        if timing is None and not broken_timing_line(line):
            continue  # speech that holds an arrow
        top = index
        floor = marks[-1].line + 1 if marks else int(is_vtt)
        if index > floor and _is_id(lines, index - 1, floor, number, is_vtt):
            top = index - 1
            identity = lines[top].strip()
            number = int(identity) if identity.isdecimal() and len(identity) < 10 else 0
        marks.append(_Mark(top, index, timing))
    return marks


def _is_id(lines: Sequence[str], index: int, floor: int, number: int, is_vtt: bool) -> bool:
    """Whether line `index`, above a timing line, is its id; `floor` is the first line behind the cue before."""
    line = lines[index].strip()
    if not line:
        return False
    if _SURE_ID.match(line):
        return True
    stands_apart = index == 0 or not lines[index - 1].strip()
    if line.isdecimal() and len(line) < 10:
        # Where blank lines were lost, a number is an id only if it counts on; else somebody said a number.
        return stands_apart or index == floor == 0 or int(line) == number + 1
    if not (is_vtt and stands_apart) or _BLOCK.match(line):
        return False
    # Graph puts a blank line between timing and text: the first text of the cue before is no id.
    return floor <= 1 or any(text.strip() for text in lines[floor:index])


def _preamble(lines: Sequence[str], found: CueFile, tally: Tally) -> None:
    """Account for what stands above the first cue: the header with its metadata, comment blocks, stray lines."""
    in_block, apart = found.has_header, True
    for position, line in enumerate(lines):
        if not line.strip():
            in_block, apart = False, True
            continue
        if apart and position and _BLOCK.match(line):
            found.comments.append(line)
            in_block = True
        elif not in_block:
            tally.dropped["text before the first cue"] += 1
        apart = False


def _payload(
    lines: Sequence[str], top: int, bottom: int, last_id: str | None, found: CueFile, tally: Tally
) -> tuple[tuple[str, ...], int]:
    """The lines of one payload, and the line behind its last; `last_id` is given for the last cue of the file."""
    kept: list[str] = []
    end, apart, in_comment = top, False, False
    for index in range(top, bottom):
        line = lines[index]
        if not line.strip():
            apart, in_comment = True, False
            continue
        if apart and found.has_header and line.startswith("NOTE") and _BLOCK.match(line):
            found.comments.append(line)
            in_comment = True
        elif apart and _orphan_id(line.strip(), last_id):
            tally.dropped["cue id without a cue"] += 1
        elif not in_comment:
            if apart and kept:
                tally.notes["text after a blank line kept with its cue"] += 1
            elif apart:
                found.blank_after_timing += 1
            kept.append(line)
            end = index + 1
        apart = False
    return tuple(kept), end


def _orphan_id(line: str, last_id: str | None) -> bool:
    if _SURE_ID.match(line):
        return True
    counts = last_id is not None and last_id.isdecimal() and len(last_id) < 10
    return counts and line.isdecimal() and len(line) < 10 and int(line) == int(last_id or 0) + 1
