"""The persons a study knows by name: its participants, and whoever stands in the researcher's own list."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.files import decoded
from pipeline.persons.labels import is_name, parse_label
from pipeline.persons.participants import Speaker
from pipeline.persons.register import Register
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `id` holds within one run; `names` are as written, none where only a label such as "Spreker 1" is
    known. Someone takes part in the interviews of the next three fields, or is only spoken of: `heard` are the
    interviews in which the name finder heard somebody whom nobody listed, each with the canonical form of the name."""

    id: str
    names: tuple[str, ...]
    respondent_of: tuple[str, ...] = ()
    interviewer_of: tuple[str, ...] = ()
    present_in: tuple[str, ...] = ()
    heard: tuple[tuple[str, str], ...] = ()

    @property
    def heard_in(self) -> frozenset[str]:
        """The interviews in which the name finder heard this person."""
        return frozenset(interview for interview, _ in self.heard)

    @property
    def is_narrow(self) -> bool:
        """Whether half a name is all that is known of somebody who was only heard of: "Anna" of R01 and "Anna" of R05
        are then two, and neither is looked for in other interviews."""
        return bool(self.heard) and not self.interviews and not any(map(is_full, self.names))

    @property
    def interviews(self) -> frozenset[str]:
        """The interviews in which this person takes part."""
        return frozenset((*self.respondent_of, *self.interviewer_of, *self.present_in))

    @property
    def full_names(self) -> frozenset[str]:
        """The canonical full names, by which persons are told apart and known again."""
        return frozenset(name.full for label in self.names if (name := parse_label(label)))


@dataclass(frozen=True, slots=True)
class People:
    """The persons of a study, in order of appearance, and who speaks under (interview, label)."""

    persons: tuple[Person, ...] = ()
    speakers: Mapping[tuple[str, str], str] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    names: list[str] = field(default_factory=list)
    respondent_of: list[str] = field(default_factory=list)
    interviewer_of: list[str] = field(default_factory=list)
    present_in: list[str] = field(default_factory=list)
    speaks: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        return {name.full for label in self.names if (name := parse_label(label))}

    def take(self, names: Iterable[str]) -> None:
        self.names += [name for name in names if name not in self.names and is_name(name)]


def known_people(
    speakers: Sequence[Speaker],
    register: Register | None,
    listed: Sequence[tuple[str, ...]] = (),
    remembered: Sequence[tuple[str, ...]] = (),
) -> People:
    """Everyone whom the study knows by name, each once.

    One full name is one person, whatever their part, with one exception: respondents of two interviews are two
    persons, also where they are namesakes, unless the register says they are one (`respondent_name` then holds the
    other interview's id). Interviewers known by a label without a name are taken to be the same in every interview.

    `listed` are the names of the researcher's own list; `remembered` those of the key: someone who took part once and
    whose interview is gone may still be spoken of.
    """
    drafts: list[_Draft] = []
    registered = register.rows if register else ()
    for interview in dict.fromkeys([*(s.interview for s in speakers), *(row.interview for row in registered)]):
        _add_respondents(drafts, interview, [s for s in speakers if s.interview == interview], register)
    for speaker in speakers:
        if speaker.role == "interviewer" and speaker.label is not None:
            draft = _find_interviewer(drafts, speaker, speakers)
            draft.take(speaker.names)
            draft.interviewer_of.append(speaker.interview)
            draft.speaks.append((speaker.interview, speaker.label, speaker.number))
    for row in registered:
        for names in row.interviewers:
            draft = _find(drafts, names) or _new(drafts)
            draft.take(names)
            if row.interview not in draft.interviewer_of and draft.names:
                draft.interviewer_of.append(row.interview)
    for speaker in speakers:
        if speaker.role in ("unknown", "document") and speaker.label is not None:
            draft = (_find(drafts, speaker.names) if speaker.names else None) or _new(drafts)
            draft.take(speaker.names)
            draft.present_in.append(speaker.interview)
            draft.speaks.append((speaker.interview, speaker.label, speaker.number))
    for names in listed:
        (_find(drafts, names) or _new(drafts)).take(names)
    for names in remembered:
        if not any(draft.keys & _keys(names) for draft in drafts):
            _new(drafts).take(names)
    return _finished([draft for draft in drafts if draft.names or draft.speaks])


