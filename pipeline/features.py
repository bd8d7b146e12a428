"""What a text is made of, as numbers: weighted counts of its words, word pairs and pieces of words.

Four views of a segment side by side, each TF-IDF with logarithmic counts and of length 1, times its weight:

    words    words and pairs of neighbours, of question and segment together
    skips    pairs of words with one or two others between them: "niet ... eens"
    pieces   two to five letters within a word: forms, compounds, what a recogniser misspelt
    answer   words and pairs of the segment alone

Case and punctuation are not seen, for recognisers put them as they like.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

Floats = NDArray[np.float32]
VIEWS = {"words": 1.5, "skips": 1.0, "pieces": 0.7, "answer": 0.7}
"""The views in the order of their columns, with their weights."""

LEAST = {"words": 2, "skips": 3, "pieces": 3, "answer": 2}
"""In so many texts a term occurs at least, or it is left out."""

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.lower())


@lru_cache(maxsize=100_000)
def pieces_of(word: str) -> tuple[str, ...]:
    """All runs of two to five characters of a word between spaces."""
    framed = f" {word} "
    return tuple(framed[i : i + n] for n in range(2, 6) for i in range(len(framed) - n + 1))


def terms_of(view: str, text: str, question: str) -> list[str]:
    """The terms of one view of a segment, each as often as it occurs."""
    answer, asked = words_of(text), words_of(question)
    if view == "pieces":
        return [piece for word in (*asked, *answer) for piece in pieces_of(word)]
    if view == "skips":
        return [
            f"{a} {b}" for part in (asked, answer) for gap in (2, 3) for a, b in zip(part, part[gap:], strict=False)
        ]
    parts = (answer,) if view == "answer" else (asked, answer)
    return [term for part in parts for term in (*part, *(f"{a} {b}" for a, b in pairwise(part)))]


@dataclass(frozen=True)
class Features:
    """The terms of each view, in the order of their columns, and how rare each is (inverse document frequency)."""

    terms: Mapping[str, tuple[str, ...]]
    idf: Mapping[str, Floats]

    @cached_property
    def columns(self) -> Mapping[str, Mapping[str, int]]:
        """Of each view the column of each term, counted within the view."""
        return {view: {term: i for i, term in enumerate(self.terms[view])} for view in VIEWS}

    @property
    def width(self) -> int:
        """The number of columns."""
        return sum(len(self.terms[view]) for view in VIEWS)

    def term_of(self, column: int) -> tuple[str, str]:
        """The view and the term of a column."""
        for view in VIEWS:
            if column < len(self.terms[view]):
                return view, self.terms[view][column]
            column -= len(self.terms[view])
        raise IndexError("no such column")

    def matrix(self, texts: Sequence[str], questions: Sequence[str]) -> csr_matrix:
        """The features of segments and their questions; sparse, shape (segments, width)."""
        return hstack([self._view(view, texts, questions) for view in VIEWS], format="csr", dtype=np.float32)

    def _view(self, view: str, texts: Sequence[str], questions: Sequence[str]) -> csr_matrix:
        rows = [self._found(view, text, question) for text, question in zip(texts, questions, strict=True)]
        return weighted(counted(rows, len(self.terms[view])), self.idf[view]) * VIEWS[view]

    def _found(self, view: str, text: str, question: str) -> NDArray[np.int32]:
        if view == "pieces":
            words = (*words_of(question), *words_of(text))
            return np.concatenate([self._pieces(word) for word in words]) if words else np.zeros(0, np.int32)
        columns = self.columns[view]
        found = (columns.get(term, -1) for term in terms_of(view, text, question))
        return np.array([column for column in found if column >= 0], np.int32)

    def _pieces(self, word: str) -> NDArray[np.int32]:
        known = self._known_pieces.get(word)
        if known is None:
            columns = self.columns["pieces"]
            known = np.array([columns[piece] for piece in pieces_of(word) if piece in columns], np.int32)
            self._known_pieces[word] = known
        return known

    @cached_property
    def _known_pieces(self) -> dict[str, NDArray[np.int32]]:
        return {}


def counted(rows: Sequence[NDArray[np.int32]], width: int) -> csr_matrix:
    """How often each column occurs in each row; sparse, shape (rows, width)."""
    ends = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.concatenate(rows) if rows else np.zeros(0, np.int32)
    matrix = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(rows), width))
    matrix.sum_duplicates()
    return matrix


def weighted(counts: csr_matrix, idf: Floats) -> csr_matrix:
    """TF-IDF with logarithmic counts, each row of length 1."""
    weights = counts.copy()
    weights.data = (1 + np.log(counts.data)) * idf[counts.indices]
    norms = np.sqrt(np.asarray(weights.multiply(weights).sum(axis=1)).ravel())
    weights.data /= np.repeat(np.where(norms > 0, norms, 1), np.diff(weights.indptr)).astype(np.float32)
    return weights


def fit_features(texts: Sequence[str], questions: Sequence[str]) -> Features:
    """The terms that occur in texts often enough, and how rare they are."""
    terms, idf = {}, {}
    for view, least in LEAST.items():
        pairs = zip(texts, questions, strict=True)
        texts_with = _texts_with(set(terms_of(view, text, question)) for text, question in pairs)
        kept = sorted(term for term, count in texts_with.items() if count >= least)
        terms[view] = tuple(kept)
        counts = np.array([texts_with[term] for term in kept], np.float32)
        idf[view] = (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)
    return Features(terms, idf)


def _texts_with(rows: Iterable[set[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows:
        found.update(row)
    return found
