"""The tables on disk: segments and codings as CSV, and any `id,text` table that somebody wants coded.

CSV is UTF-8 with BOM, comma and CRLF (RFC 4180). No cell of it is a formula to a spreadsheet, and reading gives
back exactly the text that was written.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from pipeline.errors import CodeboomError, OutputError
from pipeline.files import write_atomic
from pipeline.formulas import neutralise, release
from pipeline.records import Coding, Role, Segment

SEGMENT_COLUMNS = ("segment_id", "interview", "speaker", "role", "start_ms", "end_ms", "text", "question")
CODING_COLUMNS = ("segment_id", "code", "score", "suggested", "answer", "coder")
RESPONDENT_COLUMNS = ("interview", "respondent", "cluster", "role")
CLASSIFIED_COLUMNS = ("id", "code", "score", "suggested", "answer")

_LONGEST_FIELD = 2**31 - 1  # the csv module stops at 131,072 characters; a minute of a document may be longer
_AGAIN = "Run `codeboom run` again to write it anew; corrections belong in coded.xlsx."


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of a table that somebody wants coded; `question` is empty where the table has none."""

    id: str
    text: str
    question: str = ""


# --- writing -----------------------------------------------------------------------------------------------


def write_segments(path: Path, segments: Iterable[Segment]) -> None:
    """Write one row a segment, in the order given; `pieces` are not in the table. An unknown speaker or time
    is an empty cell. Raises OutputError; an earlier table is then intact."""
    _write(
        path,
        SEGMENT_COLUMNS,
        (
            (s.segment_id, s.interview, s.speaker or "", s.role, s.start_ms, s.end_ms, s.text, s.question)
            for s in segments
        ),
    )


def write_respondents(path: Path, rows: Iterable[tuple[str, str, str, str]]) -> None:
    """Write who each interview was held with: interview, pseudonym, and cluster and role as the register has them.
    Raises OutputError."""
    _write(path, RESPONDENT_COLUMNS, rows)


def write_codings(path: Path, codings: Iterable[Coding]) -> None:
    """Write one row for each segment, code and coder, in the order given; the score has four decimals.
    Raises OutputError; an earlier table is then intact."""
    _write(
        path,
        CODING_COLUMNS,
        ((c.segment_id, c.code, _score(path, c), str(c.suggested), c.answer, c.coder) for c in codings),
    )


def write_classified(path: Path, codings: Iterable[Coding]) -> None:
    """Write what a model makes of a table's rows: `segment_id` holds the row's id and is called `id` here.
    Raises OutputError; an earlier table is then intact."""
    _write(
        path,
        CLASSIFIED_COLUMNS,
        ((c.segment_id, c.code, _score(path, c), str(c.suggested), c.answer) for c in codings),
    )


