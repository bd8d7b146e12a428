"""Quotations by code as a Word document, to write the thesis from."""

import io
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.files import write_atomic
from pipeline.qda.quotes import Quote
from pipeline.qda.study import Study
from pipeline.qda.transcript import clock
from pipeline.qda.xmltext import xml_text


def write_quotes(path: Path, study: Study, quotes: Sequence[Quote], title: str) -> None:
    """Write the document: a heading for each variable, dimension and code, below it each fragment once, with who says
    it, and who coded it. Raises OutputError."""
    from docx import Document  # takes a while: only when there is a document to make

    document = Document()
    document.add_heading(xml_text(title), 0)
    document.add_paragraph(
        "Namen van personen zijn vervangen. Een fragment kan ook zonder naam herleidbaar zijn: beoordeel dat voor je "
        "het citeert. Wat een model voorstelt en niemand heeft bekeken, is als voorstel gemerkt."
    )
    definitions = {code.id: code.definition for code in study.codebook.codes}
    above = ("", "")
    for code, group in groupby(quotes, key=lambda quote: quote.code):
        listed = list(group)
        variable, dimension, name = listed[0].path
        if variable and variable != above[0]:
            document.add_heading(xml_text(variable), 1)
        if dimension and (variable, dimension) != above:
            document.add_heading(xml_text(dimension), 2)
        above = (variable, dimension)
        document.add_heading(xml_text(name), 3)
        if code in definitions:
            document.add_paragraph().add_run(xml_text(definitions[code])).italic = True
        for _, same in groupby(listed, key=lambda quote: quote.segment.segment_id):
            _add(document, list(same))
    if not quotes:
        document.add_paragraph("Er is nog niets gecodeerd.")
    buffer = io.BytesIO()
    document.save(buffer)
    write_atomic(path, buffer.getvalue())


def _add(document: Any, same: Sequence[Quote]) -> None:
    segment, who = same[0].segment, same[0].respondent
    source = ", ".join(part for part in (who.name or segment.interview, who.cluster, clock(segment.start_ms)) if part)
    paragraph = document.add_paragraph()
    paragraph.add_run(xml_text(f"“{segment.text}” ({source}) "))
    coders = [
        quote.coding.coder
        if quote.coding.score is None
        else f"voorstel van {quote.coding.coder}, {quote.coding.score:.0%}"
        for quote in same
    ]
    paragraph.add_run(xml_text(f"[{'; '.join(coders)}]")).italic = True
    for remark in dict.fromkeys(quote.remark for quote in same if quote.remark):
        document.add_paragraph().add_run(xml_text(f"Opmerking: {remark}")).italic = True
