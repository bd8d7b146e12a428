"""Writes WebVTT: cues that slice an utterance, backchannels that fall between the slices, times that are odd."""

import html
import random
import textwrap
import uuid
from collections.abc import Iterable, Sequence

from builder.manuscript import Line, Manuscript
from builder.timing import Timed, label_of, unpadded


def teams_vtt(manuscript: Manuscript, timed: Sequence[Timed], chance: random.Random) -> bytes:
    """New Teams: GUID/utterance-part, slices of a few short lines, in order of start, so that speakers interleave."""
    meeting = _guid(chance)
    numbers: dict[int, int] = {}
    number = 0
    # An utterance gets its number when it is finished, so a backchannel has a lower one than the talk around it.
    for entry in sorted(timed, key=lambda entry: (entry.end, entry.start)):
        number += chance.randint(2, 28)
        numbers[entry.line.number] = number
    cues: list[tuple[int, str]] = []
    for entry in timed:
        for part, (start, end, text) in enumerate(_slices(entry, chance, width=chance.randint(35, 40), most=3)):
            head = f"{meeting}/{numbers[entry.line.number]}-{part}\n{_padded(start)} --> {_padded(end)}"
            cues.append((start, f"{head}\n{_voiced(manuscript, entry.line, text)}"))
    cues.sort(key=lambda cue: cue[0])
    return _vtt(text for _, text in cues).replace("\n", "\r\n").encode()


def teams_vtt_old(manuscript: Manuscript, timed: Sequence[Timed], chance: random.Random) -> bytes:
    """Old Teams client: no ids, one long line a cue, bare integers in the times, some cues out of order."""
    cues = [
        f"{unpadded(entry.start)} --> {unpadded(entry.end)}\n{_voiced(manuscript, entry.line, entry.line.text)}"
        for entry in timed
    ]
    swapped = -1
    for index in range(1, len(cues)):
        if index - 1 > swapped and chance.random() < 0.05:
            cues[index - 1], cues[index] = cues[index], cues[index - 1]
            swapped = index
    return _vtt(cues).replace("\n", "\r\n").encode()


def stream_sharepoint(manuscript: Manuscript, timed: Sequence[Timed], chance: random.Random) -> bytes:
    """Stream on SharePoint: BOM, UUID-part, no speakers, now and then a cue with nothing in it."""
    cues: list[str] = []
    for entry in timed:
        name = _guid(chance)
        for part, (start, end, text) in enumerate(_slices(entry, chance, width=chance.randint(28, 34), most=2)):
            cues.append(f"{name}-{part}\n{_padded(start)} --> {_padded(end)}\n{html.escape(text, quote=False)}")
        if chance.random() < 0.02:
            cues.append(f"{_guid(chance)}-0\n{_padded(entry.end)} --> {_padded(entry.end + 400)}\n")
    return _vtt(cues).replace("\n", "\r\n").encode("utf-8-sig")


def _vtt(cues: Iterable[str]) -> str:
    return "\n\n".join(("WEBVTT", *cues)) + "\n"


def _slices(entry: Timed, chance: random.Random, width: int, most: int) -> list[tuple[int, int, str]]:
    """An utterance as the cues it is shown in: (start, end, lines), the time shared out by characters."""
    lines = textwrap.wrap(entry.line.text, width, break_long_words=False, break_on_hyphens=False)
    groups: list[list[str]] = []
    while lines:
        size = chance.randint(max(most - 1, 1), most)
        groups.append(lines[:size])
        lines = lines[size:]
    total = sum(len(line) for group in groups for line in group)
    slices: list[tuple[int, int, str]] = []
    start, done = entry.start, 0
    for group in groups:
        done += sum(map(len, group))
        end = entry.start + round((entry.end - entry.start) * done / total)
        slices.append((start, end, "\n".join(group)))
        start = end
    return slices


def _voiced(manuscript: Manuscript, line: Line, text: str) -> str:
    return f"<v {html.escape(label_of(manuscript, line), quote=False)}>{html.escape(text, quote=False)}</v>"


def _guid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _padded(ms: int) -> str:
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
