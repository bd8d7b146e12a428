"""Real Dutch prose made ready to put names into: where a name stands, or could stand, in each sentence.

A sentence is a list of rows (word, label); a slot is a range of rows that a person may take the place of. Labels come
from the treebanks' tags and a few lists; a word that may be a name, and nobody knows, is UNKNOWN and teaches nothing.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import names_lists as lists
from names_people import People, Row

from pipeline.persons.finder import BEGIN, INSIDE, OUTSIDE, tokens
from pipeline.persons.folding import fold
from pipeline.persons.labels import is_prefix

UNKNOWN = -1
TATOEBA_NAMES = frozenset("""Tom Toms Mary Maria John Marie Johan Jan Bob Ken Jim Bill Jane Mike Paul Betty Kate Lisa
Peter Alice Emily Nancy Susan Linda Lucy Judy Jack Fred George Meg Anna Ann Jeff Taro Hanako Kim Layla Sami Muiriel
Dan Eva Jef Sara Tony Dick David Helen Laura Julia Emma Robert Henry Charles Carol Cathy Cindy Nick Pierre Markku Jorge
Ziri Roger Andy Ben Karin Klaas Pieter Jacques Felipe Luis Carlos Alex Sophie Martin Thomas Michael""".split())
ROLE_WORDS = frozenset(lists.ROLES) | frozenset("meisje jongen kind dame heer oma opa tante oom rapporteur".split())
DETERMINERS = frozenset("de mijn jouw onze zijn haar hun die deze een uw".split())
PREPOSITIONS = frozenset("naar met van aan voor bij door over zonder tegen op om".split())


@dataclass
class Prose:
    """Sentences by what they are good for, and how words are written in them."""

    plain: list[list[Row]] = field(default_factory=list)
    slotted: list[tuple[list[Row], list[tuple[int, int]]]] = field(default_factory=list)  # where a name stood
    pronouns: list[tuple[list[Row], list[tuple[int, int]]]] = field(default_factory=list)  # where one could
    news: list[tuple[list[Row], list[tuple[int, int]]]] = field(default_factory=list)
    lower: Counter[str] = field(default_factory=Counter)
    capital: Counter[str] = field(default_factory=Counter)


def read_prose(data: Path, people: People) -> Prose:
    """All sentences of the folders of `data`, each once."""
    prose = Prose()
    sentences: dict[str, None] = {}
    for name in ("danielsjf", "pcmill", "sentence-collector"):
        sentences |= dict.fromkeys((data / "commonvoice-nl" / f"{name}.txt").read_text(encoding="utf-8").splitlines())
    pairs = (data / "manythings-nld" / "nld.txt").read_text(encoding="utf-8").splitlines()
    sentences |= dict.fromkeys(line.split("\t")[1] for line in pairs if "\t" in line)
    tatoeba = next((data / "tatoeba-eng-nld").glob("*.nld"))
    sentences |= dict.fromkeys(tatoeba.read_text(encoding="utf-8").splitlines())
    captions = (data / "sick-nl" / "SICKSENTSNL_CORRECTED.txt").read_text(encoding="utf-8").splitlines()
    sentences |= dict.fromkeys(captions)
    split = [[word for word, _, _ in tokens(fold(text))] for text in sentences if text.strip()]
    treebank = list(_treebanks(data / "ud-dutch"))
    for words in [*split, *([word for word, _, _ in tagged] for tagged in treebank)]:
        fresh = True
        for word in words:
            if word.isalpha() and not fresh:
                (prose.capital if word[0].isupper() else prose.lower)[word.lower()] += 1
            fresh = word in ".?!:\"'„“«"
    given = {name.lower() for name in people.given}
    for words in split:
        _sort_in(prose, words, given)
    surnames = {word.lower() for name in people.surnames for word in name.split() if not is_prefix(word)}
    _sort_in_news(prose, treebank, given, surnames)
    return prose


def not_persons() -> frozenset[str]:
    """Lower-case words with a capital that name no person: places, peoples, times, organisations, programs."""
    words = [*lists.PLACES, *lists.TIMES, *lists.PEOPLES, *lists.TOOLS]
    words += [part for name in lists.ORGANISATIONS for part in name.split()]
    return frozenset(fold(word).lower for word in words)


_NOT_PERSONS = not_persons()


def _sort_in(prose: Prose, words: list[str], given: set[str]) -> None:
    rows: list[Row] = []
    slots: list[tuple[int, int]] = []
    fresh = True
    for i, word in enumerate(words):
        label = OUTSIDE
        lower = word.lower()
        if word in TATOEBA_NAMES:
            if word == "Toms":
                label = BEGIN
            else:
                label = BEGIN
                slots.append((i, i + 1))
        elif word[0].isupper() and lower not in _NOT_PERSONS:
            ordinary = prose.lower[lower] > 2 * prose.capital[lower] + (0 if lower not in given else 4)
            adjective = lower.endswith(("se", "sch", "ers", "aan", "land", "ees"))
            if not (fresh and ordinary) and not adjective and not (len(word) > 1 and word.isupper()):
                label = UNKNOWN if lower in given or not prose.lower[lower] else OUTSIDE
        rows.append((word, label))
        fresh = word in ".?!:\"'„“«"
    if slots:
        prose.slotted.append((rows, slots))
        return
    prose.plain.append(rows)
    places = list(_persons_could_stand(words))
    if places:
        prose.pronouns.append((rows, places))


def _persons_could_stand(words: list[str]) -> Iterator[tuple[int, int]]:
    """Where a pronoun or noun for one person stands that a name may replace."""
    lower = [word.lower() for word in words] + ["", ""]
    for i, word in enumerate(lower[:-2]):
        following = lower[i + 1]
        if word == "hij" or (word in ("zij", "ze") and following.endswith(("t", "de", "te", "as", "ou", "il", "on"))):
            yield i, i + 1
        elif word == "hem" and i:
            yield i, i + 1
        elif word == "haar" and i and (lower[i - 1] in PREPOSITIONS or not following.isalpha()) and (
            not following.isalpha() or following in PREPOSITIONS or following.endswith("en")
        ):
            yield i, i + 1
        elif word in DETERMINERS and following in ROLE_WORDS:
            yield i, i + 2


def _treebanks(folder: Path) -> Iterator[list[tuple[str, str, str]]]:
    """Sentences of (word, tag, gender and number), each once."""
    seen: set[str] = set()
    for path in sorted(folder.glob("*.conllu")):
        for block in path.read_text(encoding="utf-8").split("\n\n"):
            lines = [line.split("\t") for line in block.splitlines() if line[:1].isdigit()]
            lines = [line for line in lines if line[0].isdigit()]
            key = " ".join(line[1] for line in lines)
            if lines and key not in seen:
                seen.add(key)
                yield [(fold(line[1]).text, line[3], f"{line[4]}|{line[5]}") for line in lines]


def _runs(tagged: list[tuple[str, str, str]]) -> Iterator[tuple[int, int]]:
    """Where proper nouns stand next to each other."""
    i = 0
    while i < len(tagged):
        end = i
        while end < len(tagged) and tagged[end][1] == "PROPN":
            end += 1
        if end > i:
            yield i, end
        i = max(end, i + 1)


def _label_of(run: list[tuple[str, str, str]], prose: Prose, given: set[str], surnames: set[str]) -> int:
    """BEGIN for what is surely a person, OUTSIDE for what surely is none, else UNKNOWN."""
    lower = [word.lower() for word, _, _ in run]
    detail = run[0][2]
    if any(word in _NOT_PERSONS for word in lower) or (run[0][0].isupper() and len(run[0][0]) > 2):
        return OUTSIDE
    if len(run) == 1 and any(sign in detail for sign in ("onz", "Neut", "|mv|", "Plur")):
        return OUTSIDE
    signs = any(not word[0].isalpha() for word in lower)
    if 1 < len(run) < 6 and lower[0] in given and not is_prefix(lower[0]) and not signs:
        return BEGIN if run[-1][0][0].isupper() and prose.lower[lower[0]] < 20 else UNKNOWN
    if 1 < len(run) < 5 and lower[0] in ("van", "vander", "vanden", "ver") and lower[-1] in surnames:
        return BEGIN if run[0][0][0].isupper() else UNKNOWN
    if len(run) == 1 and lower[0] in given and not prose.lower[lower[0]]:
        return BEGIN
    return UNKNOWN


def _sort_in_news(prose: Prose, treebank: list[list[tuple[str, str, str]]], given: set[str], surnames: set[str]) -> None:
    """Runs of proper nouns that begin with a given name are taken for persons, and so is a surname from such a run
    when it stands alone; most other ones are unknown."""
    last = Counter(
        tagged[end - 1][0] for tagged in treebank for start, end in _runs(tagged)
        if end - start > 1 and _label_of(tagged[start:end], prose, given, surnames) == BEGIN
    )  # fmt: skip
    for tagged in treebank:
        rows: list[Row] = []
        slots: list[tuple[int, int]] = []
        done = 0
        for start, end in [*_runs(tagged), (len(tagged), len(tagged))]:
            rows += [row for word, _, _ in tagged[done:start] for row in _labelled(word, OUTSIDE)]
            run = tagged[start:end]
            done = end
            if not run:
                continue
            label = _label_of(run, prose, given, surnames)
            if label == UNKNOWN and len(run) == 1 and last[run[0][0]] and not prose.lower[run[0][0].lower()]:
                label = BEGIN
            parts = [row for word, _, _ in run for row in _labelled(word, label)]
            if label == BEGIN:
                slots.append((len(rows), len(rows) + len(parts)))
                parts = [(word, INSIDE if i else BEGIN) for i, (word, _) in enumerate(parts)]
            rows += parts
        if slots:
            prose.news.append((rows, slots))
        elif rows:
            prose.plain.append(rows)


def _labelled(word: str, label: int) -> list[Row]:
    return [(part, label) for part, _, _ in tokens(fold(word))]


class Writer:
    """Writes examples: prose and phrases with persons in them, as papers write and as recognisers do."""

    def __init__(self, prose: Prose, people: People) -> None:
        self.prose, self.people, self.random = prose, people, people.random
        from faker.providers.address import nl_BE, nl_NL

        cities = [*nl_NL.Provider.cities, *nl_BE.Provider.cities, *nl_NL.Provider.countries]
        self.places = [fold(city).text for city in cities] + lists.PLACES * 20

    def example(self) -> list[Row]:
        """One text of one to four sentences."""
        random = self.random
        count = random.choice((1, 1, 1, 1, 2, 2, 3, 4))
        rows = [row for _ in range(count) for row in self._noisy(self._sentence())]
        return self._cased(rows)[:120]

    def _sentence(self) -> list[Row]:
        chance, prose = self.random.random(), self.prose
        if chance < 0.15:
            return self._filled(*self.random.choice(prose.slotted))
        if chance < 0.34:
            return self._filled(*self.random.choice(prose.pronouns), keep=0.25)
        if chance < 0.50:
            return self._filled(*self.random.choice(prose.news), keep=0.45)
        if chance < 0.64:
            return self._phrase(self.random.choice(lists.PHRASES))
        if chance < 0.73:
            return self._phrase(self.random.choice(lists.NO_NAMES))
        return list(self.random.choice(prose.plain))

    def _filled(self, rows: list[Row], slots: list[tuple[int, int]], keep: float = 0.05) -> list[Row]:
        rows = list(rows)
        chosen = slots if self.random.random() < 0.6 else [self.random.choice(slots)]
        for start, end in reversed(chosen):
            if self.random.random() < keep:
                continue
            named = self._slot()
            before = [row for row in rows[start:end]]
            if before[0][1] == OUTSIDE and before[-1][0] in ROLE_WORDS and self.random.random() < 0.5:
                comma = [(",", OUTSIDE)] if self.random.random() < 0.5 else []
                named = before + comma + self.people.person() + comma
            rows[start:end] = named
        return rows

    def _slot(self) -> list[Row]:
        """What comes in a person's place: a person, a few, or one with something said about it."""
        chance, person = self.random.random(), self.people.person
        if chance < 0.76:
            return person()
        if chance < 0.90:
            rows = person()
            for _ in range(self.random.choice((0, 0, 0, 1, 1, 2, 4))):
                rows = [*rows, (",", OUTSIDE), *person()]
            return [*rows, (self.random.choice(("en", "en", "of", ",")), OUTSIDE), *person()]
        aside = self._phrase(self.random.choice(lists.ASIDES))
        comma = [(",", OUTSIDE)] if self.random.random() < 0.5 else []
        if chance < 0.93:
            return [*person(), ("(", OUTSIDE), *aside, (")", OUTSIDE)]
        return [*person(), *comma, *aside, *comma]

    def _phrase(self, phrase: str) -> list[Row]:
        random, people = self.random, self.people
        rows: list[Row] = []
        for i, word in enumerate(phrase.split()):
            match word:
                case "{p}":
                    rows += people.person() if random.random() < 0.8 else self._slot()
                case "{g}":
                    rows += people.given_name()
                case "{s}":
                    rows += people.surname()
                case "{o}":
                    rows += _outside(self._organisation())
                case "{t}":
                    rows += _outside(random.choice(lists.TOOLS))
                case "{l}":
                    rows += _outside(random.choice(self.places))
                case "{m}":
                    rows += _outside(random.choice(lists.TIMES))
                case "{n}":
                    rows += _outside(random.choice(lists.PEOPLES))
                case "{r}":
                    rows += _outside(random.choice(lists.ROLES))
                case _:
                    rows += _outside(word.capitalize() if i == 0 else word)
        return [*rows, (random.choice(".....?!"), OUTSIDE)] if random.random() < 0.8 else rows

    def _organisation(self) -> str:
        chance, random = self.random.random(), self.random
        if chance < 0.75:
            return random.choice(lists.ORGANISATIONS)
        place = random.choice(self.places)
        noun = random.choice([rows[k][0] for rows in random.choices(self.prose.plain, k=4) for k in range(len(rows))])
        noun = noun.capitalize() if noun.isalpha() else "Horizon"
        kinds = (f"Stichting {noun}", f"basisschool De {noun}", f"De {noun}", f"Team {noun}", f"{noun}zorg",
                 f"{noun}huis", f"gemeente {place}", f"Stichting {place}", f"{noun}bank", f"Beleid {noun}")  # fmt: skip
        return random.choice(kinds)

    def _noisy(self, rows: list[Row]) -> list[Row]:
        """With the fillers and repetitions of talk, now and then."""
        random = self.random
        if random.random() > 0.3:
            return rows
        for _ in range(random.choice((1, 1, 2, 3))):
            at = random.randrange(len(rows) + 1)
            inner = at < len(rows) and rows[at][1] == INSIDE
            if random.random() < 0.25 and 0 < at and rows[at - 1][1] == OUTSIDE:
                rows = rows[:at] + rows[at - 1 : at] + rows[at:]
            elif not inner:
                comma = [(",", OUTSIDE)] if random.random() < 0.4 else []
                rows = rows[:at] + comma + _outside(random.choice(lists.FILLERS)) + comma + rows[at:]
        return rows

    def _cased(self, rows: list[Row]) -> list[Row]:
        """As written, or in lower case, or with the capitals of a recogniser that does not know the names."""
        random = self.random
        chance = random.random()
        if chance < 0.44:
            return rows
        if chance < 0.72:
            return [(w.lower(), y) for w, y in rows if w.isalnum() or len(w) > 1]
        if chance < 0.82:
            return [(w.lower(), y) for w, y in rows]
        if chance < 0.94:
            some = random.random() < 0.5
            return [(w.lower() if y > OUTSIDE and (some or random.random() < 0.5) else w, y) for w, y in rows]
        if chance < 0.97:
            return [(w.capitalize() if y == BEGIN else w.lower(), y) for w, y in rows if w.isalnum() or len(w) > 1]
        if chance < 0.98:
            return [(w.upper(), y) for w, y in rows]
        return [(w, y) for w, y in rows if w.isalnum() or len(w) > 1]


def _outside(text: str) -> list[Row]:
    return [(word, OUTSIDE) for word, _, _ in tokens(fold(text))]
