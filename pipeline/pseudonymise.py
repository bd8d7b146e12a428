"""From raw transcripts to safe utterances, for a whole study at once: the stage around the one-way door.

Names are looked for twice. First the known ones, with the trained finder behind them; what that hears is linked to
persons (persons/linking.py). Then everything again, with those persons known by name as well: a name that was heard
clearly once is found wherever it is said, also where the recogniser broke it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.persons.assigning import Assignment, Key, assign
from pipeline.persons.finder import NameFinder
from pipeline.persons.folding import canonical
from pipeline.persons.hearing import Ears, Place, find_all, judge_of, mentions
from pipeline.persons.linking import Linked, link
from pipeline.persons.names import Finder, study_finders
from pipeline.persons.participants import Speaker, decide_roles, roles
from pipeline.persons.people import People, Person, known_people
from pipeline.persons.plausible import Plausible
from pipeline.persons.pseudonyms import invented_names, redact, safe_range, written_pseudonyms
from pipeline.persons.register import Register
from pipeline.persons.respelt import respelt_names
from pipeline.persons.table import names_table
from pipeline.persons.terms import Terms, find_terms
from pipeline.records import SafeUtterance, Span, Transcript


@dataclass(frozen=True)
class Pseudonymised:
    """The safe talk of each interview, and what the researcher should know. `spans` holds, for each (interview,
    utterance), what was replaced: it belongs in front of the door and is for projecting gold spans only. `confirmed`
    are the persons whose names may be nowhere: those the study knows, and those whom the researcher confirmed."""

    interviews: dict[str, tuple[SafeUtterance, ...]]
    speakers: tuple[Speaker, ...]
    people: tuple[Person, ...]
    confirmed: tuple[Person, ...]
    assignment: Assignment
    spans: dict[Place, tuple[Span, ...]]

    def safe_range(self, interview: str, utterance: int, start: int, end: int) -> tuple[int, int]:
        """Where the raw characters [start, end) of an utterance are in its safe text."""
        return safe_range(self.spans.get((interview, utterance), ()), self.assignment, start, end)

    @property
    def replaced(self) -> int:
        """How many names and other identifiers were replaced in running text."""
        return sum(len(spans) for spans in self.spans.values())


def pseudonymise(
    transcripts: Sequence[Transcript],
    register: Register | None,
    listed: Sequence[tuple[str, ...]],
    key: Key,
    finder: NameFinder | None = None,
    terms: Terms = (),
    invented: bool = False,
    step: Callable[[int], object] = lambda _: None,
) -> tuple[Pseudonymised, Key]:
    """Replace every name and identifier of the study; also returns the key to keep.

    `listed` are more persons, each with all names (see `read_names`); `finder` hears names that nobody listed; `terms`
    are replaced besides; with `invented` names stand in the place of numbers; `step` is told of each interview done.
    Raises SettingsError for a register that does not fit.
    """
    speakers = decide_roles(transcripts, register)
    known = known_people(speakers, register, listed, _remembered(key, transcripts))
    texts = {(u.interview, u.number): u.text for transcript in transcripts for u in transcript.utterances}
    ears = {t.interview: Ears(t, finder, key.rulings.rejected) for t in transcripts}
    judge = judge_of(finder, ears.values(), texts.values()) if finder else None
    linked = _link(transcripts, texts, known, key, ears, judge)
    spans: dict[Place, tuple[Span, ...]] = {}
    respelt = [respelt_names(linked.persons, judge.is_word)] if judge else []
    for transcript in transcripts:
        named: list[Finder] = [*study_finders(linked.persons, transcript.interview), ears[transcript.interview]]
        for at, found in find_all(transcript, [*named, *respelt, find_terms(terms)]).items():
            spans[at] = tuple(_named(span, texts[at], at[0], linked) for span in found)
        step(1)
    called = [span.person for found in spans.values() for span in found]
    written = {pseudonym for text in texts.values() for pseudonym in written_pseudonyms(text)}
    shown = invented_names(texts.values()) if invented else ()
    assignment, new_key = assign(replace(known, persons=linked.persons), called, key, sorted(written), shown)
    role = roles(speakers)
    interviews = {
        transcript.interview: tuple(
            redact(u, spans[u.interview, u.number], role[u.interview, u.speaker], assignment)
            for u in transcript.utterances
        )
        for transcript in transcripts
    }
    listed_ids = {person.id for person in known.persons}
    confirmed = tuple(p for p in linked.persons if p.id in listed_ids or set(p.names) & key.rulings.names)
    new_key = replace(new_key, found=names_table(spans, texts, linked))
    return Pseudonymised(interviews, speakers, linked.persons, confirmed, assignment, spans), new_key


def _remembered(key: Key, transcripts: Sequence[Transcript]) -> list[tuple[str, ...]]:
    """The names that the key adds to those the study knows now. Who was only heard of is heard again where the
    interview still is, and half a name says nothing without it."""
    here = {transcript.interview for transcript in transcripts}
    return [
        entry.names
        for entry in key.entries
        if not entry.heard or (not entry.is_narrow and not {interview for interview, _ in entry.heard} & here)
    ]


def _link(
    transcripts: Sequence[Transcript],
    texts: Mapping[Place, str],
    known: People,
    key: Key,
    ears: Mapping[str, Ears],
    judge: Plausible | None,
) -> Linked:
    """First look: what is heard beside the known names, linked to persons."""
    first: dict[Place, tuple[Span, ...]] = {}
    for transcript in transcripts:
        finders: list[Finder] = [*study_finders(known.persons, transcript.interview), ears[transcript.interview]]
        first |= find_all(transcript, finders)
    core = judge.core if judge else lambda _: ""
    return link(mentions(first, texts), known.persons, key.rulings, key.heard, core)


def _named(span: Span, text: str, interview: str, linked: Linked) -> Span:
    """The span with the person it was linked to, where it has none by name."""
    if span.kind != "person" or span.person is not None:
        return span
    person = linked.who.get((interview, canonical(text[span.start : span.end])))
    return replace(span, person=person) if person else span
