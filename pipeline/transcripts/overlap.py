"""noScribe writes talk through another's turn inside it: `Zullen we beginnen? //S01: Ja. // Mooi.`"""

import re
from dataclasses import replace

from pipeline.transcripts.draft import Draft, join_lines

_LABEL = re.compile(r"S\d\d$")


def split_overlaps(draft: Draft, speakers: frozenset[str] = frozenset()) -> list[Draft]:
    """The draft without the overlaps in it, then each overlap as an utterance of who spoke it.

    So nobody's words are coded as another's. An overlap has no times of its own: None. A mark counts only when
    its label is a noScribe one (`S01`) or one of `speakers`; with any other `//` the text stays as it is.
    """
    parts = draft.text.split("//")
    if len(parts) < 3 or len(parts) % 2 == 0:
        return [draft]
    overlaps = []
    for part in parts[1::2]:
        label, _, text = (piece.strip() for piece in part.partition(":"))
        if not text or not (label in speakers or _LABEL.match(label)):
            return [draft]
        overlaps.append(Draft(label, None, None, text, draft.cues, draft.span))
    own = join_lines(parts[0::2])
    return [replace(draft, text=own), *overlaps] if own else overlaps
