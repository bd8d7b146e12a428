"""The sheet Valideren, where the researcher's hours go: one row a segment."""

from collections.abc import Mapping, Sequence
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.codebook import Codebook
from pipeline.records import Segment
from pipeline.workbook import layout
from pipeline.workbook.carry import Fields
from pipeline.workbook.layout import COLUMNS, HEADERS, SUGGESTIONS
from pipeline.workbook.look import HEAD_HERS, HEAD_MODEL, HEAD_OURS, VERDICT_FILLS, fill, head, page, row_height
from pipeline.workbook.suggestions import NOTHING, Suggestions
from pipeline.workbook.text import cell_text, set_text

_SURE, _FAIRLY_SURE = 0.75, 0.5
_MOST_DOUBTS = 3  # as many as there is room for to add
_HEAD_COLOURS = {
    "suggestion": HEAD_MODEL,
    "score": HEAD_MODEL,
    "doubt": HEAD_MODEL,
    "input": HEAD_HERS,
    "choice": HEAD_HERS,
}


def write_validate(
    sheet: Worksheet,
    segments: Sequence[Segment],
    suggestions: Mapping[str, Suggestions],
    filled: Mapping[str, Fields],
    codebook: Codebook,
    respondents: Mapping[str, str],
) -> None:
    """One row a segment, in the order given, with what she filled in before."""
    names = {code.id: code.name for code in codebook.codes}
    head(sheet, [column.header for column in COLUMNS], [_HEAD_COLOURS.get(c.kind, HEAD_OURS) for c in COLUMNS])
    for number, segment in enumerate(segments, 2):
        found = suggestions.get(segment.segment_id, NOTHING)
        texts = _row_texts(segment, found, filled.get(segment.segment_id, Fields()), names, respondents)
        scores = {f"Score {n}": coding.score for n, coding in enumerate(found.shown, 1)}
        for position, column in enumerate(COLUMNS, 1):
            cell = cast(Cell, sheet.cell(number, position))
            if column.header in scores:
                cell.style = _score_style(scores[column.header])
                cell.value = round(scores[column.header], 4)
            else:
                set_text(cell, texts.get(column.header, ""), column.kind)
        wrapped = [(texts.get(c.header, ""), c.width) for c in COLUMNS if c.kind not in ("hidden", "score")]
        sheet.row_dimensions[number].height = row_height(wrapped)
    last = max(2, len(segments) + 1)
    for position, column in enumerate(COLUMNS, 1):
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].hidden = column.kind == "hidden"
        if column.note:
            note = Comment(column.note, "Codeboom", height=40 + 17 * (len(column.note) // 38 + 1), width=280)
            sheet.cell(1, position).comment = note
    if not any(fields.earlier for fields in filled.values()):
        sheet.column_dimensions[_letter("Eerder beoordeeld")].hidden = True
    if not any(_doubt(found, names) for found in suggestions.values()):
        sheet.column_dimensions[_letter(layout.DOUBT)].hidden = True
    _drop_downs(sheet, last, len(codebook.codes))
    _colour_verdicts(sheet, last)
    sheet.freeze_panes = f"{_letter('Suggestie 1')}2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{last}"
    sheet.sheet_view.zoomScale = 90
    sheet.sheet_properties.tabColor = HEAD_HERS
    # A3, because a row that fits on A4 cannot be read.
    page(sheet, paper=int(sheet.PAPERSIZE_A3))


def _row_texts(
    segment: Segment,
    found: Suggestions,
    fields: Fields,
    names: Mapping[str, str],
    respondents: Mapping[str, str],
) -> dict[str, str]:
    texts = {
        "segment_id": segment.segment_id,
        "Interview": segment.interview,
        "Respondent": respondents.get(segment.interview, segment.speaker or ""),
        "Tijd": ""
        if segment.start_ms is None
        else f"{segment.start_ms // 60_000:02}:{segment.start_ms // 1000 % 60:02}",
        "Vraag": segment.question,
        "Fragment": segment.text,
        "Geen code": fields.no_code,
        "Opmerking": fields.remark,
        "Eerder beoordeeld": "\n".join(fields.earlier),
    }
    for number, coding in enumerate(found.shown, 1):
        texts[f"Suggestie {number}"] = names[coding.code]
        texts[f"Oordeel {number}"] = fields.verdicts.get(coding.code, "")
    for number, extra in enumerate(fields.extras, 1):
        texts[f"Extra code {number}"] = extra
    if found.others:
        listed = [f"{names[coding.code]} ({coding.score:.0%})" for coding in found.others]
        texts["Overige suggesties"] = "\n".join([f"nog {len(found.others)}:", *listed])
    texts[layout.DOUBT] = _doubt(found, names)
    seal, answers = (
        layout.seal(cell_text(texts.get(header, "")) for header in headers)
        for headers in (layout.SEALED, layout.ANSWERS)
    )
    texts[layout.MARK] = "\n".join([seal, segment.segment_id, *([answers, *fields.unread] if fields.unread else [])])
    return texts


def _doubt(found: Suggestions, names: Mapping[str, str]) -> str:
    """What the model doubts about: what it may have missed, and of what it suggests what may be wrong."""
    maybe = [f"{names[coding.code]} ({coding.score:.0%})" for coding in found.maybe[:_MOST_DOUBTS]]
    unsure = [names[coding.code] for coding in found.codings if coding.doubt]
    return "\n".join([*(["misschien ook:", *maybe] if maybe else []), *(["onzeker:", *unsure] if unsure else [])])


def _score_style(score: float) -> str:
    return "score high" if score >= _SURE else "score mid" if score >= _FAIRLY_SURE else "score low"


def _letter(header: str) -> str:
    return get_column_letter(HEADERS.index(header) + 1)


def _drop_downs(sheet: Worksheet, last: int, codes: int) -> None:
    def add(headers: list[str], source: str, title: str, message: str) -> None:
        rule = DataValidation(type="list", formula1=source, allow_blank=True)
        rule.showErrorMessage = True
        rule.errorStyle = "stop"
        rule.errorTitle, rule.error = title, message
        for header in headers:
            rule.add(f"{_letter(header)}2:{_letter(header)}{last}")
        sheet.add_data_validation(rule)

    add(
        [f"Oordeel {n}" for n in range(1, SUGGESTIONS + 1)],
        f'"{",".join(layout.VERDICTS)}"',
        "Oordeel",
        f"Kies {', '.join(layout.VERDICTS[:-1])} of {layout.VERDICTS[-1]}, of laat de cel leeg.",
    )
    add(["Geen code"], '"ja"', "Geen code", "Kies ja, of laat de cel leeg.")
    add(
        [f"Extra code {n}" for n in range(1, layout.EXTRAS + 1)],
        f"={layout.CODEBOOK}!$C$2:$C${codes + 1}",  # a list in the rule itself may hold no more than 255 characters
        "Niet in het codeboek",
        "Kies een code uit de lijst. Een nieuwe, open code maak je op de reviewpagina of in het codeboek; draai "
        "Codeboom dan opnieuw, en hij staat in de lijst. Zet je idee zolang bij Opmerking.",
    )


def _colour_verdicts(sheet: Worksheet, last: int) -> None:
    def colour(header: str, value: str, shade: str) -> None:
        look = DifferentialStyle(fill=fill(shade))
        rule = Rule(type="cellIs", operator="equal", formula=[f'"{value}"'], dxf=look)
        sheet.conditional_formatting.add(f"{_letter(header)}2:{_letter(header)}{last}", rule)

    for number in range(1, SUGGESTIONS + 1):
        for verdict, shade in VERDICT_FILLS.items():
            colour(f"Oordeel {number}", verdict, shade)
    colour("Geen code", "ja", "D9DEE4")
