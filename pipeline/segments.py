"""Segments: a respondent's turns, cut into units that one would code.

A long turn is cut at real sentence ends. A full stop that the recogniser put where it closed an utterance is no
evidence of one: it counts as soft when the speaker resumes at once, when the last word cannot end a sentence, or
when the next does not begin with a capital. Where to cut is a shortest path over all possible ends, in which a
cut in a bad place and a segment of an unhandy length cost something.
"""

import hashlib
import re
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from pipeline.records import Piece, SafeUtterance, Segment
from pipeline.settings import Settings
from pipeline.turns import Turn, turns
from pipeline.verbatim import clean

RESUMES_MS = 300
MS_PER_WORD = 380
"""How long a spoken word takes: estimates an end where the file has none (about 2.6 words a second)."""

SOFT, CLAUSE, WORD = 0.6, 2.0, 6.0
"""What a cut costs at a doubtful sentence end, before a clause, and between any two words; at a real end: nothing."""

CONNECTIVES = frozenset("want dus omdat doordat waardoor zodat terwijl en maar of dat die daardoor daarom".split())
FUNCTION_WORDS = frozenset(
    "aan al als bij dan dat de der die door dus een eh ehm en er euh gewoon had heb hebben heeft het hij hoe ik in is"
    " je jouw kan kunnen maar met mijn naar of om omdat ons onze op over te tegen tot uh uhm uit van voor waar want was"
    " wat we wel werd wij worden wordt zal ze zich zij zijn zo zou zodat".split()
)
"""Words that hardly ever end a Dutch sentence: after them a full stop is the recogniser's."""

_WORD = re.compile(r"\[[^\[\]]*\]\S*|\S+")  # a pseudonym is one word, however long


def cut(utterances: Sequence[SafeUtterance], settings: Settings) -> list[Segment]:
    """The segments of one interview, in the order of the talk; the interviewer's talk is context only.

    Every character of every other utterance is in exactly one segment (see `Segment.pieces`). Start and end are
    milliseconds, within an utterance in proportion to its characters; None where the file has no times. Where
    it has no end times, the next utterance's start or the length of the words gives an estimate.
    """
    ends = _ends(utterances)
    seen: Counter[str] = Counter()
    return [segment for turn in turns(utterances) for segment in _segments(turn, ends, seen, settings)]


def _segments(turn: Turn, ends: dict[int, int], seen: Counter[str], settings: Settings) -> Iterator[Segment]:
    text, starts = _join(turn.utterances)
    for begin, end in pairwise([0, *_cuts(turn.utterances, text, starts, settings), len(text)]):
        pieces = tuple(_pieces(turn.utterances, starts, begin, end))
        verbatim = text[begin:end].strip()
        shown = (clean(verbatim) or verbatim) if settings.text == "clean" else verbatim
        last = pieces[-1]
        by_number = {utterance.number: utterance for utterance in turn.utterances}
        speaker = turn.utterances[0]
        yield Segment(
            segment_id=_segment_id(speaker.interview, shown, seen),
            interview=speaker.interview,
            speaker=speaker.speaker,
            role=speaker.role,
            start_ms=next((t for p in pieces if (t := _time(by_number[p.number], p.start, ends)) is not None), None),
            end_ms=_time(by_number[last.number], last.end, ends),
            text=shown,
            question=turn.question,
            pieces=pieces,
        )


def _segment_id(interview: str, text: str, seen: Counter[str]) -> str:
    """Depends on the words alone: not on their place in the talk, nor on what stands in brackets, so that it stays when
    a person is renumbered or `[persoon]` becomes somebody. The same words again are told apart by their order."""
    unnamed = re.sub(r"\[[^\[\]]*\]", "[]", " ".join(text.split()))
    digest = hashlib.sha256(f"{interview}\n{unnamed}".encode()).hexdigest()[:10]
    seen[digest] += 1
    return f"{interview}-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else "")


def _join(utterances: Sequence[SafeUtterance]) -> tuple[str, list[int]]:
    """The text of a turn, one space between utterances, and where in it each utterance starts."""
    starts, length = [], 0
    for utterance in utterances:
        starts.append(length)
        length += len(utterance.text) + 1
    return " ".join(utterance.text for utterance in utterances), starts


def _pieces(utterances: Sequence[SafeUtterance], starts: Sequence[int], begin: int, end: int) -> Iterator[Piece]:
    for utterance, start in zip(utterances, starts, strict=True):
        first, last = max(begin - start, 0), min(end - start, len(utterance.text))
        if first < last:
            yield Piece(utterance.number, first, last)


