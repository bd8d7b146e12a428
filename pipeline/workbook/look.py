"""What the workbook looks like: colours, type, row heights, headers, pages."""

import math
from collections.abc import Sequence
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.workbook.text import set_text

INK, GREY, LINE, PAPER = "1F2933", "6B7785", "D9DEE4", "FFFFFF"
HEAD_OURS, HEAD_MODEL, HEAD_HERS = "33475B", "2F6690", "9A6700"
INPUT_FILL = "FFFAE8"
SCORE_FILLS = {"high": "8FBEE6", "mid": "C6DEF3", "low": "EAF3FB"}
VERDICT_FILLS = {"akkoord": "CDEBD0", "afwijzen": "F6D0CC", "twijfel": "FCE5B0"}
BANDS = ("E8EFF6", "EAF4EC", "FBF1E3", "F2ECF7", "E6F3F4", "F7ECEC")  # one tint a variable
FILLS = {PAPER, INPUT_FILL, *SCORE_FILLS.values(), *VERDICT_FILLS.values()}  # below the header; others are hers
FONT_SIZE = 10
_LINE_POINTS, _HIGHEST_ROW = 12.9, 409.0


def fill(colour: str) -> PatternFill:
    """A solid fill."""
    return PatternFill("solid", start_color=colour, end_color=colour)


def font(colour: str = INK, size: float = FONT_SIZE, **more: bool) -> Font:
    """The one typeface of the workbook."""
    return Font(name="Calibri", size=size, color=colour, bold=more.get("bold"), italic=more.get("italic"))


def line(colour: str = LINE, left: Side | None = None) -> Border:
    """A thin line around a cell; `left` is for a heavier one that starts a group of columns."""
    side = Side(style="thin", color=colour)
    return Border(left=left or side, right=side, top=side, bottom=side)


def add_styles(book: Workbook) -> None:
    """Add the named styles that `set_text` and the sheets use."""
    top = Alignment(vertical="top", wrap_text=True)
    centre = Alignment(vertical="top", horizontal="center", wrap_text=True)
    plain, soft = font(), font(GREY)

    def add(name: str, face: Font, place: Alignment, colour: str = PAPER, number: str = "General") -> None:
        group = Side(style="medium", color="A9BBCB") if name == "suggestion" else None
        style = NamedStyle(name, font=face, alignment=place, fill=fill(colour), number_format=number)
        style.border = line(left=group)
        book.add_named_style(style)

    add("source", soft, top)
    add("hidden", soft, Alignment(vertical="top"))
    add("question", font(GREY, italic=True), top)
    add("fragment", plain, top)
    add("suggestion", font(HEAD_MODEL), top)
    add("doubt", font(GREY, italic=True), top)
    for level, colour in SCORE_FILLS.items():
        add(f"score {level}", plain, centre, colour, "0%")
    add("score", plain, centre, PAPER, "0%")
    # As text, so that "=zie boven" or "3-4" stays what she typed.
    add("input", plain, top, INPUT_FILL, "@")
    add("choice", plain, centre, INPUT_FILL, "@")
    add("number", plain, Alignment(vertical="top", horizontal="right"), PAPER, "#,##0;-#,##0;–")


def row_height(texts_and_widths: list[tuple[str, float]]) -> float:
    """Height in points at which the longest of the wrapped texts is wholly visible, as far as a row can be."""
    lines = 1
    for text, width in texts_and_widths:
        per_line = max(1.0, width * 1.27 - 2)  # of running text; wrapping at words leaves some open
        lines = max(lines, sum(max(1, math.ceil(len(part) / per_line)) for part in text.split("\n")))
    return min(_HIGHEST_ROW, lines * _LINE_POINTS + 5)


def head(sheet: Worksheet, headers: Sequence[str], colours: Sequence[str]) -> None:
    """Write the header row, each cell in its colour."""
    for position, (header, colour) in enumerate(zip(headers, colours, strict=True), 1):
        cell = cast(Cell, sheet.cell(1, position))
        set_text(cell, header)
        cell.font, cell.fill = font("FFFFFF", bold=True), fill(colour)
        cell.border = Border(left=Side(style="thin", color="FFFFFF"))
        cell.alignment = Alignment(vertical="top", wrap_text=True)  # a filter button covers the bottom
    sheet.row_dimensions[1].height = 33


def page(sheet: Worksheet, paper: int) -> None:
    """Set up printing: fitted to the width, the header repeated, pages numbered."""
    sheet.print_title_rows = "1:1" if sheet.freeze_panes else None
    sheet.page_setup.orientation = "landscape" if sheet.freeze_panes else "portrait"
    sheet.page_setup.paperSize = paper
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top = sheet.page_margins.bottom = 0.5
    footer = sheet.oddFooter
    assert footer is not None and footer.left is not None and footer.right is not None
    footer.left.text, footer.right.text = "Codeboom · &A", "&P van &N"
