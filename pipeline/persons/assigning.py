"""Who gets which pseudonym, now and in every later run.

Two persons never share a pseudonym, and one person has one. The key remembers them: what is in it stays, new persons
are added, a number that is out of use is not given again. Two things alone change a pseudonym, and
`Assignment.changes` reports them: somebody known already becomes a participant (a colleague is interviewed, an
interviewer answers), and the researcher corrects a role in the register. Only such a correction hands a pseudonym on:
`[Respondent 3]` is by definition the respondent of R03.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.errors import SettingsError
from pipeline.persons.labels import parse_label
from pipeline.persons.linking import Heard, Rulings
from pipeline.persons.names import DOUBT, UNSURE
from pipeline.persons.people import People, Person, is_full
from pipeline.records import Span

_PLACEHOLDERS = {
    "email": "e-mail", "phone": "telefoonnummer", "bsn": "BSN", "iban": "IBAN", "address": "adres",
    "organisatie": "organisatie", "plaats": "plaats", "functie": "functie",
}  # fmt: skip
_UNKNOWN_PERSON = "persoon"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the key keeps of one person: the pseudonym, every name under which this person was known, the interviews in
    which they were respondent or interviewer, and what was heard of them (interview and canonical form)."""

    pseudonym: str
    names: tuple[str, ...] = ()
    respondent_of: tuple[str, ...] = ()
    interviewer_of: tuple[str, ...] = ()
    heard: tuple[Heard, ...] = ()

    @property
    def is_narrow(self) -> bool:
        """Whether half a name, heard in one interview, is all that is known."""
        return bool(self.heard) and not self.respondent_of and not any(map(is_full, self.names))

    @property
    def full_names(self) -> frozenset[str]:
        """The canonical full names."""
        return frozenset(name.full for label in self.names if (name := parse_label(label)))


