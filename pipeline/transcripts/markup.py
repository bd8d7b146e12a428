"""What stands inside a cue: voice tags, other tags, entities."""

import html
import re

from pipeline.transcripts.draft import Tally, join_lines, tidy, tidy_label

_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?(?:\s([^<>]*))?>|</v>")
# Only what the formats define is a tag: `<3` and `<lacht>` are text. A voice tag may be cut off with its file.
_TAG = re.compile(
    r"</?(?:c|i|b|u|ruby|rt|lang|font)(?:\.[^\s<>]*)?(?:\s[^<>]*)?>"
    r"|<\d{1,4}:\d{2}(?::\d{2})?[.,]\d{3}>"
    r"|<v[\s.][^<>]*\Z|</v?\Z"
)


def voices(payload: str, tally: Tally) -> list[tuple[str | None, str]]:
    """(speaker or None, text) for each voice in the payload of a cue, in order, empty ones left out.

    Neighbouring stretches of one speaker are one. A closing tag may be missing; text outside any voice
    has speaker None.
    """
    if "<" not in payload:
        return [(None, text)] if (text := plain(payload, tally)) else []
    found: list[tuple[str | None, list[str]]] = []
    speaker: str | None = None
    position = 0
    for match in (*_VOICE.finditer(payload), None):
        stretch = plain(payload[position : match.start() if match else len(payload)], tally)
        if stretch and found and found[-1][0] == speaker:
            found[-1][1].append(stretch)
        elif stretch:
            found.append((speaker, [stretch]))
        if match:
            speaker = tidy_label(_unescape(match[1] or ""), tally)
            position = match.end()
    return [(speaker, " ".join(stretches)) for speaker, stretches in found]


def has_voice(payload: str) -> bool:
    """Whether a payload names a voice."""
    return "<v" in payload and _VOICE.search(payload) is not None


def plain(text: str, tally: Tally) -> str:
    """Text without tags, entities resolved after that, display lines joined by a space."""
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _unescape(text)
    return tidy(join_lines(text.split("\n")), tally)


def _unescape(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a reference to character number 10 ** 4300
        return text
