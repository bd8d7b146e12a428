"""From names that were heard to persons: who is one and the same, and where that is in doubt.

What joins two names is evidence, never likeness. A full name is one person in the whole study. Half a name ("Anna",
"mevrouw De Vries") is the person of that interview whom it fits; else the only person of the study whom it fits; else
somebody of that interview alone: "Anna" of R01 and "Anna" of R05 stay two. Where it fits several, the doubt stays and
is shown. What the researcher ruled in the table of names goes before all this, and who has a pseudonym keeps it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from pipeline.persons.folding import canonical
from pipeline.persons.labels import parse_label
from pipeline.persons.names import DOUBT, UNSURE
from pipeline.persons.people import Person, is_full
from pipeline.persons.variants import variants

TRUSTED = 0.9
"""From this probability on the finder's word is taken for a person; below, the name is masked as `[persoon]`."""

SEVERAL, ELSEWHERE = "past op meer personen", "voluit alleen in een ander interview gehoord"
"""Why a link is in doubt, in the words of the table that the researcher checks."""

Heard = tuple[str, str]
"""An interview and the canonical form of a name heard in it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that the finder heard: where, as written, and how probable it is (0 to 1)."""

    interview: str
    utterance: int
    text: str
    sure: float

    @property
    def heard(self) -> Heard:
        """The interview and the canonical form."""
        return self.interview, canonical(self.text)


