"""Write utterances as clean VTT in the manner of Teams, such that reading it gives the same utterances.

The file says in a NOTE who made it. In such a file a cue is one utterance, its id is the utterance's number
(with ` no start`, ` no end` or ` no times` where a time is unknown: players need some time), and text is kept to
the character. Once another program has dropped the NOTE, the file still reads as any other VTT.
"""

import re
from collections.abc import Sequence

from pipeline.records import Utterance
from pipeline.transcripts.cues import Cue
from pipeline.transcripts.draft import Draft, Tally
from pipeline.transcripts.times import LONGEST_MS, write_time

MARKER = "NOTE Codeboom transcript 1"

_ID = re.compile(r"([1-9]\d{0,8})( no start| no end| no times)?$")
_VOICE = re.compile(r"<v ([^<>]*)>([^<>]*)</v>$")
# Characters that would end a line or a tag, or that reading would change: control characters, no-break spaces.
_UNSAFE = re.compile("[&<>\x00-\x1f\x7f\xa0\u202f\ufeff]")
_REFERENCE = re.compile(r"&(?:(amp|lt|gt)|#(\d{1,7}));")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">"}


def compose_vtt(utterances: Sequence[Utterance]) -> str:
    """The utterances as one VTT, to be written as UTF-8.

    `parse` gives back interview (when told), number, speaker, times and text of each, exactly. Every utterance
    can be written whose text is Unicode (no lone surrogates) and whose times lie below 10,000 hours, end not
    before start; numbers rise. Raises ValueError, which names the number only, for anything else.
    """
    blocks = ["WEBVTT", MARKER]
    previous = latest = 0
    for utterance in utterances:
        _check(utterance, previous)
        previous = utterance.number
        # An unknown start stands where the talk before it began, so that a player shows the turns in order.
        start, end = utterance.start_ms, utterance.end_ms
        if start is None:
            start = latest if end is None else min(latest, end)
        latest = start
        payload = _escape(utterance.text)
        if utterance.speaker is not None:
            payload = f"<v {_escape(utterance.speaker)}>{payload}</v>"
        identity = f"{utterance.number}{_unknown(utterance)}"
        blocks.append(f"{identity}\n{write_time(start)} --> {write_time(start if end is None else end)}\n{payload}")
    return "\n\n".join(blocks) + "\n"


def composed_drafts(cues: Sequence[Cue], tally: Tally) -> list[Draft] | None:
    """The drafts of a file that `compose_vtt` wrote; None when it has been edited into something else."""
    drafts: list[Draft] = []
    number = 0
    for cue in cues:
        identity = _ID.match(cue.id or "")
        if identity is None or len(cue.lines) != 1 or int(identity[1]) <= number:
            return None
        number = int(identity[1])
        voice = _VOICE.match(cue.lines[0])
        speaker = None if voice is None else _unescape(voice[1])
        text = _unescape(cue.lines[0] if voice is None else voice[2])
        edited = voice is None and "<" in cue.lines[0]
        if edited or not text.strip() or _surrogates(text + (speaker or "")):
            return None
        start = None if identity[2] in (" no start", " no times") else cue.start_ms
        end = None if identity[2] in (" no end", " no times") else cue.end_ms
        drafts.append(Draft(speaker, start, end, text, (cue.id or "",), cue.span, number))
    tally.kept += len(drafts)
    return drafts


def _check(utterance: Utterance, previous: int) -> None:
    number, start, end = utterance.number, utterance.start_ms, utterance.end_ms
    if not previous < number < 1_000_000_000:
        raise ValueError(f"utterance {number}: numbers must rise, and stay below a billion")
    if max(start or 0, end or 0) >= LONGEST_MS:
        raise ValueError(f"utterance {number}: a time of 10,000 hours or more cannot be written")
    if end is not None and end < (start or 0):
        raise ValueError(f"utterance {number}: it ends before it starts")
    if _surrogates(utterance.text + (utterance.speaker or "")):
        raise ValueError(f"utterance {number}: its text holds half a character and cannot be written as UTF-8")


def _unknown(utterance: Utterance) -> str:
    if utterance.start_ms is None:
        return " no times" if utterance.end_ms is None else " no start"
    return " no end" if utterance.end_ms is None else ""


def _escape(text: str) -> str:
    return _UNSAFE.sub(lambda match: _NAMED.get(match[0], f"&#{ord(match[0])};"), text)


def _unescape(text: str) -> str:
    return _REFERENCE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return _CHARACTERS[match[1]]
    code = int(match[2])
    return chr(code) if code < 0x110000 else match[0]


def _surrogates(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else False
