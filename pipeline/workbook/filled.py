"""Reads back what the researcher filled in, whatever she did to the sheet: sorted, filtered, moved or added to."""

import io
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.errors import OutputError
from pipeline.workbook import layout
from pipeline.workbook.layout import EXTRAS, HEADERS, SUGGESTIONS, fold
from pipeline.workbook.look import FILLS
from pipeline.workbook.text import get_text

_HEADER_WITHIN = 20  # rows above the header that she may have put there


@dataclass(frozen=True, slots=True)
class FilledRow:
    """One row as it stands: `row` is its number in the sheet, `slots` pairs each suggestion's code name with
    the verdict on it, `scores` are those shown with them (None: no number), `extras` are the added codes by position;
    empty is "". `changed` says that a cell which is not hers to fill was changed, `torn` that cells of other rows stand
    in it; `unread` are the ids of open codes that are newer than what she filled in, `reread` those that were until she
    changed the row."""

    row: int
    segment_id: str
    fragment: str
    slots: tuple[tuple[str, str], ...]
    scores: tuple[float | None, ...]
    extras: tuple[str, ...]
    no_code: str
    remark: str
    earlier: tuple[str, ...]
    changed: bool
    torn: bool = False
    unread: tuple[str, ...] = ()
    reread: tuple[str, ...] = ()

    @property
    def filled(self) -> int:
        """How many cells she filled in; a line of `earlier` counts as one."""
        cells = [*(verdict for _, verdict in self.slots), *self.extras, self.no_code, self.remark, *self.earlier]
        return sum(bool(cell) for cell in cells)


@dataclass(frozen=True, slots=True)
class Filled:
    """A workbook as it stands: the name of the sheet, its rows, the code ids behind the code names (folded) of its
    codebook sheet, the number of cells, colours, notes and sheets that she added or changed outside the columns for
    it, and our columns that are not there any more."""

    sheet: str
    rows: tuple[FilledRow, ...]
    code_ids: dict[str, str]
    own_additions: int
    missing: tuple[str, ...]


def read_filled(path: Path, data: bytes) -> Filled:
    """Read the bytes of a workbook; `path` is for the message. Raises OutputError if it is damaged or has no
    sheet with the columns of ours."""
    try:
        book = load_workbook(io.BytesIO(data))
    except Exception as error:  # openpyxl fails in a dozen ways; each means: do not touch this file
        raise OutputError(
            f"{path}: exists, but cannot be read as a workbook ({type(error).__name__}), so it was left as it is. "
            "Close it in other programs; if it will not open there either, rename or move it. Then run again."
        ) from error
    found = [(sheet, header) for sheet in book.worksheets if (header := _header(sheet))]
    found.sort(key=lambda pair: pair[0].title != layout.VALIDATE)  # a copy of the sheet is hers
    if not found:
        raise OutputError(
            f"{path}: exists, but has no sheet with the columns segment_id and Fragment, so it was left as it is. "
            "Rename or move it; then run again."
        )
    sheet, (header_row, columns) = found[0]
    rows: list[FilledRow] = []
    additions = _additions(sheet, header_row, set(columns.values()))
    for cells in _rows(sheet, header_row + 1, sheet.max_row):
        row = _filled_row(cells, columns)
        if row.segment_id or row.filled:
            rows.append(row)
        elif any(get_text(cell).strip() for cell in cells):
            additions += 1
    missing = tuple(header for header in HEADERS if header not in columns)
    return Filled(sheet.title, tuple(rows), _code_ids(book), additions + _other_sheets(book, sheet), missing)


def _rows(sheet: Worksheet, first: int, last: int) -> Iterator[tuple[Cell, ...]]:
    if first <= last:
        yield from cast(Iterator[tuple[Cell, ...]], sheet.iter_rows(min_row=first, max_row=last))


def _all_rows(sheet: Worksheet) -> Iterator[tuple[Cell, ...]]:
    return _rows(sheet, 1, sheet.max_row)


def _header(sheet: Worksheet) -> tuple[int, dict[str, int]] | None:
    """The row number of the header, and the column number of each of our headers, wherever it was moved to."""
    known = {fold(header): header for header in HEADERS}
    for cells in _rows(sheet, 1, min(_HEADER_WITHIN, sheet.max_row)):
        columns: dict[str, int] = {}
        for cell in cells:
            header = known.get(fold(get_text(cell)))
            if header and header not in columns:  # a second column of that name is hers
                columns[header] = cell.column
        if "segment_id" in columns and "Fragment" in columns:
            return cells[0].row, columns
    return None


