"""Writes a project as a `.qdpx`: a ZIP with `project.qde` and the texts, source by source, so that it takes little
memory."""

import datetime
import io
import zipfile
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from pipeline.files import write_atomic
from pipeline.qda.qdc import code_element
from pipeline.qda.records import PROJECT_NS, Case, NewLine, Note, Project, Selection, TextSource, guid
from pipeline.qda.xmltext import element, text_element, to_bytes, xml_text

_LONGEST_NAME = 60  # of a file, by which programs show a source


def write_project(path: Path, project: Project, created: datetime.datetime, newline: NewLine = "\n") -> None:
    """Write the project. With a `newline` of two characters, texts have it and positions count it as two, as
    programs on Windows do. Raises OutputError."""
    buffer = io.BytesIO()
    stamp = created.astimezone(datetime.UTC)
    moment = stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        with archive.open(_entry("project.qde", stamp), "w", force_zip64=True) as stream:
            for part in _project(project, moment, newline):
                stream.write(part)
        for source in project.sources:
            archive.writestr(_entry(f"sources/{source.guid}.txt", stamp), _encoded(source.text, newline))
        for note in project.notes:
            if not note.inline:
                archive.writestr(_entry(f"sources/{note.guid}.txt", stamp), _encoded(note.text, newline))
    write_atomic(path, buffer.getvalue())


def _entry(name: str, stamp: datetime.datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, stamp.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _encoded(text: str, newline: NewLine) -> bytes:
    return text.replace("\n", newline).encode()


def _project(project: Project, moment: str, newline: NewLine) -> Iterator[bytes]:
    author = f' creatingUserGUID="{project.users[0].guid}"' if project.users else ""
    yield (
        f'<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="{PROJECT_NS}"'
        f" name={quoteattr(xml_text(project.name))}"
        f' origin={quoteattr(project.origin)}{author} creationDateTime="{moment}">\n'
    ).encode()
    users = [element("User", {"guid": user.guid, "name": user.name}) for user in project.users]
    yield from _group("Users", users)
    codes = element("Codes", {}, *map(code_element, project.codes))
    if project.codes:
        yield from _group("CodeBook", [codes])
    variables = [
        element("Variable", {"guid": v.guid, "name": v.name, "typeOfVariable": "Text"}) for v in project.variables
    ]
    yield from _group("Variables", variables)
    yield from _group("Cases", [_case(case) for case in project.cases])
    if project.sources:
        yield b"<Sources>\n"
        for source in project.sources:
            yield from _source(source, moment, newline)
        yield b"</Sources>\n"
    yield from _group("Notes", [_note(note, moment) for note in project.notes])
    if project.description:
        description = text_element("Description", project.description)
        assert description is not None
        yield to_bytes(description) + b"\n"
    for note in project.notes:
        if not note.inline:
            yield to_bytes(element("NoteRef", {"targetGUID": note.guid})) + b"\n"
    yield b"</Project>\n"


def _group(tag: str, children: list[Element]) -> Iterator[bytes]:
    """Elements within one of their own; nothing when there are none, for an empty group is not valid."""
    if children:
        yield f"<{tag}>\n".encode()
        yield from (to_bytes(child) + b"\n" for child in children)
        yield f"</{tag}>\n".encode()


def _value(variable: str, value: str) -> Element:
    return element(
        "VariableValue", {}, element("VariableRef", {"targetGUID": variable}), text_element("TextValue", value)
    )


def _case(case: Case) -> Element:
    return element(
        "Case",
        {"guid": case.guid, "name": case.name},
        *(_value(*pair) for pair in case.values),
        *(element("SourceRef", {"targetGUID": source}) for source in case.sources),
    )


def _note(note: Note, moment: str) -> Element:
    path = "" if note.inline else f"internal://{note.guid}.txt"
    return element(
        "Note",
        {
            "guid": note.guid,
            "name": note.name,
            "plainTextPath": path,
            "creatingUser": note.user,
            "creationDateTime": moment,
        },
        text_element("PlainTextContent", note.text) if note.inline else None,
    )


def _source(source: TextSource, moment: str, newline: NewLine) -> Iterator[bytes]:
    name = " ".join(source.name.split())[:_LONGEST_NAME] or source.guid
    yield (
        f'<TextSource guid="{source.guid}" name={quoteattr(xml_text(name))}'
        f' plainTextPath="internal://{source.guid}.txt" creationDateTime="{moment}">\n'
    ).encode()
    description = text_element("Description", source.description)
    if description is not None:
        yield to_bytes(description) + b"\n"
    lines = _Lines(source.text, newline)
    for selection in source.selections:
        yield _selection(selection, lines, moment)
    for pair in source.values:
        yield to_bytes(_value(*pair)) + b"\n"
    yield b"</TextSource>\n"


class _Lines:
    """Positions as the file has them, where a line end may be two characters."""

    def __init__(self, text: str, newline: NewLine) -> None:
        wide = newline != "\n"
        self._ends = [n for n, character in enumerate(text) if character == "\n"] if wide else []

    def position(self, offset: int) -> int:
        return offset + bisect_left(self._ends, offset)


def _selection(selection: Selection, lines: _Lines, moment: str) -> bytes:
    """A selection with its codings. Written by hand: there may be hundreds of thousands, and elements take six times
    as long. Only the description can hold what needs escaping: the rest is GUIDs and numbers."""
    by = f' creatingUser="{selection.user}" creationDateTime="{moment}"'
    described = f"<Description>{escape(xml_text(selection.description))}</Description>" if selection.description else ""
    codings = "".join(
        f'<Coding guid="{guid("coding", selection.guid, code)}"{by}><CodeRef targetGUID="{code}"/></Coding>'
        for code in selection.codes
    )
    notes = "".join(f'<NoteRef targetGUID="{note}"/>' for note in selection.notes)
    place = f'startPosition="{lines.position(selection.start)}" endPosition="{lines.position(selection.end)}"'
    return (
        f'<PlainTextSelection guid="{selection.guid}" {place}{by}>{described}{codings}{notes}</PlainTextSelection>\n'
    ).encode()
