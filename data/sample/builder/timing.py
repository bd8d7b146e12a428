"""When each line was said: talk, pauses, and listeners who talk through it.

All chance is seeded by the interview's id, so the same manuscript gives the same transcript, on any machine.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from builder.manuscript import Line, Manuscript

WORDS_PER_SECOND = 2.6
BACKCHANNEL_WORDS = 2


@dataclass(frozen=True, slots=True)
class Timed:
    """A line and when it was said, in ms from the start of the recording. No two lines start together."""

    line: Line
    start: int
    end: int


def times(manuscript: Manuscript) -> tuple[Timed, ...]:
    """The lines of a manuscript with their times, in order of start."""
    chance = chance_of(manuscript, "times")
    one_channel = manuscript.variant == "stream-sharepoint"
    timed: list[Timed] = []
    floor: Timed | None = None  # the last line of whoever holds the floor
    for index, line in enumerate(manuscript.lines):
        if floor and not one_channel and is_backchannel(manuscript.lines, index):
            start = floor.start + round((floor.end - floor.start) * chance.uniform(0.3, 0.95))
            timed.append(Timed(line, start, start + chance.randint(120, 600)))
            continue
        if floor is None:
            start = chance.randint(3_000, 9_000)
        else:
            pause = _pause(chance, same=line.who == floor.line.who, overlaps=not one_channel)
            start = max(floor.end + pause, timed[-1].start + 10)
        length = round(len(line.text.split()) / WORDS_PER_SECOND * chance.uniform(0.85, 1.2) * 1000)
        floor = Timed(line, start, start + max(length, 350))
        timed.append(floor)
    if manuscript.variant == "teams-vtt-old":
        # Transcription began while someone was talking.
        shift = timed[0].start + round((timed[0].end - timed[0].start) * 0.6)
        timed = [Timed(t.line, t.start - shift, t.end - shift) for t in timed]
    return tuple(timed)


def _pause(chance: random.Random, same: bool, overlaps: bool) -> int:
    """The silence before a line of the same speaker, or of another one, who may also interrupt."""
    if same:
        return chance.choice((chance.randint(20, 280), chance.randint(300, 900)))
    if overlaps and chance.random() < 0.15:
        return -chance.randint(100, 500)
    return chance.randint(1_600, 4_000) if chance.random() < 0.2 else chance.randint(150, 1_500)


def is_backchannel(lines: Sequence[Line], index: int) -> bool:
    """Whether a line is a word or two that a listener says through another's talk."""
    if not 0 < index < len(lines) - 1:
        return False
    before, line, after = lines[index - 1 : index + 2]
    return (
        len(line.text.split()) <= BACKCHANNEL_WORDS
        and not line.passages
        and "?" not in line.text
        and before.who == after.who != line.who
        and not before.text.endswith("?")
        and len(before.text.split()) > BACKCHANNEL_WORDS
    )


def chance_of(manuscript: Manuscript, what: str) -> random.Random:
    """The chance of one manuscript, for one purpose."""
    return random.Random(f"{manuscript.id} {what}")  # noqa: S311 (repeatable on purpose)


def label_of(manuscript: Manuscript, line: Line) -> str:
    """How the speaker of a line is labelled."""
    speaker = manuscript.respondent if line.who == "R" else manuscript.interviewer
    assert speaker is not None, "an interview has both speakers"
    return speaker.label


def unpadded(ms: int) -> str:
    """`0:0:6.90` is 6.090 s; each part of a time before the start carries its own minus."""
    if ms < 0:
        return f"0:0:-{-ms // 1000}.-{-ms % 1000}" if -ms >= 1000 else f"0:0:0.-{-ms}"
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60}:{seconds % 60}.{ms}"
