"""Real Dutch prose made ready to put names into: where a name stands, or could stand, in each sentence.

A sentence is a list of rows (word, label); a slot is a range of rows that a person may take the place of. Labels come
from the treebanks' tags and a few lists; a word that may be a name, and nobody knows, is UNKNOWN and teaches nothing.
"""

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
TATOEBA_NAMES = frozenset(
    """Tom Toms Mary Maria John Marie Johan Jan Bob Ken Jim Bill Jane Mike Paul Betty Kate Lisa
Peter Alice Emily Nancy Susan Linda Lucy Judy Jack Fred George Meg Anna Ann Jeff Taro Hanako Kim Layla Sami Muiriel
Dan Eva Jef Sara Tony Dick David Helen Laura Julia Emma Robert Henry Charles Carol Cathy Cindy Nick Pierre Markku Jorge
Ziri Roger Andy Ben Karin Klaas Pieter Jacques Felipe Luis Carlos Alex Sophie Martin Thomas Michael""".split()
)
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
    words += [part for name in lists.ORGANISATIONS for part in name.split() if part[0].isupper()]
    return frozenset(fold(word).lower for word in words if not is_prefix(word))


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
            ordinary = prose.lower[lower] > 2 * prose.capital[lower] + 4 * (lower in given)
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
        singular = following.endswith(("t", "de", "te", "as", "ou", "il", "on"))
        if (
            word == "hij"
            or (word in ("zij", "ze") and singular)
            or (word == "hem" and i)
            or (
                word == "haar"
                and i
                and (lower[i - 1] in PREPOSITIONS or not following.isalpha())
                and (not following.isalpha() or following in PREPOSITIONS or following.endswith("en"))
            )
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


def _is_proper(tagged: tuple[str, str, str], place: int) -> bool:
    """Whether the tag is that of a name; parts of foreign names are "other" in the older files."""
    word, tag, detail = tagged
    return tag == "PROPN" or (tag == "X" and word[0].isupper() and (place > 0 or "deeleigen" in detail))


def _runs(tagged: list[tuple[str, str, str]]) -> Iterator[tuple[int, int]]:
    """Where proper nouns stand next to each other."""
    i = 0
    while i < len(tagged):
        end = i
        while end < len(tagged) and _is_proper(tagged[end], end):
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


def _sort_in_news(
    prose: Prose, treebank: list[list[tuple[str, str, str]]], given: set[str], surnames: set[str]
) -> None:
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
