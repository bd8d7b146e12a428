"""Invented persons and things for the name finder's training data, as rows of (word, label)."""

import json
import random
from collections.abc import Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path

import names_lists as lists

from pipeline.persons.finder import BEGIN, INSIDE, OUTSIDE, tokens
from pipeline.persons.folding import fold

Row = tuple[str, int]
# Locales of faker (MIT) whose names are in Latin script, roughly as often as one meets them in the Netherlands.
LOCALES = {
    "nl_NL": 4, "nl_BE": 4, "tr_TR": 5, "fr_FR": 3, "fr_BE": 2, "fr_DZ": 3, "de_DE": 3, "en_US": 3, "en_GB": 2,
    "en_IN": 2, "en_NG": 1, "en_PK": 2, "pl_PL": 3, "it_IT": 2, "es_ES": 2, "es_CO": 1, "pt_PT": 2, "pt_BR": 1,
    "id_ID": 2, "ro_RO": 1, "hu_HU": 1, "cs_CZ": 1, "sv_SE": 1, "da_DK": 1, "no_NO": 1, "fi_FI": 1, "hr_HR": 1,
    "vi_VN": 1, "az_AZ": 1, "tw_GH": 1, "yo_NG": 1, "sw": 1, "zu_ZA": 1, "en_KE": 1,
}  # fmt: skip
ARABIC_PREFIXES = ("El", "Al", "Ben", "Ait", "Bou", "el", "al", "ben")
PREFIXES = ("van", "de", "van de", "van der", "van den", "den", "ter", "van 't", "in 't", "te", "op de", "Van", "De",
            "Van den", "Van de", "Vander", "D'", "du", "le", "la", "di", "von", "da", "dos")  # fmt: skip