def _score(path: Path, coding: Coding) -> str:
    if not 0 <= coding.score <= 1:  # also refuses NaN
        raise OutputError(
            f"{path}: a score of code {coding.code} is not a probability between 0 and 1, so nothing was "
            "written. The model may be damaged: install Codeboom again, or choose another model."
        )
    return f"{coding.score:.4f}"


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    buffer = io.StringIO(newline="")
    # CRLF also makes the csv module of Python 3.11 quote a lone CR.
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([neutralise(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    try:
        data = buffer.getvalue().encode("utf-8-sig")
    except UnicodeEncodeError as error:
        raise OutputError(
            f"{path}: a text holds half a character (a lone surrogate) and cannot be written. Save the transcript or "
            "table that it comes from as UTF-8 and run again."
        ) from error
    write_atomic(path, data)


# --- reading our own tables --------------------------------------------------------------------------------


def read_segments(path: Path) -> tuple[Segment, ...]:
    """The segments of a table that `write_segments` wrote, in order, with `pieces=()`.

    Raises CodeboomError, naming file and row but no text, if a column, type or id is not as it was written.
    """
    segments: list[Segment] = []
    seen: dict[str, int] = {}
    for row, cells in _own_rows(path, SEGMENT_COLUMNS):
        segment_id, interview, speaker, role, start, end, text, question = cells
        if not segment_id:
            raise _wrong(path, row, "segment_id is empty")
        if segment_id in seen:
            raise _wrong(path, row, f"segment_id is the same as in row {seen[segment_id]}")
        if role not in get_args(Role):
            raise _wrong(path, row, f"role is not one of {', '.join(get_args(Role))}")
        seen[segment_id] = row
        start_ms, end_ms = _milliseconds(path, row, "start_ms", start), _milliseconds(path, row, "end_ms", end)
        segments.append(
            Segment(segment_id, interview, speaker or None, cast(Role, role), start_ms, end_ms, text, question, ())
        )
    return tuple(segments)


def read_codings(path: Path) -> tuple[Coding, ...]:
    """The codings of a table that `write_codings` wrote, in order.

    Raises CodeboomError, naming file and row but no text, if a column or type is not as it was written or a
    coder has the same code twice on one segment.
    """
    codings: list[Coding] = []
    seen: set[tuple[str, str, str]] = set()
    for row, (segment_id, code, score, suggested, answer, coder) in _own_rows(path, CODING_COLUMNS):
        if not (segment_id and code and coder):
            raise _wrong(path, row, "segment_id, code or coder is empty")
        if (segment_id, code, coder) in seen:
            raise _wrong(path, row, "the same segment_id, code and coder stand in an earlier row")
        if not re.fullmatch(r"0\.[0-9]+|1\.0+|[01]", score):
            raise _wrong(path, row, "score is not a number between 0 and 1 with a decimal point")
        if suggested not in ("True", "False"):
            raise _wrong(path, row, "suggested is not True or False")
        if answer not in ("doubt", "suggest" if suggested == "True" else "none"):
            raise _wrong(path, row, "answer is not suggest, doubt or none, or does not fit suggested")
        seen.add((segment_id, code, coder))
        codings.append(Coding(segment_id, code, float(score), suggested == "True", coder, answer == "doubt"))
    return tuple(codings)


def _own_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CodeboomError(f"{path}: is not UTF-8, as Codeboom wrote it. {_AGAIN}") from error
    rows = _csv_rows(path, text, ",")
    header = next(rows, (1, []))[1]
    if header != list(columns):
        raise CodeboomError(f"{path}: row 1: the columns are not {','.join(columns)}. {_AGAIN}")
    for row, cells in rows:
        if len(cells) != len(columns):
            raise _wrong(path, row, f"{len(cells)} cells where {len(columns)} are expected")
        yield row, [release(cell) for cell in cells]


def _milliseconds(path: Path, row: int, column: str, cell: str) -> int | None:
    if not cell:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", cell):
        raise _wrong(path, row, f"{column} is not a whole number of milliseconds")
    return int(cell)


def _wrong(path: Path, row: int, what: str) -> CodeboomError:
    return CodeboomError(f"{path}: row {row}: {what}. {_AGAIN}")


# --- reading a table of somebody else ----------------------------------------------------------------------


def read_table(path: Path) -> tuple[TableRow, ...]:
    """The rows of any CSV with columns `id`, `text` and, if there, `question`; other columns are left alone.

    Reads what spreadsheets save: comma or semicolon, UTF-8 with or without BOM or Windows-1252. A text may be empty.
    Raises CodeboomError, naming file and row but no text, for a missing column, an empty table, an id that
    is empty or double, broken quotes, and a file that is not such a table at all.
    """
    text = _decode(path)
    if hint := re.match(r"sep=([,;])\r?\n", text, re.IGNORECASE):  # a line that Excel understands and hides
        text = text[hint.end() :]
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    records = _csv_rows(path, text, delimiter)
    header = [name.strip().casefold() for name in next(records, (1, []))[1]]
    for name in ("id", "text", "question"):
        if header.count(name) == 0 and name != "question":
            raise CodeboomError(
                f"{path}: row 1: there is no column `{name}`. Give the table columns called id and text "
                "(and question, if you have it), separated by commas or semicolons."
            )
        if header.count(name) > 1:
            raise CodeboomError(f"{path}: row 1: there are two columns `{name}`. Rename or remove one.")
    rows: list[TableRow] = []
    seen: dict[str, int] = {}
    for row, cells in records:
        if len(cells) > len(header):
            raise CodeboomError(
                f"{path}: row {row}: {len(cells)} cells under {len(header)} column names. Put texts that contain "
                f"`{delimiter}` between quotes, or save the table again as CSV from a spreadsheet."
            )
        cells += [""] * (len(header) - len(cells))  # Excel leaves out empty cells at the end of a row
        values = dict(zip(header, map(release, cells), strict=True))
        item = TableRow(values["id"].strip(), values["text"], values.get("question", ""))
        if not item.id:
            raise CodeboomError(f"{path}: row {row}: the id is empty. Give every row an id of its own.")
        if item.id in seen:
            raise CodeboomError(
                f"{path}: row {row}: the id is the same as in row {seen[item.id]}. Give every row an id of its own."
            )
        seen[item.id] = row
        rows.append(item)
    if not rows:
        raise CodeboomError(f"{path}: the table is empty. Put at least one row under the column names.")
    return tuple(rows)


def _decode(path: Path) -> str:
    data = _bytes(path)
    if not data.strip():
        raise CodeboomError(f"{path}: the file is empty. Give a CSV with columns id and text.")
    if b"\x00" in data or data.startswith((b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04")):
        raise CodeboomError(
            f"{path}: this is not a CSV in UTF-8 or Windows-1252. In Excel, choose Save as, CSV UTF-8, and try again."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise CodeboomError(
            f"{path}: the text is neither UTF-8 nor Windows-1252. In Excel, choose Save as, CSV UTF-8, and try again."
        ) from error


# --- both --------------------------------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CodeboomError(
            f"{path}: cannot be read ({error.strerror or type(error).__name__}). Check that the file exists, that "
            "you may read it and that no other program has it open."
        ) from error


def _csv_rows(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Row numbers as a spreadsheet shows them (the header is row 1) with their cells; blank rows are skipped."""
    csv.field_size_limit(_LONGEST_FIELD)
    reader: Any = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    row = 0
    while True:
        row += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CodeboomError(
                f"{path}: row {row}: the quotes are not in order. Close every quote that opens a cell and double the "
                "quotes within it, or save the table again as CSV from a spreadsheet."
            ) from error
        if cells is None:
            return
        if any(cells):
            yield row, cells
