"""Find names of persons that nobody listed: the trained component, with the rules that go with it.

The model is a small convolutional network over words. What it knows of a word by itself comes from the word's
letters (hashed n-grams, so that a misspelt or unheard name still looks like one), its capitals, and a table of hashes
that says how usual the word is and whether it occurs as a surname; what it knows of the place comes from eight words
to either side. `models/build_names.py` trains it; `README.md` in the folder says on what, and how well it does.

Nothing is looked up in a list of given names, and none is shipped. It is tuned for recall: a name left readable does
harm, a word masked in vain hardly any.
"""

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from pipeline.errors import ModelError
from pipeline.files import sha256
from pipeline.persons.folding import Folded, fold
from pipeline.persons.labels import is_prefix
from pipeline.records import Span

FORMAT = "codeboom-names"
FORMAT_VERSION = 1
WEIGHTS = "weights.npz"
WORD_ROWS = 1 << 16  # of the table of embeddings: so many for whole words, the others for n-grams
ROWS = 1 << 17
BLOOM_BITS = 1 << 20
DILATIONS = (1, 1, 2, 4)  # of the layers: together they see eight words to either side
DENSE = 32  # features of a word beside its embedding
PLACE = 4  # features of the place it stands in
OUTSIDE, BEGIN, INSIDE = 0, 1, 2

# Flags of a word in the hashed lexicon. The low three bits say how usual it is, the next two how it is written.
USUAL, WRITTEN, ORDINARY, SURNAME, COMMON_SURNAME, NO_PERSON = 0b111, 0b11 << 3, 1 << 3, 1 << 5, 1 << 6, 1 << 7

_TOKEN = re.compile(
    r"(?:[^\W\d_]\.(?!\w\w)){1,6}(?![^\W\d_])|'[st](?!\w)|[^\W_]+(?:(?:['-](?!s(?!\w)))[^\W_]+)*|\n|[^\w\s]|_"
)
_SENTENCE_END = frozenset(".?!:\n")
_CALLED = frozenset({"tante", "oom", "ome"})  # "tante Anna" is how somebody is called: masked with the name
_SMALL = frozenset({"dan", "na", "erin", "wel", "los"})  # seldom a name
_SURE = 0.9  # the least probability at which small words alone are masked
_BATCH = 4096  # words that go through the network at once
_REBUILD = "Restore the folder from the project, or make it again with `python models/build_names.py`."

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


class Lexicon:
    """What is known of words: hashes with a byte of flags each, and a Bloom filter of given names.

    The filter has one bit a name: one word in a hundred is taken for a name by chance, so that no list can be read
    back from it."""

    def __init__(self, hashes: NDArray[np.uint32], flags: NDArray[np.uint8], bloom: NDArray[np.uint8]) -> None:
        self.hashes, self.flags, self.bloom = hashes, flags, bloom
        self._flags: dict[int, int] = dict(zip(hashes.tolist(), flags.tolist(), strict=True))
        self._bloom = bloom.tobytes()

    def flags_of(self, word: str) -> int:
        """The flags of a folded lower-case word; 0 for an unknown one."""
        return self._flags.get(zlib.crc32(word.encode(errors="replace")), 0)

    def may_be_given(self, word: str) -> bool:
        """Whether the word is probably somebody's given name."""
        bit = bloom_bit(word)
        return bool(self._bloom[bit >> 3] >> (bit & 7) & 1)

    def is_compound(self, word: str) -> bool:
        """Whether an unknown word is made of two ordinary ones: "loonstroken", "klachtenlijst"."""
        return any(
            self.flags_of(word[:at]) & WRITTEN == ORDINARY and self.flags_of(word[at:]) & WRITTEN == ORDINARY
            for at in range(3, len(word) - 2)
        )


def bloom_bit(word: str) -> int:
    """Where a folded lower-case given name is marked in the filter."""
    return zlib.crc32(b"given " + word.encode(errors="replace")) % BLOOM_BITS


def tokens(folded: Folded) -> list[tuple[str, int, int]]:
    """The words and signs of a text with their places. "Anna's" is two, "Jan-Willem" and "A.B." are one."""
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(folded.text)]


def rows_of(word: str) -> list[int]:
    """The rows of a word in the table of embeddings: its own first, then its n-grams'."""
    plain = re.sub(r"\d", "0", word.lower())[:40]
    framed = f"<{plain}>"
    grams = {framed[i : i + n] for n in (2, 3, 4, 5) for i in range(len(framed) - n + 1)}
    grams = {f"{'^' if n < 3 else ''}{gram}" for gram in grams for n in [len(gram)]} or {framed}
    own = zlib.crc32(plain.encode(errors="replace")) % WORD_ROWS
    return [own, *sorted(WORD_ROWS + zlib.crc32(gram.encode(errors="replace")) % (ROWS - WORD_ROWS) for gram in grams)]


