"""Find the names and other identifiers in a text: text in, spans out.

A finder is any function from a text to spans. `study_finders` gives those of a study: the persons it knows by name
(`known_names`) and identifiers; a finder of unknown names is put behind them in the sequence. `find_names` runs them
and settles overlaps.

How a known name is recognised. A `sure` variant (variants.py) is found in any case. One that is a Dutch word as well
("Roos", "de Boer", "Mark") needs more:

- with its capital inside a sentence: always;
- with its capital at the start of a sentence: a participant of the study always, except before "je", "ik" and the
  like where the name is a verb too ("Wil je", "Ben ik"), unless it is that person's own interview. Somebody else where
  it is a given name that is no verb, or the whole utterance, or where a title or greeting stands before it or a verb
  of persons behind it ("Bakker zei", "Staal, die");
- in lower case: after a title ("mevrouw roos"), a greeting or thanks ("hoi roos", "dankjewel mark") or an introduction
  ("ik heet roos"), and a given name that begins a clause before a verb of persons ("dus roos zei") or follows one of
  saying ("dan zegt roos"). The full name needs nothing, nor does a surname behind "der", "den", "ter".

A name that fits several persons is taken for the one who takes part in that interview, then for one who is heard of
there; else the span names all of them, and the pseudonym shows the doubt.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from pipeline.persons.folding import ZERO_WIDTH_SPACE, Folded, canonical, fold
from pipeline.persons.identifiers import find_identifiers
from pipeline.persons.lexicon import Lexicon, Reading, lexicon_of
from pipeline.persons.people import Person
from pipeline.records import Span

Finder = Callable[[str], Iterable[Span]]
DOUBT = "|"  # between the ids of the persons whom one name may mean
UNSURE = "?"  # behind the id of a person of whom half a name is said where the whole is not said

_SENTENCE_START = re.compile(r"(?:^|[.?!:\n])[\s\"'“”„«»()\[\]*–-]*$")
_TITLE = re.compile(
    r"(?<![^\W\d_])(?:mevrouw|mevr\.?|mw\.?|mej\.?|juffrouw|juf|meneer|mijnheer|menheer|dhr\.?|de heer|heer|dokter"
    r"|dr\.?|drs\.?|ir\.?|ing\.?|mr\.?|prof\.?|professor|wethouder|burgemeester|collega|tante|oom)[ \n]+$"
)
_GREETING = re.compile(
    r"(?<![^\W\d_])(?:hoi|hallo|hey|he|hee|dag|dankjewel|dank je(?: wel)?|dankuwel|dank u(?: wel)?|bedankt|welkom"
    r"|sorry|doei|goedemorgen|goedemiddag|goedenavond|(?:ik|ze|zij|hij|die) heet|naam is|genaamd"
    r"|spreek(?:t|je)? met),?[ \n]+$"
)
_PERSON_VERB = re.compile(
    r"[ \n]+(?:zei|zegt|vindt|vond|heeft|had|werkt|werkte|belde|mailde|vroeg|vertelde|kwam|ging|deed|weet|wist"
    r"|wilde|wou|zelf|en ik|denkt|dacht|is (?:de|onze|mijn|die))(?![^\W\d_])"
    r"|,[ \n]+(?:die|dat is (?:de|onze|mijn|die))(?![^\W\d_])"
)
_SAID_BY = re.compile(r"(?<![^\W\d_])(?:zei|zegt|vroeg|vraagt|belde|mailde|vertelde|vond|vindt|dacht)[ \n]+$")
_CLAUSE_START = re.compile(
    r"(?:^|[.?!:;,\n][ \n]*|(?<![^\W\d_])(?:dat|wat|als|toen|omdat|want|en|maar|of|ja|nee|dus|nou|eh|uh)[ \n]+)$"
)
_SUBJECT = re.compile(r"[ \n]+(?:je|jij|u|jullie|ik|hij|ze|zij|we|wij|er|dat|het|iemand|men|jouw|uw)(?![^\W\d_])")
_SAINT = ("Sint ", "Sint-", "St. ", "sint ")
_VERBS = frozenset({"wil", "ben", "kan", "mag", "heb", "zeg", "kom"})
_PSEUDONYM = (
    r"(?:Respondent (?:\d{1,4}[a-z]?|[A-Za-z]{1,3}\d{1,4})|Interviewer(?: \d+)?|Collega \d+"
    r"|Spreker [A-Za-z]{0,3}\d{1,4}-\d+)"
)
WRITTEN_PSEUDONYM = re.compile(
    rf"\[(?:{_PSEUDONYM}\??(?:(?:,| of) {_PSEUDONYM})*|persoon|e-mail|telefoonnummer|BSN|IBAN|adres)\]"
)


def find_names(text: str, finders: Sequence[Finder]) -> tuple[Span, ...]:
    """What all `finders` find in `text`: in order, without overlap.

    Of two spans that overlap the longest wins, then the first, then that of the earlier finder; what is left of the
    other stays a span, so that nothing found stays readable. Pseudonyms in brackets are let be.
    """
    return settle([span for finder in finders for span in finder(text)], text)


def settle(found: Sequence[Span], text: str) -> tuple[Span, ...]:
    """The spans without overlap, as `find_names` tells; of equal ones the earlier in the sequence wins."""
    if not found:
        return ()
    written = [match.span() for match in WRITTEN_PSEUDONYM.finditer(text)] if "[" in text else []
    taken: list[tuple[int, int, Span]] = []
    # Sorting is stable: of spans alike, that of the earlier finder stays first.
    for span in sorted(found, key=lambda span: (span.start - span.end, span.start)):
        if not _touching(span, written):
            for piece in _uncovered(span, _touching(span, taken), text):
                insort(taken, (piece.start, piece.end, piece), key=lambda item: item[0])
    return tuple(span for _, _, span in taken)


def study_finders(people: Sequence[Person], interview: str | None = None) -> tuple[Finder, ...]:
    """The finders of a study, for the talk of one interview. A finder of unknown names comes behind them."""
    return known_names(people, interview), find_identifiers


def known_names(people: Sequence[Person], interview: str | None = None) -> Finder:
    """A finder of every form of name of `people`, as this module's text says; spans of kind "person".

    `person` of a span is the person's id, or the ids of all whom the name may mean, joined by `DOUBT`.
    """
    lexicon = lexicon_of(tuple(people))

    def find(text: str) -> Iterator[Span]:
        if lexicon is not None:
            yield from _search(fold(text), lexicon, interview)
            if ZERO_WIDTH_SPACE in text:
                yield from _search(fold(text, split_at_zero_width=True), lexicon, interview)

    return find


def leaks(text: str, people: Sequence[Person]) -> int:
    """How many names of `people` are still in `text`: sure variants in any case, full names also without breaks
    ("annadevries"). Pseudonyms do not count. Text that went through the door has none."""
    lexicon = lexicon_of(tuple(people))
    if lexicon is None:
        return 0
    folded = fold(WRITTEN_PSEUDONYM.sub(" ", text))
    hits = 0
    for match in lexicon.pattern.finditer(folded.lower):
        readings = lexicon.readings.get(canonical(match[0]), ())
        hits += any(r.sure and not _is_part_of_other_name(r, folded, *match.span()) for r in readings)
    return hits


def _search(folded: Folded, lexicon: Lexicon, interview: str | None) -> Iterator[Span]:
    position = 0
    while match := lexicon.pattern.search(folded.lower, position):
        span = _judge(folded, match, lexicon, interview)
        position = match.start() + 1 if span is None else match.end()
        if span is not None:
            yield span
    for match in lexicon.genitive.finditer(folded.lower) if lexicon.genitive else ():
        if not _after_name_or_title(folded, match.start()):
            span = _judge(folded, match, lexicon, interview)
            if span is not None:
                yield span


def _judge(folded: Folded, match: re.Match[str], lexicon: Lexicon, interview: str | None) -> Span | None:
    accepted: dict[Reading, str] = {}
    for reading in lexicon.readings.get(canonical(match[0]), ()):
        evidence = _evidence(reading, folded, *match.span(), interview)
        if evidence is not None and not _is_part_of_other_name(reading, folded, *match.span()):
            accepted[reading] = evidence
    here = {reading: evidence for reading, evidence in accepted.items() if interview in reading.interviews}
    heard = {reading: evidence for reading, evidence in accepted.items() if interview in reading.heard_in}
    elsewhere = {reading: evidence for reading, evidence in accepted.items() if not reading.narrow}
    known = here or heard or elsewhere
    if not accepted:
        return None
    if not known:
        return Span(*folded.raw(*match.span()), "person", "study: somebody of this name was heard in another interview")
    accepted = known
    reading = next(iter(accepted))
    source = "participant" if reading.interviews else "study" if reading.heard_in else "list"
    evidence = f"{source}: {reading.kind}{accepted[reading]}"
    if len(accepted) > 1:
        evidence += f", fits {len(accepted)} persons"
    person = DOUBT.join(r.person for r in accepted)
    elsewhere_only = not here and not heard and reading.heard_in and reading.kind != "full name"
    if len(accepted) == 1 and (elsewhere_only or reading.half):
        person += UNSURE
    return Span(*folded.raw(*match.span()), "person", evidence, person)


def _evidence(reading: Reading, folded: Folded, start: int, end: int, interview: str | None) -> str | None:
    """What, besides its letters, speaks for a name: words for the evidence, "" for a sure one, None for nothing."""
    if reading.written:
        return "" if folded.text[start:end] == reading.written else None
    if reading.sure:
        return ""
    if folded.lower.strip(" .?!,\n") == folded.lower[start:end] and folded.text[start:end].istitle():
        return " on its own"
    if _TITLE.search(folded.lower, max(0, start - 24), start):
        return " after a title"
    if _GREETING.search(folded.lower, max(0, start - 24), start):
        return " after a greeting or introduction"
    word = re.split(r"[^\w']+", folded.text[start:end])[-1]
    is_given = reading.kind == "given name"
    may_be_verb = word.lower() in _VERBS
    acts = bool(_PERSON_VERB.match(folded.lower, end)) and not may_be_verb
    if not word[:1].isupper() or (word.isupper() and len(word) in (2, 3)):
        if not is_given or may_be_verb:
            return None
        subject = acts and _CLAUSE_START.search(folded.lower, max(0, start - 24), start)
        return (
            " with a verb of persons" if subject or _SAID_BY.search(folded.lower, max(0, start - 24), start) else None
        )
    if len(word) < end - start or not _SENTENCE_START.search(folded.text, max(0, start - 24), start):
        return " with capital"
    is_question = may_be_verb and _SUBJECT.match(folded.lower, end)
    if interview in reading.interviews or (reading.interviews and not is_question):
        return " at the start of a sentence"
    return " at the start of a sentence" if acts or (is_given and not may_be_verb) else None


def _is_part_of_other_name(reading: Reading, folded: Folded, start: int, end: int) -> bool:
    """ "Jan" is not found in "Jan-Willem" or "Willem-Jan", nor "Anna" in "Sint Anna"."""
    text = folded.text
    if reading.kind != "given name" or not text[start].isupper():
        return False
    before = (start > 1 and text[start - 1] == "-" and text[start - 2].isalpha()) or text.endswith(_SAINT, 0, start)
    return before or (text[end : end + 1] == "-" and text[end + 1 : end + 2].isupper())


def _after_name_or_title(folded: Folded, start: int) -> bool:
    """Whether "Willems" is rather a surname: behind a title, an initial or another word with a capital."""
    if _TITLE.search(folded.lower, max(0, start - 24), start):
        return True
    before = re.search(r"([^\W\d_][\w'.-]*)[ \n]+$", folded.text[max(0, start - 24) : start])
    if before is None or not before[1][0].isupper() or not folded.text[start].isupper():
        return False
    return not _SENTENCE_START.search(folded.text[: max(0, start - 24) + before.start()][-24:])


_Stretch = TypeVar("_Stretch", tuple[int, int], tuple[int, int, Span])


def _touching(span: Span, stretches: list[_Stretch]) -> list[_Stretch]:
    """The stretches [start, end, ...) that overlap `span`, of a list in order and without overlap."""
    first = bisect_right(stretches, span.start, key=lambda stretch: stretch[1])
    last = bisect_left(stretches, span.end, key=lambda stretch: stretch[0])
    return stretches[first:last]


def _uncovered(span: Span, taken: list[tuple[int, int, Span]], text: str) -> list[Span]:
    """What of `span` the `taken` ones leave, without outer spaces and signs; the span itself where there are none."""
    if not taken:
        return [span]
    edges = [span.start, *(edge for start, end, _ in taken for edge in (start, end)), span.end]
    pieces = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        words = re.search(r"\w(?:.*\w)?", text[start:end], re.DOTALL) if start < end else None
        if words:
            pieces.append(replace(span, start=start + words.start(), end=start + words.end()))
    return pieces
