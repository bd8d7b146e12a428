"""Known names as a recogniser breaks them: cut in two ("brug man"), or spelt as they sound ("Vatma", "vi kas").

A name whose letters are all there but for a space is that person's. One that only sounds the same is masked, and not
taken for anybody: two names that sound alike are two names.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from pipeline.persons.folding import Folded, fold
from pipeline.persons.labels import is_prefix
from pipeline.persons.names import DOUBT, Finder
from pipeline.persons.people import Person
from pipeline.persons.variants import variants
from pipeline.records import Span

SHORTEST = 5  # letters of a name, and sounds of one that only sounds the same
_WORD = re.compile(r"[^\W\d_]+")
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"sch|sh|sj|ch(?=[aeiou])", "s"), (r"ph|v|w(?=[^aeiou]|$)", "f"), (r"z|c(?=[eiy])", "s"), (r"ck|c|q", "k"),
        (r"th|d", "t"), (r"b", "p"), (r"x", "ks"), (r"g|ch", "g"), (r"ij|ei|ey|ai|y", "i"), (r"ou|au", "au"),
        (r"oe|u", "u"), (r"h", ""), (r"j", "i"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """How a folded lower-case word sounds, roughly: words with one sound are spelt for each other by recognisers.

    >>> sound("vatma") == sound("fatma"), sound("vikas") == sound("vikash"), sound("bram") == sound("daan")
    (True, True, False)
    """
    for pattern, letter in _SOUNDS:
        word = pattern.sub(letter, word)
    return word


def respelt_names(people: Sequence[Person], is_word: Callable[[str], bool]) -> Finder:
    """A finder of the names of `people` in the spellings of this module's text; `is_word` tells of a folded lower-case
    word whether it is an ordinary one, which is never taken for a name that only sounds like it."""
    letters: dict[str, dict[str, None]] = {}
    for person in people:
        for variant in (variant for label in person.names for variant in variants(label) if variant.sure):
            if variant.kind in ("given name", "surname", "full name") and "," not in variant.pattern:
                joined = "".join(_WORD.findall(variant.pattern))
                if len(joined) >= SHORTEST:
                    letters.setdefault(joined, {})[person.id] = None
    sounds = {key for joined in letters if len(key := sound(joined)) >= SHORTEST}

    def find(text: str) -> Iterator[Span]:
        folded = fold(text)
        words = [(match[0], *match.span()) for match in _WORD.finditer(folded.lower)]
        for word, start, end in words:
            if word not in letters and sound(word) in sounds and not is_word(word):
                yield _span(folded, start, end, None)
        for (left, start, middle), (right, after, end) in pairwise(words):
            joined = left + right
            if not folded.text[middle:after].isspace():
                continue
            if joined in letters:
                yield _span(folded, start, end, DOUBT.join(letters[joined]))
                continue
            rather_two = is_prefix(left) or left in letters or (is_word(left) and is_word(right))
            if not rather_two and sound(joined) in sounds:
                yield _span(folded, start, end, None)

    return find


def _span(folded: Folded, start: int, end: int, person: str | None) -> Span:
    evidence = "study: a known name, cut in two" if person else "study: sounds like a known name"
    return Span(*folded.raw(start, end), "person", evidence, person)