def _ends(utterances: Sequence[SafeUtterance]) -> dict[int, int]:
    """The end of each utterance in ms: as in the file; else the next start, or sooner if its words take less."""
    ends: dict[int, int] = {}
    following: int | None = None
    for utterance in reversed(utterances):
        if utterance.start_ms is None:
            continue
        spoken = utterance.start_ms + MS_PER_WORD * len(utterance.text.split())
        if utterance.end_ms is not None:
            ends[utterance.number] = max(utterance.end_ms, utterance.start_ms)
        elif following is not None and following > utterance.start_ms:
            ends[utterance.number] = min(following, spoken)
        else:
            ends[utterance.number] = spoken
        following = utterance.start_ms
    return ends


def _time(utterance: SafeUtterance, offset: int, ends: dict[int, int]) -> int | None:
    if utterance.start_ms is None:
        return None
    share = offset / len(utterance.text)
    return round(utterance.start_ms + share * (ends[utterance.number] - utterance.start_ms))


def _cuts(utterances: Sequence[SafeUtterance], text: str, starts: Sequence[int], settings: Settings) -> list[int]:
    """Where to cut the text of a turn: the cheapest way from its beginning to its end."""
    words = [match.start() for match in _WORD.finditer(text)]
    if len(words) <= settings.max_words:
        return []
    places = _places(utterances, text, starts, words, settings.max_words)
    positions = [0, *sorted(places), len(text)]
    counts = [bisect_left(words, position) for position in positions]
    target = (settings.min_words + settings.max_words) / 2
    best: list[tuple[float, int]] = [(0.0, 0)]
    for here in range(1, len(positions)):
        options: list[tuple[float, int]] = []
        for before in range(here - 1, -1, -1):
            size = counts[here] - counts[before]
            if size > 2 * settings.max_words and options:
                break
            length = ((size - target) / target) ** 2 + 4.0 * (not settings.min_words <= size <= settings.max_words)
            options.append((best[before][0] + length + places.get(positions[here], 0.0), before))
        best.append(min(options))
    path, here = [], len(positions) - 1
    while here := best[here][1]:
        path.append(positions[here])
    return path[::-1]


def _places(
    utterances: Sequence[SafeUtterance], text: str, starts: Sequence[int], words: Sequence[int], max_words: int
) -> dict[int, float]:
    """Each place where a turn may be cut (the start of the second part) and what a cut there costs.

    Between any two words only where nothing better comes for `max_words` words.
    """
    places = {match.end(): CLAUSE for match in re.finditer(r",\s+(?=\S)", text)}
    places |= {end: _cost(text, end) for end in _sentence_ends(text)}
    for (earlier, later), start in zip(pairwise(utterances), starts[1:], strict=True):
        # Where the recogniser closed an utterance there is a pause at least, whatever sign it put there.
        resumes = (
            earlier.end_ms is not None and later.start_ms is not None and later.start_ms - earlier.end_ms <= RESUMES_MS
        )
        places[start] = max(places.get(start, SOFT), SOFT) if resumes else min(places.get(start, SOFT), SOFT)
    for before, after in pairwise([0, *(bisect_left(words, place) for place in sorted(places)), len(words)]):
        if after - before > max_words:
            places |= {words[i]: WORD for i in range(before + 1, after)}
    # A pseudonym is one word.
    for match in re.finditer(r"\[[^\[\]]*\]", text):
        for inside in range(match.start() + 1, match.end()):
            places.pop(inside, None)
    return places


def _cost(text: str, end: int) -> float:
    """What it costs to cut at a sentence end that spaCy found."""
    last = re.findall(r"[\w'’-]+", text[max(0, end - 40) : end])
    following = re.match(r"[\"'‘“(]*(\S[\w'’-]*)", text[end:])
    word = following[1] if following else ""
    soft = bool(last and last[-1].lower() in FUNCTION_WORDS) or word[:1].islower()
    return SOFT if soft or word.lower() in CONNECTIVES else 0.0


def _sentence_ends(text: str) -> Iterable[int]:
    """Where a sentence of `text` starts, but for the first: spaCy's Dutch tokenizer knows the abbreviations."""
    # A bracket after a full stop would be taken for the end of the sentence before it.
    plain = re.sub(r"\[[^\[\]]*\]", lambda match: "X" * len(match[0]), text)
    return [sentence.start_char for sentence in _splitter()(plain).sents if sentence.start_char]


@cache
def _splitter() -> Any:
    import spacy  # takes most of a second: only when there is something to cut

    splitter = spacy.blank("nl")
    splitter.max_length = sys.maxsize  # its limit is for parsers, which need memory by the character
    splitter.add_pipe("sentencizer")
    return splitter
