"""An interview as text to code in another program: turns under who speaks and when, each segment a paragraph.

The text is unambiguous to every program: line feeds only, no byte order mark, no control characters and no character
above U+FFFF, which some count as two. What cannot stay is replaced one for one, so that positions stay true.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Segment

REPLACEMENT = "□"
UNKNOWN, INTERVIEWER = "Spreker onbekend", "Interviewer"

_LINE_END = re.compile(r"\r\n?|[\u2028\u2029\x85\x0b\x0c]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The text of an interview, where in it each segment is (start, end), and how many characters were replaced."""

    text: str
    spans: Mapping[str, tuple[int, int]]
    replaced: int


def plain(text: str) -> str:
    """`text` with characters that every program counts as one."""
    return _ASTRAL.sub(REPLACEMENT, _CONTROL.sub(" ", _LINE_END.sub("\n", text)))


def lay_out(segments: Sequence[Segment]) -> LaidOut:
    """The segments of one interview, in order, as a text. A question that holds for several turns stands once."""
    parts: list[str] = []
    spans: dict[str, tuple[int, int]] = {}
    length = 0

    def add(text: str) -> None:
        nonlocal length
        parts.append(text)
        length += len(text)

    before: Segment | None = None
    for segment in segments:
        if before is not None:
            add("\n")
        asked = bool(segment.question) and (before is None or before.question != segment.question)
        if segment.role != "document":
            if asked:
                add(("\n" if before else "") + f"{INTERVIEWER}\n{plain(segment.question)}\n")
            if asked or before is None or before.speaker != segment.speaker:
                add(("\n" if before or asked else "") + f"{_speaker(segment)}\n")
        text = plain(segment.text)
        spans[segment.segment_id] = (length, length + len(text))
        add(text)
        before = segment
    add("\n" if parts else "")
    replaced = sum(len(_ASTRAL.findall(s.text)) for s in segments)
    return LaidOut("".join(parts), spans, replaced)


def clock(milliseconds: int | None) -> str:
    """A time in the recording as hours, minutes and seconds; "" where it is unknown."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def _speaker(segment: Segment) -> str:
    name = (segment.speaker or "").strip("[]") or UNKNOWN
    time = clock(segment.start_ms)
    return plain(f"{name} ({time})" if time else name)