def dense_of(word: str, lexicon: Lexicon) -> Floats:
    """The features of a word beside its embedding: how it is written, and what the lexicon knows of it."""
    values = np.zeros(DENSE, dtype=np.float32)
    lower = word.lower()
    letters = [c for c in word if c.isalpha()]
    if not letters:
        values[0 if any(map(str.isdigit, word)) else 1] = 1
        return values
    capitals = sum(map(str.isupper, letters))
    shape = 2 if not capitals else 3 if capitals == len(letters) > 1 else 4 if word[0].isupper() else 5
    values[shape] = 1
    values[6] = len(letters) == 1
    values[7] = "." in word
    values[8] = "-" in word
    values[9] = any(map(str.isdigit, word))
    values[10] = min(len(lower), 16) / 8
    parts = lower.split("-") if "-" in lower else [lower]
    values[11] = lexicon.may_be_given(lower) or all(map(lexicon.may_be_given, parts))
    values[12] = lower.endswith("s") and len(lower) > 3 and lexicon.may_be_given(lower[:-1])
    flags = lexicon.flags_of(lower)
    last = lexicon.flags_of(parts[-1])
    values[13 + (flags & USUAL)] = 1  # 13 … 20
    values[21 + ((flags & WRITTEN) >> 3)] = 1  # 21 … 24
    values[25] = bool((flags | last) & SURNAME)
    values[26] = bool((flags | last) & COMMON_SURNAME)
    values[27] = bool(flags & NO_PERSON)
    values[28] = is_prefix(lower)
    values[29] = lower.endswith("s") and bool(lexicon.flags_of(lower[:-1]) & SURNAME)
    values[30] = bool(flags & (USUAL | WRITTEN)) or len(lower) < 3
    values[31] = len(lower) > 6 and not flags & WRITTEN and lexicon.is_compound(lower)
    return values


def places_of(words: Sequence[str]) -> Floats:
    """The features of each word's place: start of a sentence, and how much of the text has capitals and full stops."""
    values = np.zeros((len(words), PLACE), dtype=np.float32)
    fresh = True
    capitals = stops = 0
    for i, word in enumerate(words):
        values[i, 0] = fresh
        capitals += word[0].isupper() and not fresh
        fresh = word in _SENTENCE_END or (fresh and not word[0].isalnum())
        stops += word in _SENTENCE_END
    values[:, 1] = capitals > 0
    values[:, 2] = stops > 0
    values[:, 3] = any(word[0].isupper() for word in words)
    return values


def neighbours(lengths: Sequence[int], distance: int) -> tuple[Integers, Integers]:
    """For texts behind each other: the index of the word `distance` to the left and right of each; -1 for none."""
    total = int(sum(lengths))
    ends = np.repeat(np.cumsum(lengths), lengths)
    starts = ends - np.repeat(np.asarray(lengths), lengths)
    index = np.arange(total)
    left, right = index - distance, index + distance
    left[left < starts] = -1
    right[right >= ends] = -1
    return left, right


def window(x: Floats, left: Integers, right: Integers) -> Floats:
    """Each word's vector between those of its neighbours; zeros where there is none."""
    n, width = x.shape
    wide = np.empty((n, 3 * width), dtype=np.float32)
    wide[:, :width] = x[left]
    wide[left < 0, :width] = 0
    wide[:, width : 2 * width] = x
    wide[:, 2 * width :] = x[right]
    wide[right < 0, 2 * width :] = 0
    return wide


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()