@dataclass(frozen=True, slots=True)
class FoundName:
    """A row of the table of names: one spelling of one person. `person` numbers the persons within the table, 0 for a
    name that was masked without being taken for anybody; `sure` is the highest probability, 1 for a known person."""

    name: str
    person: int
    interviews: tuple[str, ...]
    count: int
    sure: float
    evidence: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """Which name has which pseudonym, the pseudonyms that went out of use, what the researcher ruled about names, and
    the table of names of the last run. `revision` tells keyfile.py which state of the file this was read from."""

    entries: tuple[Entry, ...] = ()
    retired: tuple[str, ...] = ()
    rulings: Rulings = field(default_factory=Rulings)
    found: tuple[FoundName, ...] = ()
    revision: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        used = [*(entry.pseudonym for entry in self.entries), *self.retired]
        if len(used) != len(set(used)):
            raise ValueError("two entries of a key share a pseudonym")

    @property
    def heard(self) -> dict[Heard, tuple[str, ...]]:
        """The pseudonym of whoever a heard name was taken for, and then all their names."""
        return {heard: (entry.pseudonym, *entry.names) for entry in self.entries for heard in entry.heard}


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is called what in this run: pseudonyms (without brackets) by person id, who speaks under which (interview,
    label), and what changed since the last run, in sentences for the researcher."""

    pseudonyms: Mapping[str, str]
    speakers: Mapping[tuple[str, str], str]
    changes: tuple[str, ...] = ()

    def of(self, span: Span) -> str:
        """What stands in the place of `span`. Raises KeyError for a person that was not assigned."""
        if span.kind != "person":
            return f"[{_PLACEHOLDERS.get(span.kind, _UNKNOWN_PERSON)}]"
        if span.person is None:
            return f"[{_UNKNOWN_PERSON}]"
        names = sorted({self.pseudonyms[person] for person in _ids(span.person)}, key=_natural)
        unsure = UNSURE if span.person.endswith(UNSURE) else ""
        return f"[{' of '.join(filter(None, [', '.join(names[:-1]), names[-1]]))}{unsure}]"

    def speaker(self, interview: str, label: str | None) -> str | None:
        """What a speaker is called; None for talk without a speaker. Raises KeyError for an unknown label."""
        if label is None:
            return None
        person = self.speakers.get((interview, label))
        if person is None:
            raise KeyError(f"a speaker of {interview} was not assigned")
        return f"[{self.pseudonyms[person]}]"


def assign(
    people: People,
    mentions: Iterable[str | None],
    key: Key,
    written: Iterable[str] = (),
    invented: Sequence[str] = (),
) -> tuple[Assignment, Key]:
    """Give everyone who takes part or is mentioned a pseudonym; also returns the key to keep.

    `mentions` are the `Span.person` of all names found, in the order of the study; `written` the pseudonyms that
    transcribers typed themselves (`written_pseudonyms`), whose numbers are then not given to somebody else; `invented`
    are names for those who are only spoken of, instead of numbers, as far as they go. Raises SettingsError where an
    interview's id was used before for another respondent.
    """
    by_id = {person.id: person for person in people.persons}
    old = _recognise(people.persons, key.entries)
    retired = list(key.retired)
    changes: list[str] = []
    kept: dict[str, str] = {}
    for person_id, entry in old.items():
        if _may_keep(by_id[person_id], entry):
            kept[person_id] = entry.pseudonym
        elif not _is_correction(by_id[person_id], entry):
            retired.append(entry.pseudonym)
    used = {*retired, *kept.values(), *(entry.pseudonym for entry in key.entries if entry not in old.values())}
    used |= {text for text in written if text.startswith("Collega")}
    given = dict(kept)
    for person in _in_order(people, mentions):
        if person.id not in given:
            given[person.id] = next(name for name in _candidates(person, people, invented) if name not in used)
            used.add(given[person.id])
        if person.id in old and person.id not in kept:
            changes.append(f"[{old[person.id].pseudonym}] is now [{given[person.id]}]: {_why(person, old[person.id])}")
    entries = [_entry(by_id[i], name, old.get(i)) for i, name in given.items() if not name.startswith("Spreker")]
    unseen = [entry for entry in key.entries if entry not in old.values()]
    unnamed = [old[i] for i in old if i not in given]
    order = {entry.pseudonym: number for number, entry in enumerate(key.entries)}
    entries = sorted([*unseen, *unnamed, *entries], key=lambda entry: order.get(entry.pseudonym, len(order)))
    assignment = Assignment(given, dict(people.speakers), tuple(changes))
    return assignment, replace(key, entries=tuple(entries), retired=tuple(retired))


def _recognise(persons: Sequence[Person], entries: Sequence[Entry]) -> dict[str, Entry]:
    """Which person of this run is which entry of the key: by full name, or by interview where a name was added or
    corrected since."""
    found: dict[str, Entry] = {}
    for same in (_same_respondent, _same_name, _same_heard, _same_interview):
        for person in persons:
            free = [entry for entry in entries if entry not in found.values()]
            entry = next((entry for entry in free if person.id not in found and same(person, entry)), None)
            if entry is not None:
                found[person.id] = entry
    for person in persons:
        for entry in entries:
            if (
                entry in found.values()
                or person.id in found
                or not set(person.respondent_of) & set(entry.respondent_of)
            ):
                continue
            if person.names and entry.names:
                shared = sorted(set(person.respondent_of) & set(entry.respondent_of))[0]
                raise SettingsError(
                    f"interviews.csv: the respondent of {shared} has another name than in an earlier run. Give a new "
                    "interview an id that was not used before. If a name was corrected, write the old and the new "
                    "one with = between them."
                )
    return found


def _same_respondent(person: Person, entry: Entry) -> bool:
    same_interview = set(person.respondent_of) & set(entry.respondent_of)
    return bool(same_interview and person.full_names & entry.full_names)


def _same_name(person: Person, entry: Entry) -> bool:
    two_respondents = bool(person.respondent_of and entry.respondent_of)
    elsewhere = two_respondents and not set(person.respondent_of) & set(entry.respondent_of)
    half = person.is_narrow or entry.is_narrow
    return bool(person.full_names & entry.full_names) and not elsewhere and not half


def _same_heard(person: Person, entry: Entry) -> bool:
    return bool(set(person.heard) & set(entry.heard)) and not entry.respondent_of


def _same_interview(person: Person, entry: Entry) -> bool:
    """Same part in the same interview; a name is new, or shares a word with the old one (a spelling corrected)."""
    respondent = set(person.respondent_of) & set(entry.respondent_of)
    interviewer = set(person.interviewer_of) & set(entry.interviewer_of)
    words = [{word for name in names for word in name.split()} for names in (person.full_names, entry.full_names)]
    if respondent:
        return not person.names or not entry.names or bool(words[0] & words[1])
    return bool(interviewer) and (not person.names or not entry.names)


def _natural(pseudonym: str) -> list[tuple[bool, int, str]]:
    """Sorts "Collega 9" before "Collega 10"."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in re.split(r"(\d+)", pseudonym)]


