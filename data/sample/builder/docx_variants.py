"""Writes DOCX: what Teams makes, what a typist makes, and documents. A paragraph is a list of (text, bold) runs."""

import datetime
import io
import random
import zipfile
from collections.abc import Sequence
from itertools import groupby

from docx import Document
from docx.document import Document as DocxDocument
from docx.enum.style import WD_STYLE_TYPE

from builder.manuscript import Manuscript
from builder.timing import Timed, label_of, unpadded

MONTHS = "januari februari maart april mei juni juli augustus september oktober november december".split()


def teams_docx(manuscript: Manuscript, timed: Sequence[Timed], chance: random.Random) -> bytes:
    """New Teams: a header, then a paragraph a turn, its time in whole seconds; the picture leaves a line break."""
    assert manuscript.interviewer is not None, "an interview has an interviewer"
    began = datetime.datetime.combine(manuscript.date, datetime.time(chance.randint(9, 15), chance.randint(0, 59)))
    clock = began.strftime("%I:%M") + ("a.m." if began.hour < 12 else "p.m.")
    title = f"Interview {manuscript.id}-{began:%Y%m%d_%H%M%S}-Opname van vergadering"
    paragraphs = [
        [(title, True)],
        [(f"{began.day} {MONTHS[began.month - 1]} {began.year}, {clock}", False)],
        [(_duration(timed[-1].end), False)],
        [(f"{manuscript.interviewer.label} heeft de transcriptie gestart", False)],
    ]
    for turn in _turns(timed):
        first = turn[0]
        text = "\n".join(entry.line.text for entry in turn)
        label = label_of(manuscript, first.line)
        paragraphs.append([("\n", False), (label, True), (f"   {_clock(first.start)}\n{text}", False)])
    paragraphs.append([(f"{manuscript.interviewer.label} heeft de transcriptie gestopt", False)])
    return _docx(manuscript, paragraphs)


def teams_docx_old(manuscript: Manuscript, timed: Sequence[Timed], chance: random.Random) -> bytes:
    """Old Teams: a paragraph a cue, with line breaks between time, name and text."""
    return _docx(
        manuscript,
        [
            [
                (f"{unpadded(entry.start)} --> {unpadded(entry.end)}\n", False),
                (f"{label_of(manuscript, entry.line)}\n{entry.line.text}", False),
            ]
            for entry in timed
        ],
    )


def typed_docx(manuscript: Manuscript, timed: Sequence[Timed], chance: random.Random) -> bytes:
    """Typed by hand: a paragraph a turn, `Naam: tekst`, no times."""
    return _docx(
        manuscript,
        [
            [(f"{label_of(manuscript, turn[0].line)}:", True), (f" {' '.join(e.line.text for e in turn)}", False)]
            for turn in _turns(timed)
        ],
    )


def document(manuscript: Manuscript, timed: Sequence[Timed], chance: random.Random) -> bytes:
    """A document: headings and paragraphs."""
    return _docx(
        manuscript,
        [[(entry.line.text, False)] for entry in timed],
        ["Heading 1" if entry.line.who == "H" else "Normal" for entry in timed],
    )


def _turns(timed: Sequence[Timed]) -> list[list[Timed]]:
    return [list(turn) for _, turn in groupby(timed, key=lambda entry: entry.line.who)]


def _clock(ms: int) -> str:
    seconds = ms // 1000
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _duration(ms: int) -> str:
    seconds = ms // 1000
    hours = f"{seconds // 3600}u " if seconds >= 3600 else ""
    return f"{hours}{seconds // 60 % 60}m {seconds % 60}s"


def _docx(
    manuscript: Manuscript, paragraphs: Sequence[Sequence[tuple[str, bool]]], styles: Sequence[str] | None = None
) -> bytes:
    document = Document()
    _slim(document)
    for index, runs in enumerate(paragraphs):
        paragraph = document.add_paragraph(style=styles[index] if styles else None)
        for text, bold in runs:
            paragraph.add_run(text).bold = bold or None
    properties = document.core_properties
    properties.author, properties.comments = "", ""
    properties.created = properties.modified = datetime.datetime.combine(manuscript.date, datetime.time(17))
    stream = io.BytesIO()
    document.save(stream)
    return _same_bytes(stream.getvalue())


def _slim(document: DocxDocument) -> None:
    """Take the styles for tables, most of the file, out of python-docx's template."""
    for style in [style for style in document.styles if style.type == WD_STYLE_TYPE.TABLE]:
        style.delete()
    for name, relation in list(document.part.rels.items()):
        if relation.reltype.endswith("/stylesWithEffects"):
            document.part.rels.pop(name)


def _same_bytes(zipped: bytes) -> bytes:
    """The same zip without its clock, and stored: what a compressor makes differs from machine to machine."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(zipped)) as source, zipfile.ZipFile(stream, "w") as target:
        for info in source.infolist():
            entry = zipfile.ZipInfo(info.filename, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0  # else it says on which kind of machine it was made
            target.writestr(entry, source.read(info))
    return stream.getvalue()