def _add_respondents(drafts: list[_Draft], interview: str, speakers: list[Speaker], register: Register | None) -> None:
    row = register.of_interview(interview) if register else None
    earlier = next((d for d in drafts if row and row.same_as in d.respondent_of), None) if row and row.same_as else None
    groups = list(row.respondents) if row and not row.same_as else []
    own: list[_Draft] = []
    for speaker in speakers:
        if speaker.role != "respondent" or speaker.label is None:
            continue
        draft = earlier or next((d for d in own if d.keys & _keys(speaker.names)), None) or _new(drafts)
        draft.take(speaker.names)
        draft.speaks.append((interview, speaker.label, speaker.number))
        own.append(draft)
    for names in groups:
        if any(is_name(name) for name in names) and not any(draft.keys & _keys(names) for draft in own):
            own.append(_new(drafts))
            own[-1].take(names)
    for draft in own or ([earlier] if earlier else []):
        if interview not in draft.respondent_of:
            draft.respondent_of.append(interview)


def is_full(label: str) -> bool:
    """Whether a label holds a whole name: given name or initials, and surname."""
    name = parse_label(label)
    return bool(name and name.surname and (name.given or name.initials))


def _keys(names: Iterable[str]) -> set[str]:
    return {name.full for label in names if (name := parse_label(label))}


def _new(drafts: list[_Draft]) -> _Draft:
    drafts.append(_Draft())
    return drafts[-1]


def _find(drafts: list[_Draft], names: Sequence[str]) -> _Draft | None:
    """The one draft with one of these full names; None where there is none, or where namesakes leave a doubt."""
    found = [draft for draft in drafts if draft.keys & _keys(names)]
    return found[0] if len(found) == 1 else None


def _find_interviewer(drafts: list[_Draft], speaker: Speaker, speakers: Sequence[Speaker]) -> _Draft:
    if speaker.names:
        found = _find(drafts, speaker.names)
        if found is None and len(keys := _keys(speaker.names)) == 1 and " " not in min(keys):
            word = min(keys)
            alike = [d for d in drafts if d.interviewer_of and any(word in key.split() for key in d.keys)]
            found = alike[0] if len(alike) == 1 else None
        return found or _new(drafts)
    before = sum(
        1 for s in speakers
        if s.interview == speaker.interview and s.role == "interviewer" and not s.names and s.number < speaker.number
    )  # fmt: skip
    unnamed = [draft for draft in drafts if draft.interviewer_of and not draft.names]
    return unnamed[before] if before < len(unnamed) else _new(drafts)


def _finished(drafts: list[_Draft]) -> People:
    persons: list[Person] = []
    speaking: dict[tuple[str, str], str] = {}
    labels: dict[str, tuple[str, int]] = {}
    for number, draft in enumerate(drafts, start=1):
        person = Person(f"p{number}", tuple(draft.names), tuple(draft.respondent_of),
                        tuple(dict.fromkeys(draft.interviewer_of)), tuple(dict.fromkeys(draft.present_in)))  # fmt: skip
        persons.append(person)
        for interview, label, position in draft.speaks:
            speaking[interview, label] = person.id
            labels.setdefault(person.id, (interview, position))
    return People(tuple(persons), speaking, labels)


def listed_names(settings: Settings) -> tuple[tuple[str, ...], ...]:
    """The researcher's own list, where the settings name one. Raises SettingsError."""
    return read_names(settings.extra_names) if settings.extra_names else ()


def read_names(path: Path) -> tuple[tuple[str, ...], ...]:
    """The researcher's own list of names: a text file, one person a line, more names of one person joined by "=".

    `Piet = Pieter van Dam` says that both are one person; so do two lines that share a name. A line that begins
    with # is a remark. Raises SettingsError, by line number and without quoting, for a file or line that cannot be
    used.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: the list of names cannot be read ({error.strerror}).") from None
    if b"\0" in data:
        raise SettingsError(f"{path}: the list of names is no plain text file. Save it as UTF-8 text.")
    text = decoded(data)
    groups: list[tuple[str, ...]] = []
    bad = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        names = tuple(part.strip() for part in re.split("=", line))
        if not all(names) or not all(is_name(name) for name in names):
            bad.append(number)
            continue
        shared = [group for group in groups if _keys(group) & _keys(names)]
        groups = [group for group in groups if group not in shared]
        groups.append(tuple(dict.fromkeys(name for group in (*shared, names) for name in group)))
    if bad:
        lines = ", ".join(map(str, bad[:20]))
        raise SettingsError(
            f"{path}: line {lines}: not a name, or an empty side of '='. Correct the list and run again."
        )
    return tuple(groups)
