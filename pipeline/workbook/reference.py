"""The sheets Codeboek and Tellingen: every code with its criteria, and how often each was suggested."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.codebook import Code, Codebook
from pipeline.records import Segment
from pipeline.workbook import layout
from pipeline.workbook.look import BANDS, GREY, HEAD_MODEL, HEAD_OURS, fill, font, head, page, row_height
from pipeline.workbook.suggestions import Suggestions
from pipeline.workbook.text import set_text

# --- the codebook ------------------------------------------------------------------------------------------

_CODEBOOK_COLUMNS = (
    ("Variabele", 17),
    ("Dimensie", 20),
    (layout.CODE_NAME, 28),
    ("Definitie", 42),
    ("Insluiten", 46),
    ("Uitsluiten", 46),
    ("Voorbeelden", 50),
    ("Herkomst", 11),
    (layout.CODE_ID, 52),
)


def write_codebook(sheet: Worksheet, codebook: Codebook) -> None:
    """One row a code, in the order of the tree; the third column is the source of the drop-downs."""
    names = {code.id: code.name for code in codebook.codes}
    head(sheet, [header for header, _ in _CODEBOOK_COLUMNS], [HEAD_OURS] * len(_CODEBOOK_COLUMNS))
    tints = _tints(codebook)
    for number, code in enumerate(codebook.codes, 2):
        texts = _code_texts(code, names)
        for position, text in enumerate(texts, 1):
            cell = cast(Cell, sheet.cell(number, position))
            set_text(cell, text, "fragment")
            if position <= 3:
                cell.fill = fill(tints[code.variable])
            if position == 3:
                cell.font = font(bold=True)
            elif position >= 8:
                cell.font = font(GREY)
        widths = [width for _, width in _CODEBOOK_COLUMNS]
        sheet.row_dimensions[number].height = row_height(list(zip(texts, widths, strict=True)))
    for position, (_, width) in enumerate(_CODEBOOK_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = f"A1:I{max(2, len(codebook.codes) + 1)}"
    sheet.sheet_view.zoomScale = 90
    page(sheet, paper=int(sheet.PAPERSIZE_A3))


def _code_texts(code: Code, names: Mapping[str, str]) -> list[str]:
    excluded = [
        f"• {exclusion.criterion}" + (f" → {names.get(exclusion.code, exclusion.code)}" if exclusion.code else "")
        for exclusion in code.exclude
    ]
    examples = [f"“{example.text}” ({example.direction})" for example in code.examples]
    return [
        code.variable,
        code.dimension,
        code.name,
        code.definition,
        "\n".join(f"• {criterion}" for criterion in code.include),
        "\n".join(excluded),
        "\n".join(examples),
        code.origin,
        code.id,
    ]


def _tints(codebook: Codebook) -> dict[str, str]:
    variables = dict.fromkeys(code.variable for code in codebook.codes)
    return {variable: BANDS[number % len(BANDS)] for number, variable in enumerate(variables)}


# --- the counts --------------------------------------------------------------------------------------------


def write_counts(
    sheet: Worksheet,
    segments: Sequence[Segment],
    suggestions: Mapping[str, Suggestions],
    codebook: Codebook,
    respondents: Mapping[str, str],
) -> None:
    """Suggestions for each code and respondent, with a subtotal for each variable; values, no formulas."""
    who = {s.segment_id: respondents.get(s.interview, s.speaker or s.interview) for s in segments}
    people = list(dict.fromkeys(who.values()))
    counts = Counter((c.code, who[c.segment_id]) for found in suggestions.values() for c in found.codings)
    coded = Counter(who[segment_id] for segment_id, found in suggestions.items() if found.codings)
    spoken = Counter(who.values())

    def total(codes: Sequence[Code]) -> list[int]:
        return [sum(counts[code.id, person] for code in codes) for person in people]

    headers = ["Variabele", "Dimensie", "Code", *people, "Totaal", "Respondenten"]
    head(sheet, headers, [HEAD_OURS] * 3 + [HEAD_MODEL] * len(people) + [HEAD_OURS] * 2)
    row = 2
    for variable, tint in _tints(codebook).items():
        codes = [code for code in codebook.codes if code.variable == variable]
        for number, code in enumerate(codes, row):
            _write_count(sheet, number, (variable, code.dimension, code.name), total([code]))
            sheet.cell(number, 1).fill = fill(tint)
        _heat(sheet, row, row + len(codes) - 1, len(people))
        row += len(codes) + 1
        _write_count(sheet, row - 1, (variable, "", f"Totaal {variable}"), total(codes), tint)
    _write_count(sheet, row, ("", "", "Suggesties in totaal"), total(codebook.codes), "D9DEE4")
    _write_count(sheet, row + 1, ("", "", "Fragmenten met een suggestie"), [coded[p] for p in people], "EEF1F4")
    _write_count(sheet, row + 2, ("", "", "Fragmenten in totaal"), [spoken[p] for p in people], "EEF1F4")
    for position, width in enumerate([17, 24, 42, *[13] * len(people), 10, 14], 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "D2"
    page(sheet, paper=int(sheet.PAPERSIZE_A4))


def _write_count(
    sheet: Worksheet, row: int, texts: tuple[str, str, str], values: Sequence[int], tint: str = ""
) -> None:
    """One row: what is counted, a number for each respondent, their sum, and how many of them are not 0."""
    for position, text in enumerate(texts, 1):
        set_text(cast(Cell, sheet.cell(row, position)), text, "fragment")
    for position, value in enumerate([*values, sum(values), sum(map(bool, values))], 4):
        cell = sheet.cell(row, position)
        cell.style, cell.value = "number", value
    for position in range(1, len(values) + 6) if tint else ():
        sheet.cell(row, position).fill, sheet.cell(row, position).font = fill(tint), font(bold=True)


def _heat(sheet: Worksheet, first: int, last: int, people: int) -> None:
    """Shade the counts of one variable: the more, the darker."""
    scale = ColorScale(
        cfvo=[FormatObject(type="num", val=0), FormatObject(type="max")], color=[Color("FFFFFF"), Color("8FBEE6")]
    )
    block = f"D{first}:{get_column_letter(3 + max(1, people))}{last}"
    sheet.conditional_formatting.add(block, Rule(type="colorScale", colorScale=scale))
