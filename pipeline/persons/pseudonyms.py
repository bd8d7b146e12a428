"""The one-way door: names become pseudonyms here, and only here is a `SafeUtterance` made.

Who is called what, in the whole study:

- `[Respondent 8]`: the respondent of interview R08. An id without a number of its own gives `[Respondent pilot-a]`.
- `[Interviewer]`, and `[Interviewer 2]` for a second one.
- `[Collega 3]`: anybody else who is known by name, numbered in the order in which they are first mentioned.
- `[Spreker R08-3]`: a voice of R08 whose role and name are unknown.
- `[Collega 3 of Collega 5]`: a name that fits both, so that the doubt is shown. `[Collega 3?]`: half of a name that is
  said in full in other interviews only. `[persoon]`: a name without a person.
- With the setting `pseudonyms: invented` an invented name, `[Marijn]`, stands in the place of `[Collega 3]`.
- `[e-mail]`, `[telefoonnummer]`, `[BSN]`, `[IBAN]`, `[adres]`.

Pseudonyms that a transcriber typed ("[Respondent 3]") stay as they are. Who gets which is assigning.py's business.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from importlib import resources

from pipeline.persons.assigning import Assignment
from pipeline.persons.folding import canonical
from pipeline.persons.names import WRITTEN_PSEUDONYM
from pipeline.records import Role, SafeUtterance, Span, Utterance


def redact(utterance: Utterance, spans: Sequence[Span], role: Role, assignment: Assignment) -> SafeUtterance:
    """Through the door: `utterance` with every span and its speaker replaced.

    Raises ValueError where spans overlap or lie outside the text, and KeyError for a person or speaker that was not
    assigned: nothing passes by mistake.
    """
    return SafeUtterance(
        interview=utterance.interview,
        number=utterance.number,
        speaker=assignment.speaker(utterance.interview, utterance.speaker),
        role=role,
        start_ms=utterance.start_ms,
        end_ms=utterance.end_ms,
        text=replaced(utterance.text, spans, assignment),
    )


def replaced(text: str, spans: Sequence[Span], assignment: Assignment) -> str:
    """`text` with every span replaced, from right to left. Raises like `redact`."""
    for span in reversed(_checked(spans, len(text))):
        text = text[: span.start] + assignment.of(span) + text[span.end :]
    return text


def safe_range(spans: Sequence[Span], assignment: Assignment, start: int, end: int) -> tuple[int, int]:
    """Where the raw characters [start, end) are in the safe text; a bound within a name moves out to its edge."""
    return _safe_offset(spans, assignment, start, at_end=False), _safe_offset(spans, assignment, end, at_end=True)


def written_pseudonyms(text: str) -> frozenset[str]:
    """The pseudonyms, without brackets, that stand in a raw text already: a transcriber's own."""
    return frozenset(name for match in WRITTEN_PSEUDONYM.findall(text) for name in re.split(r", | of ", match[1:-1]))


def invented_names(texts: Iterable[str]) -> tuple[str, ...]:
    """Invented names that are said nowhere in `texts`."""
    said = {word for text in texts for word in canonical(text).split()}
    listed = resources.files("pipeline.persons").joinpath("invented_names.txt").read_text(encoding="utf-8")
    return tuple(n for n in listed.splitlines() if n and not n.startswith("#") and canonical(n) not in said)


def _safe_offset(spans: Sequence[Span], assignment: Assignment, offset: int, at_end: bool) -> int:
    shift = 0
    for span in sorted(spans, key=lambda span: span.start):
        new = len(assignment.of(span))
        if span.end <= offset:
            shift += new - (span.end - span.start)
        elif span.start < offset:
            return span.start + shift + (new if at_end else 0)
    return offset + shift


def _checked(spans: Sequence[Span], length: int) -> list[Span]:
    ordered = sorted(spans, key=lambda span: span.start)
    if any(left.end > right.start for left, right in itertools.pairwise(ordered)):
        raise ValueError("spans overlap")
    if ordered and ordered[-1].end > length:
        raise ValueError("a span lies outside the text")
    return ordered
