"""Read cues: Teams and Stream VTT of every age, Graph exports, Zoom, noScribe, SRT, and what we compose."""

import json
import re
from collections.abc import Sequence

from pipeline.records import Transcript
from pipeline.transcripts.compose import MARKER, composed_drafts
from pipeline.transcripts.cues import Cue, CueFile, split_cues
from pipeline.transcripts.draft import Draft, Origin, Tally, finish, join_lines, tidy, tidy_label
from pipeline.transcripts.labels import accepted, split_label
from pipeline.transcripts.markup import has_voice, plain, voices
from pipeline.transcripts.overlap import split_overlaps

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TEAMS_ID = re.compile(r"(\S+/\d+)-\d+$")
_STREAM_ID = re.compile(rf"({_UUID})-\d+$")
_CLASSIC_ID = re.compile(rf"{_UUID}$")

EMPTY = "empty cue"


def read_cues(text: str, origin: Origin, tally: Tally) -> Transcript | None:
    """The transcript in a text with timing lines; None when it has none. Raises TranscriptError when no cue
    holds speech."""
    found = split_cues(text, tally)
    if found is None:
        return None
    if MARKER in found.comments and (composed := composed_drafts(found.cues, tally)):
        return finish(origin, "codeboom-vtt", composed, tally, in_order=True)
    variant = _variant(found)
    if variant == "graph-metadata":
        drafts = _metadata_drafts(found.cues, tally)
    else:
        speakers = _prefixes(found.cues) if variant in ("vtt", "srt") else frozenset()
        if speakers and variant == "vtt":
            variant = "zoom-vtt"
        drafts = _drafts(found.cues, speakers, tally)
    return finish(origin, variant, rejoin(drafts), tally, in_order=False)


def cue_name(cue: Cue, position: int) -> str:
    """The id of a cue, or `#3` for the third one where the file gives none."""
    return cue.id or f"#{position}"


def rejoin(drafts: list[Draft]) -> list[Draft]:
    """One draft an utterance: the display slices `GUID/utterance-part` (and `UUID-part`) of one speaker put
    together, wherever they stand, in the place of the first."""
    joined: dict[tuple[str, str | None] | int, list[Draft]] = {}
    for index, draft in enumerate(drafts):
        match = _TEAMS_ID.match(draft.cues[0]) or _STREAM_ID.match(draft.cues[0])
        # Slices that name different speakers stay apart: a speaker is never a guess.
        joined.setdefault((match[1], draft.speaker) if match else index, []).append(draft)
    return [_one(slices) for slices in joined.values()]


def _one(slices: list[Draft]) -> Draft:
    if len(slices) == 1:
        return slices[0]
    slices = sorted(slices, key=lambda draft: int(draft.cues[0].rpartition("-")[2][-9:]))
    starts = [draft.start_ms for draft in slices if draft.start_ms is not None]
    ends = [draft.end_ms for draft in slices if draft.end_ms is not None]
    return Draft(
        slices[0].speaker,
        min(starts, default=None),
        max(ends, default=None),
        " ".join(draft.text for draft in slices),
        tuple(dict.fromkeys(cue for draft in slices for cue in draft.cues)),
        (min(draft.span[0] for draft in slices), max(draft.span[1] for draft in slices)),
    )


def _variant(found: CueFile) -> str:
    ids = [cue.id for cue in found.cues if cue.id]
    voiced = any(has_voice(line) for cue in found.cues for line in cue.lines)
    if any(line.lstrip().startswith("{") and '"spokenText"' in line for c in found.cues for line in c.lines[:2]):
        return "graph-metadata"
    if any(_TEAMS_ID.match(identity) for identity in ids):
        return "teams-vtt"
    if any(_STREAM_ID.match(identity) for identity in ids):
        return "stream-sharepoint-vtt"
    if any(_CLASSIC_ID.match(identity) for identity in ids):
        return "stream-classic-vtt"
    if found.unpadded:
        return "teams-vtt-2021"
    if any("noScribe" in comment for comment in found.comments):
        return "noscribe-vtt"
    if not ids and voiced:
        return "teams-vtt-2021"
    if not found.has_header:
        spaced = found.blank_after_timing > len(found.cues) // 2
        return "graph-unattributed" if not ids and spaced else "srt"
    return "voice-vtt" if voiced else "vtt"


def _prefixes(cues: Sequence[Cue]) -> frozenset[str]:
    """The speakers that a file without voice tags writes before the text, `Naam: tekst`."""
    silent = Tally()  # these texts are cleaned, and counted, again when they are kept
    lines = [plain(line, silent) for cue in cues for line in cue.lines]
    found = (split_label(line) for line in lines)
    return accepted([label if label and label.text else None for label in found], unlabelled_turns=True)


def _drafts(cues: Sequence[Cue], speakers: frozenset[str], tally: Tally) -> list[Draft]:
    drafts: list[Draft] = []
    seen: set[tuple[str, int | None, int | None, tuple[str, ...]]] = set()
    for position, cue in enumerate(cues, start=1):
        name = cue_name(cue, position)
        signature = (name, cue.start_ms, cue.end_ms, cue.lines)
        if signature in seen:
            # An id occurs once; twice the same means that a download was pasted twice.
            tally.dropped["repeated cue (same id, times and text)"] += 1
            continue
        seen.add(signature)
        spoken = _spoken(cue, speakers, tally)
        if not spoken:
            tally.dropped[EMPTY] += 1
            continue
        tally.kept += 1
        for speaker, text in spoken:
            drafts += split_overlaps(Draft(speaker, cue.start_ms, cue.end_ms, text, (name,), cue.span))
    return drafts


def _spoken(cue: Cue, speakers: frozenset[str], tally: Tally) -> list[tuple[str | None, str]]:
    """(speaker or None, text) for each stretch of talk in a cue, by its voice tags or by `Naam: tekst`."""
    payload = "\n".join(cue.lines)
    if not speakers or has_voice(payload):
        return voices(payload, tally)
    found: list[tuple[str | None, list[str]]] = []
    for line in cue.lines:
        text = plain(line, tally)
        labelled = split_label(text)
        if labelled and labelled.label in speakers:
            found.append((labelled.label, [labelled.text]))
        elif found:
            found[-1][1].append(text)
        else:
            found.append((None, [text]))
    return [(speaker, text) for speaker, lines in found if (text := join_lines(lines))]


def _metadata_drafts(cues: Sequence[Cue], tally: Tally) -> list[Draft]:
    drafts = []
    for position, cue in enumerate(cues, start=1):
        payload = "\n".join(cue.lines)
        try:
            record = json.loads(payload) if payload else {"spokenText": ""}
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict) or not isinstance(record.get("spokenText"), str):
            tally.dropped["cue whose metadata cannot be read"] += 1
            continue
        text, speaker = tidy(join_lines(record["spokenText"].split("\n")), tally), record.get("speakerName")
        if not text:
            tally.dropped[EMPTY] += 1
            continue
        tally.kept += 1
        label, times = tidy_label(speaker, tally), (cue.start_ms, cue.end_ms)
        drafts.append(Draft(label, *times, text, (cue_name(cue, position),), cue.span))
    return drafts
