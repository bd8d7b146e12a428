"""How did the program count? Positions of selections as it wrote them, to characters of the text.

The standard counts Unicode characters, line ends as they are in the file, without a byte order mark, and excludes the
end. Programs differ: NVivo counts UTF-16 units and a line end as two, others count a line end as one whatever is in
the file, or include the last character. Somebody who codes mostly selects whole words: the reading in which most
selections begin and end at the border of a word is the true one. Where two readings differ and not enough
selections tell them apart, nothing is guessed.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import QdaError
from pipeline.qda.read import BOM, RawProject, RawSource, decode
from pipeline.qda.records import Selection, TextSource

Integers = NDArray[np.int64]

SAMPLE = 4000  # selections that are looked at, spread over the project
FIT = 0.6  # of the borders must fall at the border of a word: by chance 0.23 do, on the texts of the sample
LEAD = 3  # more selections must speak for a reading than for any other that puts them elsewhere
NEAR = 1  # characters by which two readings may differ without putting a selection elsewhere


@dataclass(frozen=True, slots=True)
class Reading:
    """A way of counting. `newline` is how wide a line end is: as in the file (0), one or two."""

    newline: Literal[0, 1, 2] = 0
    utf16: bool = False
    bom: bool = False
    inclusive: bool = False

    @property
    def name(self) -> str:
        """The name for the command line, such as "utf16,newline2,inclusive"."""
        parts = ["utf16" if self.utf16 else "characters", *([f"newline{self.newline}"] if self.newline else [])]
        return ",".join([*parts, *(["bom"] if self.bom else []), *(["inclusive"] if self.inclusive else [])])


STANDARD = Reading()
_WIDTHS: tuple[Literal[0, 1, 2], ...] = (0, 1, 2)
_EITHER = (False, True)
READINGS = tuple(itertools.starmap(Reading, itertools.product(_WIDTHS, _EITHER, _EITHER, _EITHER)))


@dataclass(frozen=True, slots=True)
class Read:
    """The texts with their selections as characters, and by which reading. `misfits` counts selections that are
    outside the text or empty in that reading; they are left out."""

    sources: tuple[TextSource, ...]
    reading: Reading
    misfits: int


class _Text:
    """A text with line feeds only, and how wide each character is in the file."""

    def __init__(self, source: RawSource, where: str) -> None:
        data = source.data if isinstance(source.data, str) else decode(source.data, where)
        self.bom = data.startswith(BOM)
        data = data.removeprefix(BOM)
        self.text = data.replace("\r\n", "\n").replace("\r", "\n")
        self._crlf = np.zeros(len(self.text), bool)
        self._crlf[_crlf_places(data)] = True
        codes = np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), np.uint32)
        self._newline, self._astral = codes == ord("\n"), codes > 0xFFFF
        words = np.array([character.isalnum() for character in self.text], bool)
        spaces = np.array([character.isspace() for character in self.text], bool)
        between = np.ones(len(self.text) + 1, bool)
        between[1:-1] = ~(words[:-1] & words[1:])
        self._starts = between & np.append(~spaces, False)  # where a word or sign starts
        self._ends = between & np.insert(~spaces, 0, False)

    def offsets(self, positions: Integers, reading: Reading) -> Integers:
        """The characters at these positions; -1 for one outside the text or in the middle of a character."""
        widths = np.ones(len(self.text), np.int64)
        if reading.newline == 0:
            widths += self._crlf
        elif reading.newline == 2:
            widths += self._newline
        if reading.utf16:
            widths += self._astral
        places = np.concatenate([[0], np.cumsum(widths)]) + (1 if reading.bom and self.bom else 0)
        index = np.searchsorted(places, positions)
        index[index > len(self.text)] = len(self.text)
        return np.where(places[index] == positions, index, -1)

    def fits(self, starts: Integers, ends: Integers) -> NDArray[np.int64]:
        """How many of the two borders of each selection are those of a word: 0, 1 or 2."""
        good = (starts >= 0) & (ends > starts)
        return np.where(good, self._starts[starts].astype(np.int64) + self._ends[ends], 0)


def _crlf_places(data: str) -> list[int]:
    """Which characters of the text with line feeds only were a CR and an LF."""
    found, dropped, at = [], 0, data.find("\r\n")
    while at >= 0:
        found.append(at - dropped)
        dropped += 1
        at = data.find("\r\n", at + 2)
    return found


def place(project: RawProject, where: str, ours: bool = False, forced: Reading | None = None) -> Read:
    """The texts with their selections as characters.

    `ours` says that Codeboom wrote the positions, so that the standard holds; `forced` is the reading that the user
    chose. `where` names the file for the message. Raises QdaError when no reading fits, or too little tells which.
    """
    texts = [_Text(source, where) for source in project.sources]
    spans = [
        (
            np.array([s.start for s in source.selections], np.int64),
            np.array([s.end for s in source.selections], np.int64),
        )
        for source in project.sources
    ]
    reading = forced or (STANDARD if ours else _choose(texts, spans, where))
    sources: list[TextSource] = []
    misfits = 0
    for source, text, (starts, ends) in zip(project.sources, texts, spans, strict=True):
        begins, stops = _bounds(text, starts, ends, reading)
        good = (begins >= 0) & (stops > begins)
        misfits += int((~good).sum())
        selections = [
            Selection(s.guid, int(b), int(e), s.user, s.codes, s.description, s.notes)
            for s, b, e, fine in zip(source.selections, begins, stops, good, strict=True)
            if fine
        ]
        sources.append(TextSource(source.guid, source.name, text.text, selections, whole=tuple(source.whole)))
    return Read(tuple(sources), reading, misfits)


def parse_reading(name: str) -> Reading:
    """The reading of that name. Raises QdaError for one that does not exist."""
    for reading in READINGS:
        if set(reading.name.split(",")) == {part.strip() for part in name.lower().split(",")}:
            return reading
    raise QdaError(
        f"--reading {name}: not a way of counting. Give characters or utf16, followed where needed by newline1 or "
        "newline2, bom, inclusive, with commas between them; for example utf16,newline2."
    )


def _bounds(text: _Text, starts: Integers, ends: Integers, reading: Reading) -> tuple[Integers, Integers]:
    begins, stops = text.offsets(starts, reading), text.offsets(ends, reading)
    if reading.inclusive:
        stops = np.where((stops >= 0) & (stops < len(text.text)), stops + 1, -1)
    return begins, stops


def _choose(texts: Sequence[_Text], spans: Sequence[tuple[Integers, Integers]], where: str) -> Reading:
    count = sum(len(starts) for starts, _ in spans)
    if not count:
        return STANDARD
    step = max(1, count // SAMPLE)
    sample = [(starts[::step], ends[::step]) for starts, ends in spans]
    tried = {reading: _try(texts, sample, reading) for reading in READINGS}
    # Who counts a line end as two has two characters in the file, unless XML made them one: the last resort.
    usual = [reading for reading in READINGS if reading.newline != 2]
    for among in (usual, list(READINGS)):
        best = max(among, key=lambda reading: tried[reading].score)  # the first of equals: the most standard
        if tried[best].score >= FIT * 2 * len(tried[best].fits):
            break
    else:
        raise QdaError(_message(where, "no way of counting puts its selections at the borders of words", tried))
    for other in among:
        elsewhere, nowhere = tried[best].elsewhere(tried[other])
        lead = int(np.sign(tried[best].fits - tried[other].fits)[elsewhere | nowhere].sum())
        if elsewhere.any() and lead < LEAD:
            raise QdaError(_message(where, "too few selections tell how its positions are counted", tried))
    return best


@dataclass(frozen=True, slots=True)
class _Tried:
    """Where a reading puts the selections, and how many borders of each are those of a word."""

    starts: Integers
    ends: Integers
    fits: Integers

    @property
    def score(self) -> int:
        return int(self.fits.sum())

    def elsewhere(self, other: "_Tried") -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which selections the other reading puts elsewhere in the text, and which nowhere in it."""
        nowhere: NDArray[np.bool_] = (other.starts < 0) | (other.ends < 0)
        apart = (np.abs(self.starts - other.starts) > NEAR) | (np.abs(self.ends - other.ends) > NEAR)
        return apart & ~nowhere, nowhere


