"""Which of our segments is where in a text of another program.

A text is recognised by its characters, whatever it is called there: by runs of words that it shares with an
interview. Then each segment is looked for in order; what somebody edited in between is aligned word by word.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.qda.align import align, words_of
from pipeline.qda.records import Selection
from pipeline.qda.transcript import lay_out, plain
from pipeline.records import Segment

RUN = 5  # words in a row that tell an interview from any other
KEPT = 500  # runs of an interview that are kept to know it by
RECOGNISED = 0.3  # of an interview's runs, or of the text's, must be shared
HALF = 0.5  # of a segment, or of a selection, must be covered to carry the code over


@dataclass(frozen=True, slots=True)
class Placed:
    """A segment at characters [start, end) of a text."""

    start: int
    end: int
    segment_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment that a selection covers; `exact` when it covers all of it and nothing else that is said."""

    segment_id: str
    exact: bool


class _Fingerprint:
    """Runs of words by which each interview is known: some five hundred, spread over it."""

    def __init__(self, words: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._interviews_of: defaultdict[int, list[str]] = defaultdict(list)
        self._kept: dict[str, int] = {}
        self._all: dict[str, int] = {}
        self._lengths: set[int] = set()
        for interview, listed in words.items():
            # An interview of nothing but short answers is recognised by those.
            length = min(RUN, max(map(len, listed), default=RUN) or RUN)
            runs = list(dict.fromkeys(run for part in listed for run in _runs(part, length)))
            kept = runs[:: max(1, len(runs) // KEPT)]
            self._lengths.add(length)
            self._kept[interview], self._all[interview] = len(kept), len(runs)
            for run in kept:
                self._interviews_of[run].append(interview)

    def recognise(self, text: Sequence[str], likely: str | None) -> str | None:
        """The interview that a text is most like, if it is enough; of several that are, the `likely` one."""
        runs = {length: set(_runs(text, length)) for length in self._lengths}
        shared = Counter(name for part in runs.values() for run in part for name in self._interviews_of.get(run, ()))
        most = max(shared.values(), default=0)
        best = [name for name, number in shared.items() if number == most]
        if len(best) > 1:
            best = [name for name in best if name == likely]
        if len(best) != 1:
            return None
        of_interview = most / self._kept[best[0]]
        of_text = of_interview * self._all[best[0]] / max(map(len, runs.values()))
        return best[0] if max(of_interview, of_text) >= RECOGNISED else None


class Interviews:
    """Our segments, ready to be recognised in texts."""

    def __init__(self, segments: Mapping[str, Sequence[Segment]]) -> None:
        self._segments = segments
        self._laid = {interview: lay_out(part) for interview, part in segments.items()}
        self._by_text: defaultdict[str, list[str]] = defaultdict(list)
        for interview, laid in self._laid.items():
            self._by_text[laid.text].append(interview)

    @cached_property
    def _words(self) -> dict[str, list[list[str]]]:
        """The words of each segment; not needed for texts that nobody changed."""
        return {
            interview: [[word for word, _, _ in words_of(plain(segment.text))] for segment in part]
            for interview, part in self._segments.items()
        }

    @cached_property
    def _fingerprint(self) -> _Fingerprint:
        return _Fingerprint(self._words)

    def recognise(self, text: str, likely: str | None = None) -> str | None:
        """The interview that a text is; None when it is none of ours. Where two interviews are as much like it, it is
        the `likely` one if that is among them, else none."""
        same = self._by_text.get(text, ())
        if same:
            return same[0] if len(same) == 1 else likely if likely in same else None
        return self._fingerprint.recognise([word for word, _, _ in words_of(text)], likely)

    def place(self, interview: str, text: str) -> list[Placed]:
        """Where the segments of the interview are in a text, in order of place; those that were rewritten or taken out
        are left out. A text that nobody changed since it was exported needs no looking."""
        laid = self._laid[interview]
        if laid.text == text:
            return [Placed(start, end, segment_id) for segment_id, (start, end) in laid.spans.items()]
        ids = [segment.segment_id for segment in self._segments[interview]]
        found = align(self._words[interview], text)
        placed = (Placed(start, end, ids[n]) for n, (start, end) in found.items())
        return sorted(placed, key=lambda there: (there.start, there.end))


def hits(selection: Selection, placed: Sequence[Placed], starts: Sequence[int], text: str) -> list[Hit]:
    """The segments that a selection codes: those of which it covers half, or that hold half of it.

    `starts` are the starts of `placed`. A selection that covers no more than a little of several belongs to the one of
    which it covers most; one outside all segments codes none.
    """
    first = max(0, bisect_left(starts, selection.start) - 1)
    touched: list[tuple[float, float, Placed]] = []
    size = _letters(text, selection.start, selection.end) or 1
    for there in placed[first:]:
        if there.start >= selection.end:
            break
        start, end = max(there.start, selection.start), min(there.end, selection.end)
        shared = _letters(text, start, end) if start < end else 0
        if shared:
            whole = _letters(text, there.start, there.end) or 1
            touched.append((shared / whole, shared / size, there))
    half = [part for part in touched if part[0] >= HALF or part[1] >= HALF]
    kept = half or sorted(touched, key=lambda part: -part[0])[:1]
    return [Hit(there.segment_id, covered == 1 and share == 1) for covered, share, there in kept]


def _letters(text: str, start: int, end: int) -> int:
    """How much is said between two characters: blanks and signs do not count, unless there is nothing else."""
    part = text[start:end]
    return sum(map(str.isalnum, part)) or len(part.strip())


def _runs(words: Sequence[str], length: int) -> Iterator[int]:
    """Every run of so many words, as a number."""
    for n in range(len(words) - length + 1):
        yield hash(tuple(words[n : n + length]))
