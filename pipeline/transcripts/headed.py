"""Turns under a heading `Name   0:03`: the new Teams DOCX, and text that was copied from it. Also the heading
`00:00:03 Name` that Word's own dictation writes."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.records import Transcript
from pipeline.transcripts.draft import Origin, Tally, Turns, finish
from pipeline.transcripts.labels import like_a_speaker
from pipeline.transcripts.times import clock

_SYSTEM = re.compile(
    r".{1,120}(?:heeft de transcriptie (?P<nl>gestart|gestopt|beëindigd)|(?P<en>started|stopped) transcription)$"
)
# The stem of "transcript" in the languages of Teams; only asked of a last line that has no sentence end.
_TRANSCRIPTION = re.compile(r"trans[ck]ri", re.IGNORECASE)

CONTINUED = "paragraph without a name joined to the turn above"


class Block(NamedTuple):
    """A paragraph: its text, with line feeds inside, and where it starts in the text of the file."""

    text: str
    start: int


class Heading(NamedTuple):
    """The first line of a turn: who (None when the line names nobody), and when in milliseconds."""

    speaker: str | None
    start_ms: int


def heading(line: str) -> Heading | None:
    """The heading in a line; None when it is prose. Two spaces or more before the time make the difference:
    `dat is om 10:30` is talk."""
    line = line.rstrip()
    if len(line) > 200:
        return None
    name, _, time = line.rpartition(" ")
    if time and name.endswith(" ") and (start := clock(time)) is not None:
        name = name.strip()
        # `Tijd:   10:30` stands above minutes.
        return None if name.endswith(":") else Heading(name or None, start)
    time, _, name = line.strip().partition(" ")
    if time.count(":") == 2 and (start := clock(time)) is not None and like_a_speaker(name.strip()):
        return Heading(name.strip(), start)
    return None


def system_line(text: str) -> str | None:
    """The reason to drop a line that Teams wrote itself ("... started transcription"); None for talk."""
    match = _SYSTEM.match(text.strip()) if len(text) < 200 else None
    if match is None:
        return None
    started = match["nl"] == "gestart" or match["en"] == "started"
    return f"system line: transcription {'started' if started else 'stopped'}"


def is_headed(blocks: Sequence[Block]) -> bool:
    """Whether paragraphs are turns with a heading. In an agenda (`Opening   10:00`) nothing is said under most
    of them."""
    headings = with_talk = 0
    waiting = False
    for block in blocks:
        first, rest = _first_line(block.text)
        if heading(first):
            headings += 1
            waiting = not rest.strip()
            with_talk += not waiting
        elif waiting and block.text.strip():
            with_talk += 1
            waiting = False
    return with_talk > 0 and 2 * with_talk >= headings


def read_headed(blocks: Sequence[Block], variant: str, origin: Origin, tally: Tally) -> Transcript:
    """The turns of these paragraphs; the times are starts in whole seconds, and there are no ends.

    What stands before the first turn is the header of the document. In a .docx, a paragraph without heading
    continues the turn above (somebody edited the document); the lines that Teams wrote itself are dropped.
    """
    blocks = [block for block in blocks if block.text.strip()]
    turns = Turns(tally)
    edited = False
    for position, block in enumerate(blocks, start=1):
        first, rest = _first_line(block.text)
        end = block.start + len(block.text)
        if found := heading(first):
            turns.open(found.speaker, found.start_ms, f"#{position}", (block.start, end), rest)
            edited = bool(rest.strip())  # talk stands in the paragraph of its heading, so the next is new
        elif reason := system_line(block.text):
            tally.dropped[reason] += 1
        elif not turns.is_open:
            tally.dropped["header line before the first turn"] += 1
        elif position == len(blocks) and _closing_line(block.text):
            tally.dropped["system line: transcription stopped"] += 1
        else:
            tally.notes[CONTINUED] += edited
            turns.add(block.text, end)
    return finish(origin, variant, turns.close(), tally, in_order=True)


def _first_line(text: str) -> tuple[str, str]:
    """The first line with text (an avatar puts an empty one in front of it), and what follows."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if line.strip():
            return line, "\n".join(lines[index + 1 :])
    return "", ""


def _closing_line(text: str) -> bool:
    """Whether the last paragraph is Teams' own: one short line about the transcription, with no sentence end."""
    text = text.strip()
    ends = text.endswith((".", "?", "!", "…"))
    return "\n" not in text and len(text) < 120 and not ends and _TRANSCRIPTION.search(text) is not None