def _try(texts: Sequence[_Text], spans: Sequence[tuple[Integers, Integers]], reading: Reading) -> _Tried:
    found = [_bounds(text, starts, ends, reading) for text, (starts, ends) in zip(texts, spans, strict=True)]
    fits = [text.fits(starts, ends) for text, (starts, ends) in zip(texts, found, strict=True)]
    starts, ends = ([pair[n] for pair in found] for n in (0, 1))
    return _Tried(np.concatenate(starts), np.concatenate(ends), np.concatenate(fits))


def _message(where: str, what: str, tried: Mapping[Reading, _Tried]) -> str:
    different: dict[bytes, Reading] = {}
    for reading in sorted(READINGS, key=lambda reading: -tried[reading].score):
        different.setdefault(tried[reading].starts.tobytes() + tried[reading].ends.tobytes(), reading)
    told = "; ".join(f"{reading.name}: {tried[reading].score}" for reading in list(different.values())[:6])
    borders = 2 * len(tried[STANDARD].fits)
    return (
        f"{where}: {what}, so nothing was taken from it. Tried {len(READINGS)} ways; of {borders} borders, "
        f"these fell at the border of a word: {told}. If you know how the program counts, say it with --reading (for "
        "example --reading utf16,newline2); otherwise export again with line ends of Linux (LF), or with more codings."
    )
