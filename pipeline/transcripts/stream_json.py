"""Read JSON: Stream's `entries[]` and the `segments[]` of Whisper and WhisperX."""

import json
from collections.abc import Mapping
from typing import Any

from pipeline.records import Transcript
from pipeline.transcripts.draft import Draft, Origin, Tally, finish, join_lines, tidy, tidy_label
from pipeline.transcripts.times import offset, seconds_value

_BETWEEN = frozenset(" \t\n,")


def looks_like_json(text: str) -> bool:
    """Whether a text sets out as JSON: an object, or an array of them. `[Naam] 10:02` does not."""
    head = text[:200].lstrip()
    return head.startswith("{") or (head.startswith("[") and head[1:].lstrip().startswith(("{", "]")))


def read_json(text: str, origin: Origin, tally: Tally) -> Transcript:
    """The transcript in a JSON text. Raises TranscriptError when it is damaged or of another kind."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise origin.error(
            "this file sets out as JSON but is damaged or incomplete",
            "Export it again, or use the .vtt or .docx of the same meeting",
        ) from None
    for key in ("entries", "segments"):
        items = data.get(key) if isinstance(data, dict) else data
        if isinstance(items, list) and (isinstance(data, dict) or _has_text(items, key)):
            spans = _spans(text, key, items) if isinstance(data, dict) else [(0, len(text))] * len(items)
            return _read(items, key, spans, origin, tally)
    raise origin.error(
        "this JSON holds no transcript: neither Stream's `entries` nor WhisperX's `segments`",
        "Export the transcript as .vtt or .docx",
    )


def _has_text(items: list[Any], key: str) -> bool:
    """Whether a bare array is one of entries (they have offsets) or of segments (they have not)."""
    first = next((item for item in items if isinstance(item, dict)), {})
    return "text" in first and ("startOffset" in first) == (key == "entries")


def _read(items: list[Any], key: str, spans: list[tuple[int, int]], origin: Origin, tally: Tally) -> Transcript:
    drafts = []
    for position, (item, span) in enumerate(zip(items, spans, strict=True), start=1):
        if not isinstance(item, dict) or not isinstance(item.get("text"), str):
            tally.dropped["entry without text"] += 1
            continue
        text = join_lines(tidy(item["text"], tally).split("\n"))
        if not text:
            tally.dropped["empty entry"] += 1
            continue
        tally.kept += 1
        if key == "entries":
            start, end = _time(item, "startOffset", tally), _time(item, "endOffset", tally)
            speaker, identity = item.get("speakerDisplayName"), item.get("id")
        else:
            start, end = _time(item, "start", tally), _time(item, "end", tally)
            speaker, identity = item.get("speaker"), None
        name = tidy_label(identity, tally) or f"#{position}"
        drafts.append(Draft(tidy_label(speaker, tally), start, end, text, (name,), span))
    variant = "stream-json" if key == "entries" else "whisperx-json"
    return finish(origin, variant, drafts, tally, in_order=False)


def _time(item: Mapping[str, Any], key: str, tally: Tally) -> int | None:
    value = item.get(key)
    found = offset(value) if isinstance(value, str) else seconds_value(value)
    if found is None and value is not None:
        tally.notes["unreadable times"] += 1
    return found


def _spans(text: str, key: str, items: list[Any]) -> list[tuple[int, int]]:
    """Where each item stands in the text; the whole text for each where that cannot be told."""
    decoder = json.JSONDecoder()
    whole = [(0, len(text))] * len(items)
    spans, position = [], text.find("[", text.find(f'"{key}"')) + 1
    for item in items:
        while text[position : position + 1] in _BETWEEN:
            position += 1
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return whole
        if value != item:
            return whole  # the key occurs twice, and this is the other one
        spans.append((position, end))
        position = end
    return spans
