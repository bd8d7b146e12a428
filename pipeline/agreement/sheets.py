"""The tables of agreement: `agreement.csv` for programs, `agreement.xlsx` for the researcher, `confusion.csv`."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import numpy as np
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.agreement.confusion import Confusion
from pipeline.agreement.measure import RESAMPLES, STATISTICS, Measured
from pipeline.agreement.numbers import digits_of, interval, percent_digits
from pipeline.formulas import neutralise
from pipeline.workbook.look import BANDS, HEAD_MODEL, HEAD_OURS, add_styles, fill, font, head, page
from pipeline.workbook.text import set_text

NAMES = {
    "kappa": "Cohens κ",
    "alpha": "Krippendorffs α",
    "masi": "α met MASI",
    "ac1": "Gwets AC1",
    "percent": "Overeenstemming",
    "overlap": "Overlap",
}
_LEVELS = {"codes": "Alle codes", "any": "Alle codes", "variable": "Variabele", "dimension": "Dimensie", "code": "Code"}
_COUNTINGS = {
    "once": "Ongecodeerd één keer",
    "all": "Elk fragment",
    "coded": "Alleen gecodeerde fragmenten",
}
_EXPLAINED = (
    ("Wat dit is", "Hoe ver codeurs het eens zijn over dezelfde fragmenten: alleen fragmenten die zij allen helemaal "
     "hebben beoordeeld."),
    ("Eenheden", "Een fragment telt voor een code alleen als elke codeur die daar beoordeelde. Wat is beoordeeld "
     "voordat een open code voor het eerst werd gebruikt, gecodeerd door een model dat de code nog niet kende, of "
     "ongezien overgenomen, zegt niets over die code. Bij een dimensie, variabele of verzameling codes tellen dan de "
     "codes die allen beoordeelden."),
    ("Ongecodeerd één keer", "Het blad om te rapporteren. Aaneengesloten fragmenten waaraan niemand een code gaf, "
     "tellen samen "
     "als één eenheid: anders zou gemakkelijke overeenstemming over praat zonder code de cijfers opdrijven."),
    ("Elk fragment", "Elk fragment is een eenheid; zo rekent een ander programma met dezelfde tabel."),
    ("Alleen gecodeerde fragmenten", "Alleen fragmenten met minstens één code van minstens één codeur: zijn zij het "
     "eens over welke code, als er iets te coderen valt? Voor “een code, welke dan ook” zijn κ, α en AC1 dan zonder "
     "betekenis, en "
     "leeg."),
    ("Cohens κ", "Overeenstemming boven toeval, twee codeurs; bij meer codeurs het gemiddelde over alle paren. 1 is "
     "volledig, 0 is toeval."),
    ("Krippendorffs α", "Overeenstemming boven toeval, twee of meer codeurs, nominaal: code wel of niet gegeven."),
    ("α met MASI", "Krippendorffs α over de hele verzameling codes van een fragment; gedeeltelijke overlap telt "
     "gedeeltelijk mee."),
    ("Gwets AC1", "Overeenstemming boven toeval die bij zeldzame codes niet zakt, maar dan wel hoog uitvalt."),
    ("Overeenstemming", "Het deel van de eenheden waarover zij het eens zijn, toeval niet afgetrokken."),
    ("Overlap", "Van de eenheden waaraan minstens één van twee codeurs de code gaf: het deel waaraan beiden haar "
     "gaven. "
     "Praat zonder de code speelt hier geen rol."),
    ("Interval", f"95%-interval uit {RESAMPLES} trekkingen van interviews. Leeg bij minder dan drie interviews, "
     "als de code aan zo weinig interviews hangt dat een trekking haar vaak mist, of als alle trekkingen hetzelfde "
     "geven."),
    ("Leeg", "Een leeg vak: niet te bepalen, bijvoorbeeld omdat niemand de code gaf."),
    ("Gemiddeld over codes", "Het gemiddelde van de codes waarvoor het cijfer te bepalen is; elke code telt even "
     "zwaar."),
)  # fmt: skip


def agreement_csv(measured: Iterable[Measured], coders: Sequence[str]) -> bytes:
    """Every row and way of counting, with full ids and English column names."""
    columns = ["counting", "level", "id", "variable", "dimension", "name", "units", "interviews"]
    columns += [f"given by {name}" for name in coders] + ["given by all"]
    columns += [f"{name}{end}" for name in STATISTICS for end in ("", "_low", "_high")]
    lines: list[list[object]] = []
    for m in measured:
        values = [m.statistics.get(name) for name in STATISTICS]
        lines.append(
            [m.counting, m.row.level, m.row.id, m.row.variable, m.row.dimension, m.row.name, m.units, m.interviews]
            + ([*m.given, m.by_all] if m.given else [""] * (len(coders) + 1))
            + [cell for e in values for cell in (map(_plain, (e.value, e.low, e.high)) if e else ("", "", ""))]
        )
    return _csv(columns, lines)


def confusion_csv(found: Sequence[Confusion], names: Mapping[str, str]) -> bytes:
    """Every pair of coders and codes that occurs, with ids and names, the most frequent confusion first."""
    lines = [
        [c.first, c.second, x, y, names.get(x, x), names.get(y, y), x == y, count]
        for c in found
        for (x, y), count in sorted(c.cells.items(), key=lambda cell: (cell[0][0] == cell[0][1], -cell[1], cell[0]))
    ]
    return _csv(
        ["first", "second", "code_first", "code_second", "name_first", "name_second", "agreed", "segments"], lines
    )


def _csv(columns: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([neutralise(column) for column in columns])
    writer.writerows([neutralise(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)
    return buffer.getvalue().encode("utf-8-sig", errors="replace")


def _plain(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}"


# --- the workbook ------------------------------------------------------------------------------------------


def workbook(
    counted: Mapping[str, Sequence[Measured]],
    found: Sequence[Confusion],
    names: Mapping[str, str],
    coders: Sequence[str],
) -> bytes:
    """`agreement.xlsx`: a sheet for each way of counting, the confusions, and what it all means."""
    book = Workbook()
    add_styles(book)
    for counting, measured in counted.items():
        _measures(book.create_sheet(_COUNTINGS[counting]), measured, coders)
    _confusions(book.create_sheet("Verwisselingen"), found, names)
    _explanation(book.create_sheet("Uitleg"))
    del book["Sheet"]
    book.properties.creator, book.properties.title = "Codeboom", "Overeenstemming tussen codeurs"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _measures(sheet: Worksheet, measured: Sequence[Measured], coders: Sequence[str]) -> None:
    headers = ["Niveau", "Variabele", "Dimensie", "Naam", "Eenheden", "Interviews met de code"]
    headers += [f"Gegeven door {name}" for name in coders] + ["Door allen"]
    counts = len(headers)
    headers += [text for name in STATISTICS for text in (NAMES[name], "Interval")]
    head(sheet, headers, [HEAD_OURS] * counts + [HEAD_MODEL] * (len(headers) - counts))
    sheet.row_dimensions[1].height = 48
    tints = {
        v: BANDS[n % len(BANDS)] for n, v in enumerate(dict.fromkeys(m.row.variable for m in measured if m.row.id))
    }
    for line, m in enumerate(measured, 2):
        texts = (_LEVELS[m.row.level], m.row.variable, m.row.dimension, _name(m))
        for position, text in enumerate(texts, 1):
            set_text(cast(Cell, sheet.cell(line, position)), text, "fragment")
        amounts = [m.units, m.interviews, *m.given, m.by_all] if m.given else [m.units, m.interviews]
        for position, amount in enumerate(amounts, 5):
            sheet.cell(line, position).style = "number"
            sheet.cell(line, position).value = amount
        for position, name in enumerate(STATISTICS):
            estimate, column = m.statistics.get(name), counts + 1 + 2 * position
            cell, beside = sheet.cell(line, column), sheet.cell(line, column + 1)
            cell.style, beside.style = "number", "source"
            if estimate is None or np.isnan(estimate.value):
                continue
            share = name in ("percent", "overlap")
            cell.value = estimate.value  # not rounded: what is rounded twice may differ from the paragraph
            digits = percent_digits(estimate) if share else digits_of(estimate)
            cell.number_format = f"0.{'0' * digits}{'%' * share}"
            set_text(cast(Cell, beside), interval(estimate, share))
        if m.row.level != "code":
            for position in range(1, len(headers) + 1):
                sheet.cell(line, position).font = font(bold=True)
                sheet.cell(line, position).fill = fill(tints.get(m.row.variable, "EEF1F4"))
    widths = [11, 17, 34, 50, 10, 12, *[13] * len(coders), 10, *[15, 16] * len(STATISTICS)]
    for position, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "E2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{max(2, len(measured) + 1)}"
    page(sheet, paper=int(sheet.PAPERSIZE_A3))


def _name(m: Measured) -> str:
    match m.row.level:
        case "codes":
            return "Gemiddeld over codes"
        case "any":
            return "Een code, welke dan ook"
        case _:
            return m.row.name


def _confusions(sheet: Worksheet, found: Sequence[Confusion], names: Mapping[str, str]) -> None:
    head(sheet, ["Codeur", "gaf", "Waar codeur", "gaf", "Fragmenten"], [HEAD_OURS] * 5)
    line = 1
    for confusion in found:
        apart = [cell for cell in confusion.cells.items() if cell[0][0] != cell[0][1]]
        for (x, y), count in sorted(apart, key=lambda cell: (-cell[1], cell[0])):
            line += 1
            texts = (confusion.first, names.get(x, x), confusion.second, names.get(y, y))
            for position, text in enumerate(texts, 1):
                set_text(cast(Cell, sheet.cell(line, position)), text, "fragment")
            sheet.cell(line, 5).style, sheet.cell(line, 5).value = "number", count
    for position, width in enumerate([20, 46, 20, 46, 12], 1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:E{max(2, line)}"
    page(sheet, paper=int(sheet.PAPERSIZE_A4))


def _explanation(sheet: Worksheet) -> None:
    for line, (term, meaning) in enumerate(_EXPLAINED, 1):
        set_text(cast(Cell, sheet.cell(line, 1)), term, "fragment")
        sheet.cell(line, 1).font = font(bold=True)
        set_text(cast(Cell, sheet.cell(line, 2)), meaning, "fragment")
        sheet.row_dimensions[line].height = 13 * (1 + len(meaning) // 95) + 6
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 30, 100
    page(sheet, paper=int(sheet.PAPERSIZE_A4))