def _ids(mentioned: str) -> list[str]:
    """The ids of all persons whom a name may mean."""
    return mentioned.removesuffix(UNSURE).split(DOUBT)


def _part(person: Person) -> str:
    if person.respondent_of or person.interviewer_of:
        return "Respondent" if person.respondent_of else "Interviewer"
    return "Collega" if person.names else "Spreker"


def _may_keep(person: Person, entry: Entry) -> bool:
    return not person.interviews or entry.pseudonym.split()[0] == _part(person)


def _is_correction(person: Person, entry: Entry) -> bool:
    """Whether the register took this part away from the person, so that it may go to the one who has it by right."""
    part = entry.pseudonym.split()[0]
    return (part == "Interviewer" and not person.interviewer_of) or part == "Respondent"


def _why(person: Person, entry: Entry) -> str:
    if _is_correction(person, entry):
        return "the roles in interviews.csv were corrected"
    if person.respondent_of and person.interviewer_of:
        return "an interviewer who is a respondent too"
    return "a colleague who was mentioned takes part now"


def _in_order(people: People, mentions: Iterable[str | None]) -> list[Person]:
    """Participants first, then others in the order of mention; who is never mentioned needs no pseudonym."""
    by_id = {person.id: person for person in people.persons}
    respondents = [person for person in people.persons if person.respondent_of]
    interviewers = [person for person in people.persons if person.interviewer_of and not person.respondent_of]
    interviewers.sort(key=lambda person: -len(person.interviewer_of))
    present = [person for person in people.persons if person.present_in]
    ids = [person for mention in mentions if mention for person in _ids(mention)]
    ordered = [*respondents, *interviewers, *present, *(by_id[person] for person in ids)]
    return list({person.id: person for person in ordered}.values())


def _candidates(person: Person, people: People, invented: Sequence[str]) -> Iterator[str]:
    """Pseudonyms that would fit, the best one first."""
    part = _part(person)
    if part == "Respondent":
        interview = person.respondent_of[0]
        number = re.fullmatch(r"[A-Za-z]*0*(\d+)", interview)
        first = f"Respondent {number[1]}" if number else f"Respondent {interview}"
        shared = [p for p in people.persons if interview in p.respondent_of]
        yield first if shared[0] == person else f"{first}{chr(ord('a') + shared.index(person))}"
        yield f"Respondent {interview}"
        yield from (f"{first}{letter}" for letter in "bcdefghijklmnopqrstuvwxyz")
    if part == "Spreker":
        interview, position = people.labels[person.id]
        yield f"Spreker {interview}-{position}"
    if part == "Interviewer":
        yield part
    if part == "Collega":
        yield from invented
    number_from = 2 if part == "Interviewer" else 1
    yield from (f"{part} {number}" for number in range(number_from, 1_000_000))


def _entry(person: Person, pseudonym: str, old: Entry | None) -> Entry:
    """The entry to keep. Roles are those of now where the person takes part, else those that were."""
    names = (*(old.names if old else ()), *person.names)
    if person.interviews or old is None:
        return Entry(pseudonym, tuple(dict.fromkeys(names)), person.respondent_of, person.interviewer_of, person.heard)
    return replace(old, names=tuple(dict.fromkeys(names)), heard=person.heard or old.heard)