def _additions(sheet: Worksheet, header_row: int, ours: set[int]) -> int:
    """How many cells hold something of hers outside our columns, a note, or a colour that is not ours."""
    own_colour: dict[int, bool] = {}  # by style, for there are few of those and many cells

    def coloured(cell: Cell) -> bool:
        if cell.style_id not in own_colour:
            shade = cell.fill.fgColor.rgb if cell.fill.fill_type else None
            own_colour[cell.style_id] = bool(cell.fill.fill_type) and str(shade)[-6:] not in FILLS
        return own_colour[cell.style_id]

    return sum(
        ((cell.row < header_row or cell.column not in ours) and bool(get_text(cell).strip()))
        or (cell.row > header_row and (cell.comment is not None or coloured(cell)))
        for row in _all_rows(sheet)
        for cell in row
    )


def _filled_row(cells: tuple[Cell, ...], columns: dict[str, int]) -> FilledRow:
    def text(header: str) -> str:
        if header not in columns:
            return ""
        value = get_text(cells[columns[header] - 1])
        return value if value.strip() else ""

    segment_id = text("segment_id").strip()
    mark = [line.strip() for line in text(layout.MARK).split("\n")]
    seal, of, answers, *newer = [*mark, "", ""]  # an older workbook has the seal alone
    newer = [code for code in newer if code]
    same = answers == layout.seal(text(header) for header in layout.ANSWERS)
    slots = tuple((text(f"Suggestie {n}"), text(f"Oordeel {n}")) for n in range(1, SUGGESTIONS + 1))
    return FilledRow(
        row=cells[0].row,
        segment_id=segment_id,
        fragment=text("Fragment"),
        slots=slots,
        scores=tuple(_score(text(f"Score {n}")) for n in range(1, SUGGESTIONS + 1)),
        extras=tuple(text(f"Extra code {n}") for n in range(1, EXTRAS + 1)),
        no_code=text("Geen code"),
        remark=text("Opmerking"),
        earlier=tuple(part for part in text("Eerder beoordeeld").split("\n") if part.strip()),
        changed=seal != layout.seal(text(header) for header in _sealed(columns)),
        torn=of not in ("", segment_id),
        unread=tuple(newer if same else ()),
        reread=tuple(() if same else newer),
    )


def _sealed(columns: Container[str]) -> list[str]:
    """The columns that a row's seal is about: a workbook of before there was a column of doubts has none."""
    return [header for header in layout.SEALED if header != layout.DOUBT or header in columns]


def _score(text: str) -> float | None:
    """A probability, as a number or as a percentage; None for anything else."""
    number = text.strip().removesuffix("%").replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,20})?", number.strip()):
        return None
    score = float(number) / (100 if text.strip().endswith("%") else 1)
    return score if score <= 1 else None


def _code_ids(book: Workbook) -> dict[str, str]:
    if layout.CODEBOOK not in book.sheetnames:
        return {}
    rows = [[get_text(cell).strip() for cell in row] for row in _all_rows(book[layout.CODEBOOK])]
    for number, row in enumerate(rows):
        if layout.CODE_NAME in row and layout.CODE_ID in row:
            name, code_id = row.index(layout.CODE_NAME), row.index(layout.CODE_ID)
            return {fold(line[name]): line[code_id] for line in rows[number + 1 :] if line[name] and line[code_id]}
    return {}


def _other_sheets(book: Workbook, validate: Worksheet) -> int:
    """How many sheets besides the one to validate are not as we wrote them."""
    seals: dict[str, str] = {}
    if layout.SEAL in book.sheetnames:
        seals = {get_text(row[0]): get_text(row[1]) for row in _all_rows(book[layout.SEAL]) if len(row) > 1}
    return sum(
        layout.seal_sheet([get_text(cell) for cell in row] for row in _all_rows(sheet))
        != seals.get(sheet.title, layout.seal_sheet([]))
        for sheet in book.worksheets
        if sheet is not validate and sheet.title != layout.SEAL
    )
