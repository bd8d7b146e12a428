"""The gold of a corpus: which passages carry which code, who is named where, and what that means for segments.

It is kept as characters of utterances, so that it outlives any way of cutting them into segments:

- `gold/spans.csv`: `interview, utterance, start, end, code, direction, coder`, one row a coded passage and code;
  the coder is `gold`, or the one who made another coding of the same interview (`A`, `B`);
- `gold/names.csv`: `interview, utterance, start, end, person`, one row a mention; `gold/persons.csv`: `person, name`;
- `gold/codings.csv`: `segment_id, code, coder`, what the spans mean for the segments of today's pipeline.

Utterance and characters [start, end) are those of the raw transcript, as `read_transcript` gives them.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TypeVar

from pipeline.errors import CodeboomError
from pipeline.files import write_atomic
from pipeline.records import SafeUtterance, Segment

GOLD = "gold"
DIRECTIONS = ("+", "-", "±")
CODING_COLUMNS = ("segment_id", "code", "coder")

T = TypeVar("T")
ToSafe = Callable[[str, int, int, int], tuple[int, int]]
"""(interview, utterance, start, end) in raw text -> (start, end) in the text of the safe utterance."""


class CorpusError(CodeboomError):
    """A file of the corpus is not well formed; the message lists everything that is wrong with it."""


@dataclass(frozen=True, slots=True, order=True)
class GoldSpan:
    """Characters [start, end) of a raw utterance that `coder` gave `code`, and in which direction (+, -, ±)."""

    interview: str
    utterance: int
    start: int
    end: int
    code: str
    direction: str
    coder: str

    def __post_init__(self) -> None:
        _check_place(self.utterance, self.start, self.end)
        if self.direction not in DIRECTIONS:
            raise ValueError("a direction is one of " + ", ".join(DIRECTIONS))
        if not self.code or not self.coder:
            raise ValueError("a span has a code and a coder")


@dataclass(frozen=True, slots=True, order=True)
class GoldName:
    """Characters [start, end) of a raw utterance that name `person`."""

    interview: str
    utterance: int
    start: int
    end: int
    person: str

    def __post_init__(self) -> None:
        _check_place(self.utterance, self.start, self.end)
        if not self.person:
            raise ValueError("a mention has a person")


def _check_place(utterance: int, start: int, end: int) -> None:
    if utterance < 1:
        raise ValueError("utterance numbers count from 1")
    if not 0 <= start < end:
        raise ValueError("a span has 0 <= start < end")


# Reading and writing


def read_spans(path: Path) -> list[GoldSpan]:
    """The coded passages of `gold/spans.csv`, of all coders. Raises CorpusError."""

    def span(row: Mapping[str, str]) -> GoldSpan:
        return GoldSpan(*_place(row), row["code"], row["direction"], row["coder"])

    return _read(path, [field.name for field in fields(GoldSpan)], span)


def read_names(path: Path) -> list[GoldName]:
    """The mentions of `gold/names.csv`. Raises CorpusError."""
    return _read(path, [field.name for field in fields(GoldName)], lambda row: GoldName(*_place(row), row["person"]))


def read_persons(path: Path) -> dict[str, str]:
    """The persons of `gold/persons.csv`: id to full name. Raises CorpusError."""
    return dict(_read(path, ["person", "name"], lambda row: (row["person"], row["name"])))


def write_spans(path: Path, spans: Iterable[GoldSpan]) -> None:
    """Write `gold/spans.csv`, in order of place."""
    _write(path, [field.name for field in fields(GoldSpan)], map(astuple, sorted(spans)))


def write_names(path: Path, names: Iterable[GoldName]) -> None:
    """Write `gold/names.csv`, in order of place."""
    _write(path, [field.name for field in fields(GoldName)], map(astuple, sorted(names)))


def write_persons(path: Path, persons: Mapping[str, str]) -> None:
    """Write `gold/persons.csv`, in order of id."""
    _write(path, ["person", "name"], sorted(persons.items()))


def write_gold_codings(path: Path, codings: Iterable[tuple[str, str, str]]) -> None:
    """Write `gold/codings.csv`: `segment_id, code, coder`, in the order given."""
    _write(path, CODING_COLUMNS, codings)


def read_gold_codings(path: Path, coder: str = GOLD) -> list[tuple[str, str]]:
    """The codings of one coder in `gold/codings.csv`: (segment_id, code). Raises CorpusError."""
    rows = _read(path, CODING_COLUMNS, lambda row: (row["segment_id"], row["code"], row["coder"]))
    return [(segment_id, code) for segment_id, code, by in rows if by == coder]


def _place(row: Mapping[str, str]) -> tuple[str, int, int, int]:
    return row["interview"], int(row["utterance"]), int(row["start"]), int(row["end"])


def _read(path: Path, columns: Sequence[str], record: Callable[[Mapping[str, str]], T]) -> list[T]:
    """The rows of a table as records; everything that is wrong with it at once."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}). Make it with data/sample/build.py.") from error
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: not UTF-8. Save it as CSV UTF-8.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    if reader.fieldnames is None or list(reader.fieldnames) != list(columns):
        raise CorpusError(f"{path}: the columns must be {', '.join(columns)}.")
    records: list[T] = []
    problems: list[str] = []
    seen: set[T] = set()
    for number, row in enumerate(reader, 2):
        if None in row or None in row.values():
            problems.append(f"{path}, row {number}: expected {len(columns)} cells")
            continue
        try:
            found = record(row)
        except ValueError as error:
            problems.append(f"{path}, row {number}: {error}")
            continue
        if found in seen:
            problems.append(f"{path}, row {number}: the same as an earlier row")
        seen.add(found)
        records.append(found)
    if problems:
        raise CorpusError("\n".join(problems))
    return records


