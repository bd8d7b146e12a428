"""The same facts as an export, as a workbook: quotations, counts by code and text, and a matrix of ones and zeros."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from pipeline.files import write_atomic
from pipeline.qda.quotes import Quote
from pipeline.qda.study import Study
from pipeline.qda.transcript import clock
from pipeline.workbook.text import set_text

QUOTES, COUNTS, MATRIX = "Citaten", "Code x interview", "Nul-een"
_HEADERS = (
    ("Interview", 10), ("Respondent", 16), ("Cluster", 14), ("Rol", 14), ("Tijd", 9), ("Variabele", 18),
    ("Dimensie", 22), ("Code", 28), ("Citaat", 70), ("Vraag", 30), ("Codeur", 14), ("Score", 8), ("Opmerking", 30),
    ("segment_id", 18), ("code-id", 30),
)  # fmt: skip


def write_tables(path: Path, study: Study, quotes: Sequence[Quote]) -> None:
    """Write the workbook. No cell of it runs as a formula. Raises OutputError."""
    book = Workbook(write_only=True)
    _sheet(book, QUOTES, _HEADERS, map(_quote_row, quotes))
    counts = Counter((q.coding.coder, q.code, q.segment.interview) for q in quotes)
    texts = list(study.interviews)
    heads = (*_HEADERS[5:8], ("Codeur", 14), *((text, 8) for text in texts), ("Totaal", 8), ("code-id", 30))
    _sheet(book, COUNTS, heads, _count_rows(quotes, counts, texts))
    codes = list(dict.fromkeys([*study.codes(), *(q.code for q in quotes)]))
    names = {code.id: code.name for code in study.codebook.codes}
    wide = (("Interview", 10), ("segment_id", 18), ("Codeur", 14), *((names.get(code, code), 8) for code in codes))
    _sheet(book, MATRIX, wide, _matrix_rows(study, quotes, codes))
    buffer = io.BytesIO()
    book.save(buffer)
    write_atomic(path, buffer.getvalue())


def _sheet(book: Workbook, title: str, heads: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for n, (_, width) in enumerate(heads, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([_cell(sheet, name, head=True) for name, _ in heads])
    number = 1
    for row in rows:
        sheet.append([_cell(sheet, value) if isinstance(value, str) else value for value in row])
        number += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{number}"


_BOLD, _TOP = Font(bold=True), Alignment(vertical="top", wrap_text=True)


def _cell(sheet: Any, text: str, head: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    set_text(cell, text)
    cell.alignment = _TOP
    if head:
        cell.font = _BOLD
    return cell


def _quote_row(quote: Quote) -> list[Any]:
    segment, who = quote.segment, quote.respondent
    return [
        segment.interview, who.name, who.cluster, who.role, clock(segment.start_ms), *quote.path, segment.text,
        segment.question, quote.coding.coder, quote.coding.score, quote.remark, segment.segment_id, quote.code,
    ]  # fmt: skip


def _count_rows(
    quotes: Sequence[Quote], counts: Counter[tuple[str, str, str]], texts: Sequence[str]
) -> Iterator[list[Any]]:
    for coder, code, path in dict.fromkeys((q.coding.coder, q.code, q.path) for q in quotes):
        row = [counts[coder, code, text] for text in texts]
        yield [*path, coder, *row, sum(row), code]


def _matrix_rows(study: Study, quotes: Sequence[Quote], codes: Sequence[str]) -> Iterator[list[Any]]:
    """One row for each segment and coder that coded it. What a person neither gave nor refused, by hand or by having
    judged the whole segment for it, is an empty cell: nobody knows it."""
    given: dict[tuple[str, str], set[str]] = {}
    for quote in quotes:
        given.setdefault((quote.coding.coder, quote.segment.segment_id), set()).add(quote.code)
    models = dict.fromkeys(q.coding.coder for q in quotes if q.coding.score is not None)
    for interview, segments in study.interviews.items():
        for segment in segments:
            for model in models:
                ones = given.get((model, segment.segment_id), set())
                yield [interview, segment.segment_id, model, *(int(code in ones) for code in codes)]
            for coder, standing in study.persons.items():
                judgement = standing.get(segment.segment_id)
                if judgement is not None and (judgement.codes or judgement.done):
                    known = {code: int(value) for code, value in judgement.codes.items()}
                    unread = study.unread.get(coder, {}).get(segment.segment_id, ())
                    rest = {code: 0 for code in codes if judgement.done and code not in unread}
                    yield [interview, segment.segment_id, coder, *({**rest, **known}.get(code) for code in codes)]
