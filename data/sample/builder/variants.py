"""Writes a manuscript as the transcript that Teams, Stream or a typist would have made of it."""

import random
from collections.abc import Callable, Sequence

from builder import docx_variants, vtt_variants
from builder.manuscript import Manuscript
from builder.timing import Timed, chance_of, times

EXTENSIONS = {
    "teams-vtt": "vtt",
    "teams-vtt-old": "vtt",
    "teams-docx": "docx",
    "teams-docx-old": "docx",
    "stream-sharepoint": "vtt",
    "typed-docx": "docx",
    "docx": "docx",
}
TIMED = ("teams-vtt", "teams-vtt-old", "teams-docx-old", "stream-sharepoint")
"""The variants that give each utterance its own time, to the millisecond."""

_Writer = Callable[[Manuscript, Sequence[Timed], random.Random], bytes]
_WRITERS: dict[str, _Writer] = {
    "teams-vtt": vtt_variants.teams_vtt,
    "teams-vtt-old": vtt_variants.teams_vtt_old,
    "teams-docx": docx_variants.teams_docx,
    "teams-docx-old": docx_variants.teams_docx_old,
    "stream-sharepoint": vtt_variants.stream_sharepoint,
    "typed-docx": docx_variants.typed_docx,
    "docx": docx_variants.document,
}


def compose(manuscript: Manuscript) -> tuple[bytes, tuple[Timed, ...]]:
    """The bytes of the transcript, and its lines with their times."""
    timed = times(manuscript)
    return _WRITERS[manuscript.variant](manuscript, timed, chance_of(manuscript, "file")), timed
