"""The name finder's training examples: prose and phrases with invented persons in them, as people write and as
recognisers do."""

import re

import names_lists as lists
from names_carriers import ROLE_WORDS, Prose
from names_people import People, Row, misheard

from pipeline.persons.finder import BEGIN, INSIDE, OUTSIDE, tokens
from pipeline.persons.folding import fold


def rare_words() -> list[str]:
    """Words of Dutch that are seldom used and have a Dutch ending."""
    from wordfreq import iter_wordlist, zipf_frequency

    ending = re.compile(
        r"[a-z]{2,}(?:en|ing|heid|tjes?|lijke?|ische?|ers?|ende?|te|de|bare?|eren|atie|teit|isten|ijs|t|s)"
    )
    return [word for word in iter_wordlist("nl", "large")
            if 1.3 < zipf_frequency(word, "nl") < 3.4 and len(word) > 4 and ending.fullmatch(word)]  # fmt: skip


class Writer:
    """Writes examples: prose and phrases with persons in them, as papers write and as recognisers do."""

    def __init__(self, prose: Prose, people: People) -> None:
        self.prose, self.people, self.random = prose, people, people.random
        from faker.providers.address import nl_BE, nl_NL

        cities = [*nl_NL.Provider.cities, *nl_BE.Provider.cities, *nl_NL.Provider.countries]
        common = {word for word, n in prose.lower.items() if 8 < n < 400}
        names = {name.lower() for name in [*people.given, *people.common]}
        people.words = sorted((names & common) - {"van", "de", "den", "het", "een"})
        people.words += ["wil", "mark", "roos", "mei", "hoop", "bas"] * 8
        self.parts = [word for word, n in prose.lower.items() if n > 2 and 3 <= len(word) < 10 and word.isalpha()]
        taken = names | {part.lower() for name in people.surnames for part in name.split()}
        taken |= {name.lower() for firsts, lasts in people.foreign for name in [*firsts, *lasts]}
        self.rare = [word for word in rare_words() if word not in taken]
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
        return self._roughened(list(self.random.choice(prose.plain)))

    def _roughened(self, rows: list[Row]) -> list[Row]:
        """With rare words for usual ones, or words cut in two or misheard, now and then."""
        random = self.random
        if random.random() < 0.45:
            return rows
        fitting = [i for i, (word, label) in enumerate(rows) if label == OUTSIDE and word.isalpha() and len(word) > 4]
        for i in sorted(random.sample(fitting, min(len(fitting), random.choice((1, 1, 2, 3)))), reverse=True):
            word = rows[i][0]
            new = misheard(word, random) if random.random() < 0.3 else [self._rare()]
            if word[0].isupper():
                new[0] = new[0].capitalize()
            rows[i : i + 1] = [(part, OUTSIDE) for part in new]
        return rows

    def _rare(self) -> str:
        """A rare word, or a compound that nobody has written yet."""
        if self.random.random() < 0.5:
            return self.random.choice(self.rare)
        first, second = self.random.choice(self.parts), self.random.choice(self.parts)
        return first + self.random.choice(("", "", "s")) + second

    def _filled(self, rows: list[Row], slots: list[tuple[int, int]], keep: float = 0.05) -> list[Row]:
        rows = list(rows)
        chosen = slots if self.random.random() < 0.6 else [self.random.choice(slots)]
        for start, end in reversed(chosen):
            if self.random.random() < keep:
                continue
            named = self._slot()
            before = rows[start:end]
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
                case "{a}":
                    rows += people.ambiguous()
                case "{k}":
                    rows += _outside(self._rare())
                case "{c}":
                    rows += _outside(self._house())
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
        if chance < 0.85:
            return self._house()
        noun = random.choice([rows[k][0] for rows in random.choices(self.prose.plain, k=4) for k in range(len(rows))])
        noun = noun.capitalize() if noun.isalpha() else "Horizon"
        kinds = (f"Stichting {noun}", f"basisschool De {noun}", f"De {noun}", f"Team {noun}", f"{noun}zorg",
                 f"{noun}huis", f"gemeente {place}", f"Stichting {place}", f"{noun}bank", f"Beleid {noun}")  # fmt: skip
        return random.choice(kinds)

    def _house(self) -> str:
        """ "Wonenplein", "Kansloket", "De Sleutel": the name of a house, desk, team or foundation."""
        if self.random.random() < 0.3:
            return f"De {self.random.choice(self.parts).capitalize()}"
        word = self.random.choice(self.parts) + self.random.choice(lists.ENDINGS)
        return word.capitalize()

    def _noisy(self, rows: list[Row]) -> list[Row]:
        """With the fillers and repetitions of talk, now and then."""
        random = self.random
        if random.random() > 0.3:
            return rows
        for _ in range(random.choice((1, 1, 2, 3))):
            at = random.randrange(len(rows) + 1)
            inner = at < len(rows) and rows[at][1] == INSIDE
            if random.random() < 0.25 and at > 0 and rows[at - 1][1] == OUTSIDE:
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
