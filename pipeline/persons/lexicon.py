"""All forms of name of a study's persons as one pattern, and whom each form may mean.

The forms are compiled as a letter tree, so that a long list of persons costs hardly more than a short one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.persons.folding import canonical
from pipeline.persons.people import Person
from pipeline.persons.variants import variants

_BREAK = r"(?:[ \n]+|[ \n]?-[ \n]?|_)"
_TOKENS = {" ": _BREAK, ",": rf"(?:,[ \n]?|{_BREAK})", ".": r"(?:\.[ \n]?|[ \n])", "'": "'?"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One person whom a form of name may mean."""

    person: str
    kind: str
    sure: bool
    written: str
    interviews: frozenset[str]
    heard_in: frozenset[str] = frozenset()
    narrow: bool = False
    half: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All forms of name of all persons: one pattern for them, one for given names with a Dutch genitive ("Brams"),
    and whom each form may mean."""

    pattern: re.Pattern[str]
    genitive: re.Pattern[str] | None
    readings: dict[str, tuple[Reading, ...]]


class _Node(dict[str, "_Node"]):
    """A letter tree of forms; the key "" marks the end of one."""


@lru_cache(maxsize=8)
def lexicon_of(people: tuple[Person, ...]) -> Lexicon | None:
    """The lexicon of `people`; None where nobody has a name. Kept for the next call."""
    readings: dict[str, dict[str, Reading]] = {}
    forms: set[str] = set()
    given: set[str] = set()
    for person in people:
        place = person.interviews, person.heard_in, person.is_narrow
        for variant in (variant for label in person.names for variant in variants(label)):
            reading = Reading(person.id, variant.kind, variant.sure, variant.written, *place, variant.half)
            known = readings.setdefault(canonical(variant.pattern), {})
            if person.id not in known or (reading.sure and not known[person.id].sure):
                known[person.id] = reading
            forms.add(variant.pattern)
            if variant.kind == "given name" and len(variant.pattern) > 2 and variant.pattern[-1] not in "sxz":
                given.add(variant.pattern)
    if not forms:
        return None
    return Lexicon(
        _compiled(forms, r"(?![^\W\d_])"),
        _compiled(given, r"(?=s(?![^\W\d_]))") if given else None,
        {key: tuple(known.values()) for key, known in readings.items()},
    )


def _compiled(forms: Iterable[str], behind: str) -> re.Pattern[str]:
    root = _Node()
    for form in forms:
        node = root
        for character in form:
            node = node.setdefault(character, _Node())
        node[""] = _Node()
    return re.compile(rf"(?<![^\W\d_]){_source(root)}{behind}")


def _source(node: _Node) -> str:
    branches = [_TOKENS.get(c, re.escape(c)) + _source(child) for c, child in sorted(node.items()) if c]
    if not branches or (len(branches) == 1 and "" not in node):
        return "".join(branches)
    return f"(?:{'|'.join(branches)})" + ("?" if "" in node else "")