@dataclass(frozen=True, slots=True)
class Rulings:
    """What the researcher ruled: each group is one person, as (name as written, the interviews it was heard in; none
    for the whole study); `rejected` are canonical forms that are no names."""

    groups: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...] = ()
    rejected: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All confirmed names, as written."""
        return frozenset(name for group in self.groups for name, _ in group)


@dataclass(frozen=True, slots=True)
class Linked:
    """All persons of the study, known and heard; whom each heard name means (ids joined by `DOUBT`); and, for the
    table of names, why a link is in doubt."""

    persons: tuple[Person, ...]
    who: Mapping[Heard, str]
    doubts: Mapping[Heard, str] = field(default_factory=dict)


def link(
    mentions: Sequence[Mention],
    known: Sequence[Person],
    rulings: Rulings,
    remembered: Mapping[Heard, tuple[str, ...]] = MappingProxyType({}),
    core: Callable[[str], str] = lambda name: name,
) -> Linked:
    """Link what was heard to persons.

    `remembered` are the names heard in earlier runs, with the pseudonym and all names of the person they were taken
    for; `core` tells which words of what was heard are a name, "" where that is not sure: it makes no new person.
    """
    labels: defaultdict[Heard, Counter[str]] = defaultdict(Counter)
    for mention in mentions:
        labels[mention.heard][mention.text] += 1
    cores = {heard: core(_usual(spellings)) for heard, spellings in labels.items()}
    people = _Persons(known)
    for group in rulings.groups:
        people.put_together(group, {interview for interview, _ in labels})
    trusted = {mention.heard for mention in mentions if mention.sure >= TRUSTED}
    wanted = [heard for heard in labels if heard in trusted and heard not in people.who]
    met: dict[str, str] = {}
    for heard in [heard for heard in wanted if heard in remembered]:
        pseudonym, *names = remembered[heard]
        if pseudonym in met:
            people.take(met[pseudonym], heard)
        else:
            people.add(heard, *names)
            met[pseudonym] = people.who[heard]
    # The longest first: "Mei Ling" may be Mei Ling Tan, and "W. Hazelaar" Wouter, where there is only one.
    for heard in sorted(wanted, key=lambda heard: (-_length(cores[heard]), heard)):
        if heard not in people.who and is_full(cores[heard]):
            fits = people.fitting(canonical(cores[heard]))
            people.add(heard, cores[heard], *(people.names_of(fits[0]) if len(fits) == 1 else ()))
    doubts: dict[Heard, str] = {}
    half = sorted(set(wanted) - set(people.who), key=lambda heard: (-_length(cores[heard]), heard))
    for only_here in (True, False):
        for heard in half:
            form = canonical(cores[heard]) or heard[1]
            here = people.fitting(form, heard[0])
            if heard not in people.who and len(here) == 1:
                people.take(here[0], heard)
            if only_here or heard in people.who:
                continue
            fits = here or people.fitting(form)
            if len(fits) > 1:
                people.who[heard], doubts[heard] = DOUBT.join(fits), SEVERAL
            elif fits:
                people.who[heard], doubts[heard] = fits[0] + UNSURE, ELSEWHERE
            elif parse_label(cores[heard]):
                people.add_alone(heard, cores[heard])
    return Linked(people.persons, people.who, doubts)


def _length(name: str) -> int:
    """The number of words; initials do not count."""
    return sum(1 for word in name.split() if not word.endswith("."))


class _Persons:
    """The persons while they are gathered, and whom each heard name means."""

    def __init__(self, known: Iterable[Person]) -> None:
        self._persons: list[Person] = []
        self._by_form: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self.who: dict[Heard, str] = {}
        for person in known:
            self._persons.append(person)
            self._index(len(self._persons) - 1)

    @property
    def persons(self) -> tuple[Person, ...]:
        return tuple(self._persons)

    def fitting(self, form: str, interview: str | None = None) -> list[str]:
        """The ids of those whom a canonical form fits: in an interview all who take part or are heard of there;
        else all of whom more than half a name is known."""
        fitting = [self._persons[at] for at in self._by_form[form]]
        if interview is None:
            return [person.id for person in fitting if not person.is_narrow]
        return [person.id for person in fitting if interview in person.interviews | person.heard_in]

    def names_of(self, person: str) -> tuple[str, ...]:
        """All names of a person."""
        return next(p.names for p in self._persons if p.id == person)

    def take(self, person: str, heard: Heard) -> None:
        """Take `heard` for a person."""
        self._take(next(i for i, p in enumerate(self._persons) if p.id == person), heard)

    def add(self, heard: Heard, *names: str) -> None:
        """Take `heard` for the person of these names: one who is there already, by a full name, or a new one."""
        full = {name.full for label in names if is_full(label) and (name := parse_label(label))}
        at = next((i for i, person in enumerate(self._persons) if person.full_names & full), None)
        self._take(self._new(names) if at is None else at, heard)

    def add_alone(self, heard: Heard, name: str) -> None:
        """Take `heard` for somebody of that interview alone."""
        alone = (i for i, p in enumerate(self._persons) if p.is_narrow and heard[0] in p.heard_in)
        at = next((i for i in alone if canonical(self._persons[i].names[0]) == canonical(name)), None)
        self._take(self._new((name,)) if at is None else at, heard)

    def put_together(self, group: Sequence[tuple[str, tuple[str, ...]]], interviews: Iterable[str]) -> None:
        """Take the names of a group that the researcher made for one person."""
        forms = {canonical(name) for name, _ in group}
        names = tuple(name for name, _ in group if parse_label(name))
        at = next((i for i, person in enumerate(self._persons) if person.full_names & forms), None)
        if at is None:
            at = self._new(names)
        else:
            person = self._persons[at]
            self._persons[at] = replace(person, names=tuple(dict.fromkeys([*person.names, *names])))
            self._index(at)
        for name, places in group:
            for interview in places:
                self._take(at, (interview, canonical(name)))
            if not places:
                self.who |= {(interview, canonical(name)): self._persons[at].id for interview in interviews}

    def _new(self, names: Sequence[str]) -> int:
        self._persons.append(Person(f"h{len(self._persons) + 1}", tuple(dict.fromkeys(names))))
        self._index(len(self._persons) - 1)
        return len(self._persons) - 1

    def _index(self, at: int) -> None:
        for variant in (variant for label in self._persons[at].names for variant in variants(label)):
            self._by_form[canonical(variant.pattern)][at] = None

    def _take(self, at: int, heard: Heard) -> None:
        person = self._persons[at]
        self.who[heard] = person.id
        if not person.interviews:
            self._persons[at] = replace(person, heard=tuple(sorted({*person.heard, heard})))


def _usual(labels: Counter[str]) -> str:
    """The spelling that occurs most, the one with capitals of two alike."""
    return min(labels, key=lambda label: (-labels[label], -sum(map(str.isupper, label)), label))
