"""Whether what the finder heard can be taken for a person's name, and which of its words are the name.

The finder masks rather too much than too little. To make a person of what it heard, and to look for that name in the
whole study, takes more: every word of it must be one that people are called.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from pipeline.persons.finder import ORDINARY, SURNAME, USUAL, WRITTEN, Lexicon
from pipeline.persons.folding import canonical
from pipeline.persons.labels import is_prefix

OFTEN, SELDOM = 10, 0.1
"""A word that is said so often, and so seldom heard as a name, is rather a word: "Dan", "Ton"."""

VERY_USUAL, RATHER_USUAL = 6, 4  # of 7 classes

_CALLED = frozenset("tante oom ome opa oma opoe neef nicht zus broer meester juf collega".split())


class Plausible:
    """Judges names by the lexicon of the finder and by the talk of the whole study."""

    def __init__(self, lexicon: Lexicon, said: Mapping[str, int], heard: Iterable[str]) -> None:
        """`said` counts the canonical words of all talk; `heard` are the names heard, each as often as it was."""
        self._lexicon, self._said = lexicon, said
        self._heard = Counter(canonical(name) for name in heard)

    def is_seldom(self, name: str) -> bool:
        """Whether `name` is one word that is hardly ever heard as a name where it is said."""
        form = canonical(name)
        return self._said.get(form, 0) >= OFTEN and self._heard[form] < SELDOM * self._said[form]

    def core(self, name: str) -> str:
        """The words of `name` that are the name itself, as written: "tante Glenda wegliep" is Glenda, "van Wil" is
        Wil; "" where none is sure to be one."""
        words = name.split()
        named = any(map(self._is_name, words))
        if len(words) == 1 and self._is_heard_often(name):
            return name
        while words and not self._may_be_name(words[-1], named):
            words.pop()
        while words and not (self._may_be_name(words[0], named) or is_prefix(words[0])):
            words.pop(0)
        while len(words) > 1 and words[0].lower() == "van" and self._lexicon.may_be_given(canonical(words[1])):
            words.pop(0)
        own = [word for word in words if not is_prefix(word)]
        if not own or any(self._is_ordinary(word) for word in own if not self._is_name(word)):
            return ""
        if len(own) == 1 and (self._is_ordinary(own[0]) or self.is_seldom(own[0])):
            return ""
        return " ".join(words)

    def is_word(self, word: str) -> bool:
        """Whether a folded lower-case word is an ordinary one: usual, or written small as a rule."""
        usual = self._lexicon.flags_of(word) & USUAL
        return self._is_ordinary(word) or usual >= VERY_USUAL or (usual >= RATHER_USUAL and not self._is_name(word))

    def _is_heard_often(self, word: str) -> bool:
        """Whether a word that is no Dutch one is heard as a name twice or more, and at least every other time."""
        form = canonical(word)
        return not self._is_ordinary(word) and self._heard[form] >= max(2, 0.5 * self._said.get(form, 0))

    def _may_be_name(self, word: str, beside_name: bool) -> bool:
        """Whether a word may be part of a name: one that people have, or an unknown one with a capital beside it."""
        if word.lower() in _CALLED or is_prefix(word):
            return False
        return self._is_name(word) or (beside_name and word[0].isupper() and not self._is_ordinary(word))

    def _is_name(self, word: str) -> bool:
        """Whether people are called so, by given name or surname; initials too."""
        if is_prefix(word):
            return False
        if word.endswith(".") or (len(word) == 1 and word.isupper()):
            return True
        parts = canonical(word).split()
        known = all(self._lexicon.may_be_given(p) or self._lexicon.flags_of(p) & SURNAME for p in parts)
        return bool(parts) and known

    def _is_ordinary(self, word: str) -> bool:
        return self._lexicon.flags_of(canonical(word)) & WRITTEN == ORDINARY