class NameFinder:
    """Finds names of persons in a text; made by `load_finder`. Use does not change what it finds.

    `threshold` is the least probability at which a word is taken for part of a name."""

    def __init__(self, weights: dict[str, NDArray[Any]], threshold: float) -> None:
        self.threshold = threshold
        self.lexicon = Lexicon(weights["hashes"], weights["flags"], weights["bloom"])
        self._table: NDArray[np.int8] = weights["table"]
        self._scale = float(weights["table.scale"])
        self._w: dict[str, Floats] = {
            name: array.astype(np.float32) for name, array in weights.items() if array.dtype == np.float16
        }
        self._vector = lru_cache(maxsize=50_000)(self._vector_of)

    def __call__(self, text: str) -> Iterator[Span]:
        """The names in `text`, in order, as spans of kind "person" whose person is not known."""
        yield from self.find_all([text])[0]

    def find_all(self, texts: Sequence[str]) -> list[list[Span]]:
        """The names in each text: what `__call__` finds, faster for many."""
        folded = [fold(text) for text in texts]
        cut = [tokens(text) for text in folded]
        found: list[list[Span]] = []
        start = 0
        while start < len(cut):
            end, size = start, 0
            while end < len(cut) and (size == 0 or size + len(cut[end]) <= _BATCH):
                size += len(cut[end])
                end += 1
            chances = self.probabilities([[word for word, _, _ in words] for words in cut[start:end]])
            for i, chance in zip(range(start, end), chances, strict=True):
                found.append(list(self._spans(folded[i], cut[i], chance)))
            start = end
        return found

    def probabilities(self, texts: Sequence[Sequence[str]]) -> list[Floats]:
        """For each word of each text the probabilities of being outside a name, its beginning, and inside."""
        lengths = [len(words) for words in texts]
        if not sum(lengths):
            return [np.zeros((0, 3), dtype=np.float32) for _ in texts]
        w = self._w
        x = np.stack([self._vector(word) for words in texts for word in words])
        x += np.concatenate([places_of(words) for words in texts if words]) @ w["place"]
        np.maximum(x, 0, out=x)
        with _blas().limit(limits=1, user_api="blas"):  # threads that share small products wait for each other
            for i, distance in enumerate(DILATIONS):
                y = window(x, *neighbours(lengths, distance)) @ w[f"conv{i}"]
                y += w[f"bias{i}"]
                y -= y.mean(axis=1, keepdims=True)
                y /= np.sqrt(np.einsum("ij,ij->i", y, y) / y.shape[1] + 1e-5)[:, None]
                y *= w[f"gain{i}"]
                y += w[f"shift{i}"]
                x += np.maximum(y, 0, out=y)
            scores = x @ w["out"] + w["out.bias"]
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=1, keepdims=True)
        return np.split(scores, np.cumsum(lengths)[:-1])

    def _vector_of(self, word: str) -> Floats:
        """What the first layer makes of a word, its place aside."""
        own, *grams = rows_of(word)
        embedding = self._table[own].astype(np.float32)
        embedding += self._table[grams].astype(np.float32).sum(axis=0) / len(grams)
        vector: Floats = (embedding * self._scale) @ self._w["in"]
        vector += dense_of(word, self.lexicon) @ self._w["dense"] + self._w["in.bias"]
        return vector

    def _spans(self, folded: Folded, words: list[tuple[str, int, int]], chances: Floats) -> Iterator[Span]:
        inside = 1 - chances[:, OUTSIDE]
        i = 0
        while i < len(words):
            if inside[i] < self.threshold or not words[i][0][0].isalpha():
                i += 1
                continue
            first = i - 1 if i and words[i - 1][0].lower() in _CALLED else i
            i += 1
            while i < len(words) and inside[i] >= self.threshold and words[i][0][0].isalpha():
                if chances[i, BEGIN] > chances[i, INSIDE]:
                    break
                i += 1
            if inside[first:i].max() < _SURE and all(_is_small(word) for word, _, _ in words[first:i]):
                continue
            sure = f"{inside[first:i].max():.2f}"[1:] if inside[first:i].max() < 0.995 else "1.0"
            yield Span(*folded.raw(words[first][1], words[i - 1][2]), "person", f"name finder {sure}")


def _is_small(word: str) -> bool:
    """Whether a word hardly ever is a whole name: "van", "de", "dan"."""
    return is_prefix(word) or word.lower() in _SMALL


def load_finder(folder: Path) -> NameFinder:
    """Read and check a name finder's folder.

    Raises ModelError, naming the file and the next step, when a file is missing, of another format version, or not
    the file that `config.json` was written for (compared by SHA-256).
    """
    path = folder / "config.json"
    try:
        config = json.loads(_read(path))
        if (config["format"], config["format_version"]) != (FORMAT, FORMAT_VERSION):
            raise ModelError(f"{path}: expected format {FORMAT}, version {FORMAT_VERSION}. {_REBUILD}")
        expected, threshold = str(config["files"][WEIGHTS]), float(config["threshold"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is not a name finder's configuration. {_REBUILD}") from error
    data = _read(folder / WEIGHTS)
    if sha256(data) != expected:
        raise ModelError(f"{folder / WEIGHTS}: is not the file that config.json describes. {_REBUILD}")
    with np.load(BytesIO(data), allow_pickle=False) as file:
        return NameFinder(dict(file), threshold)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}). {_REBUILD}") from error