class People:
    """Draws names, of every kind that one meets in the Netherlands and Flanders."""

    def __init__(self, data: Path, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - no secret
        given = json.loads((data / "names" / "firstnames.json").read_text(encoding="utf-8"))
        self.given = [_plain(name) for name in given if len(name) > 1]
        surnames = (data / "names" / "family_names_freq_5_or_more.lst").read_text(encoding="utf-8").splitlines()
        self.surnames = [_plain(name) for name in surnames if name.strip()]
        top = next((data / "names").glob("top_1000*.csv")).read_text(encoding="utf-8").splitlines()[1:]
        self.common = [_plain(line.split(",")[0]) for line in top]
        self.words: list[str] = ["Roos"]  # names that are words too: told by `Writer`
        self.foreign: list[tuple[list[str], list[str]]] = []
        self.shares: list[int] = []
        for locale, share in LOCALES.items():
            provider = import_module(f"faker.providers.person.{locale}").Provider
            firsts = [name for key in ("first_names", "first_names_male", "first_names_female")
                      for name in getattr(provider, key, ())]  # fmt: skip
            lasts = list(getattr(provider, "last_names", ()) or getattr(provider, "last_names_male", ()))
            firsts, lasts = (
                [_plain(n) for n in dict.fromkeys(names) if isinstance(n, str)] for names in (firsts, lasts)
            )
            if firsts and lasts:
                self.foreign.append((firsts, lasts))
                self.shares.append(share)

    @cached_property
    def usual(self) -> tuple[list[str], list[float]]:
        """Given names with how often they are used, as far as the frequency of the word tells."""
        from wordfreq import word_frequency

        chosen = [name for name in self.given if "-" not in name]
        return chosen, [min(word_frequency(name.lower(), "nl"), 2e-5) ** 0.6 for name in chosen]

    def pool_given(self) -> str:
        """A single given name."""
        chance = self.random.random()
        if chance < 0.36:
            return self.random.choices(*self.usual)[0]
        if chance < 0.70:
            return self.random.choice(self.given)
        if chance < 0.76:
            return self.random.choice(lists.NICKNAMES)
        if chance < 0.97:
            return self.random.choice(self.random.choices(self.foreign, self.shares)[0][0])
        return invented(self.random)

    def pool_surname(self) -> str:
        """A surname with its prefixes."""
        chance = self.random.random()
        if chance < 0.35:
            return self.random.choice(self.common)
        if chance < 0.66:
            return self.random.choice(self.surnames)
        if chance < 0.90:
            name = self.random.choice(self.random.choices(self.foreign, self.shares)[0][1])
            return f"{self.random.choice(ARABIC_PREFIXES)} {name}" if self.random.random() < 0.12 else name
        if chance < 0.97:
            return f"{self.random.choice(PREFIXES)} {self.random.choice(self.surnames).split()[-1]}".replace("' ", "'")
        return invented(self.random)

    def words_of(self, name: str) -> list[Row]:
        """A name as rows, now and then misspelt as a recogniser would."""
        words = [word for word, _, _ in tokens(fold(name))]
        if self.random.random() < 0.14:
            at = self.random.randrange(len(words))
            words[at : at + 1] = misheard(words[at], self.random)
        return [(word, INSIDE if i else BEGIN) for i, word in enumerate(words)]

    def given_name(self) -> list[Row]:
        """ "Anna", "Jan-Willem" or "Mei Ling"."""
        chance = self.random.random()
        if chance < 0.91:
            return self.words_of(self.pool_given())
        return self.words_of(self.pool_given() + ("-" if chance < 0.96 else " ") + self.pool_given())

    def surname(self) -> list[Row]:
        """ "de Vries", "Jansen-Bakker" or "Van den Broeck"."""
        name = self.pool_surname()
        if self.random.random() < 0.06:
            name += self.random.choice(("-", " - ", "-")) + self.pool_surname()
        if self.random.random() < 0.2:
            name = name[:1].upper() + name[1:]
        return self.words_of(name)

    def ambiguous(self) -> list[Row]:
        """A name that is a word of Dutch talk as well, alone or with another."""
        word = self.random.choice(self.words)
        rows = [(word.capitalize(), BEGIN)]
        return rows if self.random.random() < 0.75 else _joined(rows, self.surname())

    def person(self) -> list[Row]:
        """A person in one of the forms that talk and papers have."""
        chance = self.random.random()
        if chance < 0.05:
            return self.ambiguous()
        if chance < 0.46:
            return self.given_name()
        if chance < 0.74:
            return _joined(self.given_name(), self.surname())
        if chance < 0.84:
            title = self.random.choice(lists.TITLES)
            middle = self.given_name() if self.random.random() < 0.15 else []
            return [(title, OUTSIDE), *_joined(middle, self.surname())]
        if chance < 0.94:
            return self.surname()
        letters = [self.random.choice("ABCDEFGHJKLMNPRSTVW") for _ in range(self.random.choice((1, 1, 1, 2, 3)))]
        written = "".join(f"{letter}." for letter in letters) if self.random.random() < 0.7 else " ".join(letters)
        return _joined([(w, INSIDE if i else BEGIN) for i, w in enumerate(written.split())], self.surname())


def _joined(first: list[Row], second: list[Row]) -> list[Row]:
    return first + [(word, INSIDE) for word, _ in second] if first else second


def _plain(name: str) -> str:
    return fold(name.strip()).text


def invented(chance: random.Random) -> str:
    """A name that is in no list, of syllables."""
    syllables = chance.choice((1, 2, 2, 3))
    parts = [
        chance.choice("b d f g h j k l m n p r s t v w z br dr kl sj st tj sch kr gr ch sh th".split())
        + chance.choice("a e i o u aa ee ie oe ij ei a e o i".split())
        + chance.choice(" n r s l t m k nt rd nk ns".split(" "))
        for _ in range(syllables)
    ]
    ending = chance.choice(["", "", "a", "e", "o", "i", "ie", "je", "ma", "stra", "inga", "oglu", "ic", "ski", "sen"])
    return ("".join(parts) + ending).capitalize()


_SLIPS = [("c", "k"), ("k", "c"), ("ij", "ei"), ("ei", "ij"), ("y", "ie"), ("ie", "i"), ("ou", "au"), ("d", "t"),
          ("t", "d"), ("f", "v"), ("v", "f"), ("s", "z"), ("z", "s"), ("g", "ch"), ("ch", "g"), ("oe", "u"),
          ("u", "oe"), ("aa", "a"), ("ee", "e"), ("oo", "o"), ("th", "t"), ("ph", "f"), ("sj", "sh"), ("j", "i"),
          ("m", "n"), ("n", "m"), ("a", "e"), ("e", "a"), ("i", "e"), ("o", "a"), ("q", "k"), ("x", "ks"), ("h", ""),
          ("r", ""), ("b", "p"), ("p", "b"), ("w", "v")]  # fmt: skip


def misheard(word: str, chance: random.Random) -> list[str]:
    """The word as a recogniser might write it: one slip, a letter lost or doubled, or cut in two."""
    if len(word) < 3 or not word.isalpha():
        return [word]
    kind = chance.random()
    if kind < 0.3 and len(word) > 4:
        at = chance.randrange(2, len(word) - 2)
        return [word[:at], word[at:] if chance.random() < 0.6 else word[at:].capitalize()]
    if kind < 0.7:
        fitting = [(a, b) for a, b in _SLIPS if a in word[1:]]
        if fitting:
            a, b = chance.choice(fitting)
            return [word[0] + word[1:].replace(a, b, 1)]
    at = chance.randrange(1, len(word))
    return [word[:at] + (word[at] if chance.random() < 0.3 else "") + word[at + (chance.random() < 0.5) :] or word]


def as_rows(text: str) -> list[Row]:
    """Words that name nobody."""
    return [(word, OUTSIDE) for word, _, _ in tokens(fold(text))]


def choice_of(things: Sequence[str], chance: random.Random) -> list[Row]:
    """One of `things`, as rows."""
    return as_rows(chance.choice(things))