def _write(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    write_atomic(path, stream.getvalue().encode("utf-8-sig"))


# From spans to segments


def segments_of(
    spans: Iterable[GoldSpan], segments: Iterable[Segment], utterances: Iterable[SafeUtterance], to_safe: ToSafe
) -> dict[GoldSpan, tuple[str, ...]]:
    """The ids of the segments that each span gives its code to; none where the span lies outside every segment.

    A segment gets the code when they share at least half of the shorter of the two, in characters that are no
    space. A span that shares less with each of its segments gives it to the one that it shares most with.
    """
    texts = {(utterance.interview, utterance.number): utterance.text for utterance in utterances}
    pieces: defaultdict[tuple[str, int], list[tuple[str, int, int]]] = defaultdict(list)
    sizes: defaultdict[str, int] = defaultdict(int)
    for segment in segments:
        for piece in segment.pieces:
            place = (segment.interview, piece.number)
            pieces[place].append((segment.segment_id, piece.start, piece.end))
            sizes[segment.segment_id] += _solid(texts[place][piece.start : piece.end])
    result: dict[GoldSpan, tuple[str, ...]] = {}
    for span in spans:
        place = (span.interview, span.utterance)
        start, end = to_safe(*place, span.start, span.end)
        text = texts.get(place, "")
        shared = {
            segment: size
            for segment, first, last in pieces[place]
            if (size := _solid(text[max(start, first) : min(end, last)]))
        }
        length = _solid(text[start:end])
        enough = tuple(segment for segment, size in shared.items() if 2 * size >= min(length, sizes[segment]))
        most = max(shared, key=lambda segment: shared[segment], default=None)
        result[span] = enough or ((most,) if most is not None else ())
    return result


def _solid(text: str) -> int:
    """How many characters of `text` are no space."""
    return sum(not character.isspace() for character in text)


def gold_codings(
    spans: Iterable[GoldSpan], segments: Iterable[Segment], utterances: Iterable[SafeUtterance], to_safe: ToSafe
) -> list[tuple[str, str]]:
    """(segment_id, code) for any way of cutting, in the order of the segments; see `segments_of`.

    Give the spans of one coder. Raises CorpusError when a span lies outside every segment, so that no gold is lost
    in silence.
    """
    segments = list(segments)
    found = segments_of(spans, segments, utterances, to_safe)
    lost = [span for span, ids in found.items() if not ids]
    if lost:
        raise CorpusError("\n".join(f"{where(span)}: lies in no segment; is it the interviewer's?" for span in lost))
    codes = codes_of(found)
    return [(segment.segment_id, code) for segment in segments for code in sorted(codes.get(segment.segment_id, ()))]


def codes_of(found: Mapping[GoldSpan, tuple[str, ...]]) -> dict[str, set[str]]:
    """The codes of each segment that has any, from what `segments_of` found."""
    codes: defaultdict[str, set[str]] = defaultdict(set)
    for span, ids in found.items():
        for segment_id in ids:
            codes[segment_id].add(span.code)
    return dict(codes)


def where(span: GoldSpan | GoldName) -> str:
    """The place of a span, for messages: it never quotes the text."""
    return f"{span.interview}, utterance {span.utterance}, characters {span.start}-{span.end}"
