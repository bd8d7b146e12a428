"""The sheets Codeboek and Tellingen: every code with its criteria, and how often each was suggested."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.answers import UNKNOWN, Agreement
from pipeline.codebook import Code, Codebook
from pipeline.records import Segment
from pipeline.workbook import layout
from pipeline.workbook.look import BANDS, GREY, HEAD_MODEL, HEAD_OURS, fill, font, head, page, row_height
from pipeline.workbook.suggestions import Suggestions
from pipeline.workbook.text import set_text

# --- the codebook ------------------------------------------------------------------------------------------

_AGREEMENT = "Verwachte overeenstemming"
_CODEBOOK_COLUMNS = (
    ("Variabele", 17),
    ("Dimensie", 20),
    (layout.CODE_NAME, 28),
    (_AGREEMENT, 17),
    ("Definitie", 42),
    ("Insluiten", 46),
    ("Uitsluiten", 46),
    ("Voorbeelden", 50),
    ("Herkomst", 11),
    (layout.CODE_ID, 52),
)


def write_codebook(sheet: Worksheet, codebook: Codebook, agreement: Mapping[str, Agreement]) -> None:
    """One row a code, in the order of the tree; the third column is the source of the drop-downs. `agreement` is what
    to expect of the model, by code; where it was not measured at all there is no column for it."""
    names = {code.id: code.name for code in codebook.codes}
    columns = [column for column in _CODEBOOK_COLUMNS if agreement or column[0] != _AGREEMENT]
    head(sheet, [header for header, _ in columns], [HEAD_MODEL if h == _AGREEMENT else HEAD_OURS for h, _ in columns])
    tints = _tints(codebook)
    for number, code in enumerate(codebook.codes, 2):
        found = _code_texts(code, names) | {_AGREEMENT: _expected(agreement.get(code.id, UNKNOWN))}
        texts = [found[header] for header, _ in columns]
        for position, text in enumerate(texts, 1):
            cell = cast(Cell, sheet.cell(number, position))
            set_text(cell, text, "fragment")
            if position <= 3:
                cell.fill = fill(tints[code.variable])
            if position == 3:
                cell.font = font(bold=True)
            elif columns[position - 1][0] in ("Herkomst", layout.CODE_ID):
                cell.font = font(GREY)
        widths = [width for _, width in columns]
        sheet.row_dimensions[number].height = row_height(list(zip(texts, widths, strict=True)))
    for position, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{max(2, len(codebook.codes) + 1)}"
    sheet.sheet_view.zoomScale = 90
    page(sheet, paper=int(sheet.PAPERSIZE_A3))


def _expected(found: Agreement) -> str:
    """Expected agreement as it is shown: a word, the figure, and the segments that it rests on."""
    if found.word == "onbekend":
        return found.word
    return f"{found.word}: κ = {found.kappa:.2f} ({found.positives} fragmenten)".replace(".", ",")


def _code_texts(code: Code, names: Mapping[str, str]) -> dict[str, str]:
    """What stands in each column, by its header."""
    excluded = [
        f"• {exclusion.criterion}" + (f" → {names.get(exclusion.code, exclusion.code)}" if exclusion.code else "")
        for exclusion in code.exclude
    ]
    examples = [f"“{example.text}” ({example.direction})" for example in code.examples]
    return {
        "Variabele": code.variable,
        "Dimensie": code.dimension,
        layout.CODE_NAME: code.name,
        "Definitie": code.definition,
        "Insluiten": "\n".join(f"• {criterion}" for criterion in code.include),
        "Uitsluiten": "\n".join(excluded),
        "Voorbeelden": "\n".join(examples),
        "Herkomst": code.origin,
        layout.CODE_ID: code.id,
    }


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
