"""Where the segments of an interview are in a text that somebody may have edited: found word for word where they can
be, and aligned word by word in between."""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from sys import intern

MOST_ALIGNED = 4000  # words of an edited stretch that are aligned; a longer one was rewritten
ALIKE = 0.6  # of a segment's words must be found in the edited stretch

_WORD = re.compile(r"\w[\w\u0300-\u036f]*|(?<!\S)[^\w\s]+(?!\S)")  # a sign by itself counts: "…" may be an answer

Words = list[tuple[str, int, int]]
"""Folded words, each with its characters [start, end)."""


def words_of(text: str) -> Words:
    """The words of a text, folded so that another program's spelling of accents and quotes does not matter."""
    return [(intern(unicodedata.normalize("NFC", m[0]).casefold()), m.start(), m.end()) for m in _WORD.finditer(text)]


def align(segments: Sequence[Sequence[str]], text: str) -> dict[int, tuple[int, int]]:
    """The characters [start, end) of each segment in the text, by its number; those that were rewritten or taken out
    are left out."""
    words = words_of(text)
    said = [word for word, _, _ in words]
    found = _exact(segments, said, _line_starts(text, words))
    found |= _aligned(segments, said, found)
    return {n: (words[first][1], words[last - 1][2]) for n, (first, last) in found.items()}


def _line_starts(text: str, words: Words) -> set[int]:
    """Which words begin a line; one past the last word counts too."""
    starts = {n for n, (_, start, _) in enumerate(words) if "\n" in text[words[n - 1][2] if n else 0 : start] or not n}
    return starts | {len(words)}


def _exact(
    segments: Sequence[Sequence[str]], text: Sequence[str], line_starts: Container[int]
) -> dict[int, tuple[int, int]]:
    """The segments that are in the text word for word and in order, as [first, last) words of it.

    Segments that occur once in the text are anchors; what occurs more often ("Ja.") is looked for between them, as
    whole lines if there are such, for the interviewer says "Ja." too, as part of what she asks.
    """
    where: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for n in range(len(text)):
        for length in range(1, 4):
            where[tuple(text[n : n + length])].append(n)
    places = [
        [n for n in where.get(tuple(words[:3]), ()) if text[n : n + len(words)] == words] if words else []
        for words in segments
    ]
    anchors = _increasing([(n, found[0]) for n, found in enumerate(places) if len(found) == 1])
    result: dict[int, tuple[int, int]] = {}
    at, following = 0, dict(anchors)
    ahead = sorted(following)
    for n, found in enumerate(places):
        if n in following:
            place = following[n]
        else:
            after = bisect_left(ahead, n)
            limit = following[ahead[after]] if after < len(ahead) else len(text)
            fits = [p for p in found if at <= p and p + len(segments[n]) <= limit]
            if not fits:
                continue
            size = len(segments[n])
            place = max(fits, key=lambda p: ((p in line_starts) + (p + size in line_starts), -p))
        if place < at:
            continue
        result[n] = (place, place + len(segments[n]))
        at = place + len(segments[n])
    return result


def _increasing(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs in which the second number rises with the first."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for n, (_, place) in enumerate(pairs):
        at = bisect_left(tails, place)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [n]
        before.append(ends[at - 1] if at else -1)
    chain, at = [], ends[-1] if ends else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _aligned(
    segments: Sequence[Sequence[str]], text: Sequence[str], found: Mapping[int, tuple[int, int]]
) -> dict[int, tuple[int, int]]:
    """The segments that were edited: between those found before and after, aligned word by word."""
    result: dict[int, tuple[int, int]] = {}
    missing = [n for n, words in enumerate(segments) if n not in found and words]
    known = sorted(found)
    for group in _consecutive(missing, known):
        position = bisect_left(known, group[0])
        begin = found[known[position - 1]][1] if position else 0
        end = found[known[position]][0] if position < len(known) else len(text)
        words = [word for n in group for word in segments[n]]
        if not 0 < end - begin <= MOST_ALIGNED or len(words) > MOST_ALIGNED:
            continue
        blocks = SequenceMatcher(None, words, text[begin:end], autojunk=False).get_matching_blocks()
        pairs = [(a + k, begin + b + k) for a, b, size in blocks for k in range(size)]
        offset = 0
        for n in group:
            mine = [there for here, there in pairs if offset <= here < offset + len(segments[n])]
            offset += len(segments[n])
            if len(mine) >= ALIKE * len(segments[n]):
                result[n] = (mine[0], mine[-1] + 1)
    return result


def _consecutive(missing: Sequence[int], known: Sequence[int]) -> Iterator[list[int]]:
    """The missing segments in groups that have no known one between them."""
    group: list[int] = []
    for n in missing:
        if group and bisect_left(known, group[0]) != bisect_left(known, n):
            yield group
            group = []
        group.append(n)
    if group:
        yield group
