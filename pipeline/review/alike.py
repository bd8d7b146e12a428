"""The second half of why: the passages most like a segment in which its code was validated, or the codebook's examples.

What was accepted in bulk, in doubt, or refused by another coder is no example; what was taken back is none either, and
a blind second coding is shown to nobody else.
"""

from collections.abc import Sequence
from typing import Any

from pipeline.decisions import LastWord, Store
from pipeline.decisions.records import BULK
from pipeline.review.study import Study
from pipeline.review.wishes import ReviewError
from pipeline.similar import Passages, passages

MOST = 2
_LONGEST = 220  # characters of an excerpt


def comparable(study: Study) -> Passages:
    """The segments of the study, made comparable."""
    segments = study.segments
    return passages([s.segment_id for s in segments], [s.text for s in segments], [s.question for s in segments])


def alike(study: Study, known: Passages, store: Store, coder: str, segment_id: str, code: str) -> dict[str, Any]:
    """What resembles a segment, for one code and `coder`: at most MOST validated `passages`, or where there are none
    the codebook's `examples`, the likest first. Raises ReviewError for a segment or code that is not there."""
    if segment_id not in study.rows or code not in study.columns:
        raise ReviewError("Dit fragment of deze code is er niet meer. Laad de pagina opnieuw.")
    found = accepted(_open(store.last_words("code", code), coder), _open(store.last_words("doubt"), coder))
    near = known.nearest(segment_id, found, MOST)
    if near:
        return {"passages": [_passage(study, name, found[name]) for name in near], "examples": []}
    examples = study.codebook.codes[study.columns[code]].examples
    likest = known.nearest_text(segment_id, [(e.text, e.question or "") for e in examples], MOST)
    chosen = [examples[place] for place in likest]
    return {"passages": [], "examples": [{"text": excerpt(e.text), "question": e.question or ""} for e in chosen]}


def _open(words: Sequence[LastWord], coder: str) -> list[LastWord]:
    """Without what other coders said blind: whoever sees it no longer judges independently of them."""
    return [word for word in words if word.coder == coder or not word.blind]


def accepted(verdicts: Sequence[LastWord], doubts: Sequence[LastWord]) -> dict[str, list[str]]:
    """The segments that carry a code for sure, each with the coders who accepted it. `verdicts` are the last words on
    that code, `doubts` those on being in doubt."""
    doubted = {(word.coder, word.segment_id) for word in doubts if word.value}
    refused = {word.segment_id for word in verdicts if word.value == "no"}
    found: dict[str, list[str]] = {}
    for word in verdicts:
        sure = word.value == "yes" and word.source != BULK and (word.coder, word.segment_id) not in doubted
        if sure and word.segment_id not in refused:
            found.setdefault(word.segment_id, []).append(word.coder)
    return found


def excerpt(text: str) -> str:
    """The beginning of a text, cut between words."""
    if len(text) <= _LONGEST:
        return text
    cut = text[:_LONGEST].rsplit(" ", 1)[0] if " " in text[:_LONGEST] else text[:_LONGEST]
    return f"{cut.rstrip()} …"


def _passage(study: Study, name: str, coders: Sequence[str]) -> dict[str, Any]:
    segment = study.segments[study.rows[name]]
    return {
        "id": name,
        "interview": segment.interview,
        "start": segment.start_ms,
        "question": excerpt(segment.question),
        "text": excerpt(segment.text),
        "coders": list(coders),
    }
