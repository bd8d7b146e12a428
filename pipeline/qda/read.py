"""Reads a `.qdpx` of any program: users, codes, texts with what was selected in them, cases and memos.

Selections are kept as the program counted them: `positions.py` finds out how. Text of a transcript or of a PDF counts
as a text. What is not text is counted in `skipped`.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

from pipeline.errors import QdaError
from pipeline.qda.container import Archive, open_archive
from pipeline.qda.qdc import code_node, read_guid
from pipeline.qda.records import Case, CodeNode, Note, Selection, User, walk
from pipeline.qda.xmltext import ended, local

_SOURCES = ("TextSource", "Representation", "Transcript")
_OTHER_SELECTIONS = ("PictureSelection", "PDFSelection", "AudioSelection", "VideoSelection")
_INTERNAL = "internal://"
BOM = "\ufeff"


@dataclass(slots=True)
class RawSource:
    """A text as it stands in the file, undecoded or as the XML has it, and its selections as they were counted."""

    guid: str
    name: str
    data: bytes | str = b""
    selections: list[Selection] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RawProject:
    """A project as it was read. `skipped` counts, by kind, what was not text."""

    origin: str = ""
    users: list[User] = field(default_factory=list)
    codes: list[CodeNode] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    sources: list[RawSource] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def read_project(path: Path) -> RawProject:
    """Read a project. Raises QdaError, with one clear reason, when it is damaged, not safe, or contradicts itself."""
    with open_archive(path) as archive, archive.open_project() as stream:
        reader = _Reader(archive)
        for event, node, above in ended(stream, f"{path}: project.qde"):
            if event == "start":
                reader.start(node, above)
            else:
                reader.end(node, above)
        reader.check()
        return reader.project


class _Reader:
    """Takes elements as they end, and forgets them, so that a project of any size fits in memory."""

    def __init__(self, archive: Archive) -> None:
        self.project = RawProject()
        self._archive = archive
        self._where = str(archive.path)
        self._source: RawSource | None = None
        self._inline: str | None = None
        self._points: dict[str, int | None] = {}
        self._seen: set[str] = set()
        self._refers: dict[str, set[str]] = {kind: set() for kind in ("code", "note", "user", "source")}
        self._places: set[str] = set()  # every source, also one that is not text

    def start(self, node: Element, above: list[str]) -> None:
        tag = local(node.tag)
        if not above:
            if tag != "Project":
                raise QdaError(f"{self._where}: is not a REFI-QDA project. Choose the export as .qdpx.")
            self.project.origin = node.get("origin") or ""
        elif above[-1] == "Sources":
            self._places.add(read_guid(node.get("guid"), self._where))
        if tag in _SOURCES and "Notes" not in above:
            self._source = RawSource(self._new(node, kind="text"), node.get("name") or "")
            self._inline, self._points = None, {}

    def end(self, node: Element, above: list[str]) -> None:
        tag, parent = local(node.tag), above[-1] if above else ""
        if tag == "User":
            self.project.users.append(User(self._new(node), " ".join((node.get("name") or "").split())))
        elif tag == "Code" and parent == "Codes":
            self.project.codes.append(code_node(node, self._where))
        elif tag == "Case" and parent == "Cases":
            self._case(node)
        elif tag == "Note" and parent == "Notes":
            self._note(node)
        elif "Notes" in above or tag in ("Code", "Description", "CodeRef", "NoteRef", "SourceRef", "VariableValue"):
            return  # read with what they are in
        elif tag == "PlainTextContent":
            self._inline = node.text or ""
            return
        elif self._source is not None:
            if not self._in_source(node, tag, parent):
                return
        elif tag in _OTHER_SELECTIONS:
            self.project.skipped[tag] += len([1 for child in node if local(child.tag) == "Coding"])
        else:
            return
        node.clear()

    def _in_source(self, node: Element, tag: str, parent: str) -> bool:
        """Take an element within a text; False for one that is read with what it is in."""
        source = self._source
        assert source is not None
        if tag in _SOURCES:
            self._close(node)
        elif tag == "SyncPoint":
            position = node.get("position")
            self._points[self._new(node)] = self._number(position) if position else None
        elif tag in ("PlainTextSelection", "TranscriptSelection"):
            self._selection(node, tag)
        elif tag == "Coding" and parent in _SOURCES:
            source.whole += self._targets(node, "CodeRef", "code")
        else:
            return False
        return True

    def _selection(self, node: Element, tag: str) -> None:
        assert self._source is not None
        if tag == "TranscriptSelection":
            ends = [
                self._points.get(read_guid(node.get(name), self._where, False))
                for name in ("fromSyncPoint", "toSyncPoint")
            ]
        else:
            ends = [self._number(node.get(name)) for name in ("startPosition", "endPosition")]
        owner = node.get("creatingUser") or node.get("modifyingUser")
        codes: dict[str, list[str]] = {}
        for child in node:
            if local(child.tag) == "Coding":
                self._new(child)
                by = read_guid(child.get("creatingUser") or owner, self._where, needed=False)
                codes.setdefault(by, []).extend(self._targets(child, "CodeRef", "code"))
        mine = read_guid(owner, self._where, needed=False)
        self._refers["user"].update(user for user in (mine, *codes) if user)
        notes = tuple(self._targets(node, "NoteRef", "note"))
        description = next((child.text or "" for child in node if local(child.tag) == "Description"), "").strip()
        where = self._new(node)
        if ends[0] is None or ends[1] is None:
            self.project.skipped["selection by time only"] += max(1, sum(map(len, codes.values())))
            return
        if not codes or (mine not in codes and (description or notes)):
            codes.setdefault(mine, [])
        for user, listed in codes.items():
            told = (description, notes) if user == mine else ("", ())
            self._source.selections.append(Selection(where, ends[0], ends[1], user, tuple(listed), *told))

    def _close(self, node: Element) -> None:
        """The end of a text: its characters, from the XML or from the file that it names."""
        source = self._source
        assert source is not None
        self._source = None
        path = (node.get("plainTextPath") or "").strip()
        if self._inline is not None and not path:
            source.data = self._inline
        elif path.lower().startswith(_INTERNAL):
            source.data = self._read(path)
        else:
            self.project.skipped["text outside the file" if path else "source without plain text"] += 1
            return
        self.project.sources.append(source)

    def _read(self, path: str) -> bytes:
        name = path[len(_INTERNAL) :].replace("\\", "/").lstrip("/")
        if name.lower().startswith("sources/"):
            name = name[len("sources/") :]
        if not name or "/" in name:
            raise QdaError(f"{self._where}: a text has a path outside the project, so it was not read.")
        return self._archive.read_text(name)

    def _case(self, node: Element) -> None:
        # A case may have the GUID of a code: a program that codes respondents as it codes topics does so.
        where = read_guid(node.get("guid"), self._where)
        sources = tuple(self._targets(node, "SourceRef", "source"))
        self.project.cases.append(Case(where, node.get("name") or "", (), sources))

    def _note(self, node: Element) -> None:
        where = self._new(node)
        inline = next((child.text or "" for child in node if local(child.tag) == "PlainTextContent"), None)
        path = (node.get("plainTextPath") or "").strip()
        text = inline or ""
        if inline is None and path.lower().startswith(_INTERNAL):
            text = decode(self._read(path), self._where).removeprefix(BOM)
        user = read_guid(node.get("creatingUser") or node.get("modifyingUser"), self._where, needed=False)
        self.project.notes[where] = Note(where, node.get("name") or "", text, user, inline is not None)

    def _targets(self, node: Element, tag: str, kind: str) -> list[str]:
        found = [read_guid(child.get("targetGUID"), self._where) for child in node if local(child.tag) == tag]
        self._refers[kind].update(found)
        return found

    def _number(self, value: str | None) -> int:
        try:
            return int(value or "")
        except ValueError as error:
            raise QdaError(
                f"{self._where}: the position of a selection is not a whole number. Export it again."
            ) from error

    def _new(self, node: Element, kind: str = "") -> str:
        where = read_guid(node.get("guid"), self._where)
        # The text of a PDF or recording may share the GUID of what it is the text of; two texts may not.
        key = f"{kind}{where}"
        if key in self._seen:
            raise QdaError(
                f"{self._where}: two things in it have one GUID ({where}), so that what refers to it is ambiguous. "
                "Export it again from the program that made it."
            )
        self._seen.add(key)
        return where

    def check(self) -> None:
        """Refuse two codes with one GUID, and whatever refers to something that is not there. Raises QdaError."""
        codes = [path[-1].guid for path in walk(self.project.codes)]
        if len(set(codes)) != len(codes) or not self._seen.isdisjoint(codes):
            raise QdaError(f"{self._where}: a code has a GUID that something else has too. Export it again.")
        known: dict[str, Iterable[str]] = {
            "code": {*codes, *(case.guid for case in self.project.cases)},
            "note": self.project.notes.keys(),
            "source": self._places,
            "user": {user.guid for user in self.project.users},
        }
        for kind, there in known.items():
            dangling = self._refers[kind] - set(there)
            if dangling:
                raise QdaError(
                    f"{self._where}: {len(dangling)} {kind}(s) are referred to and are not in it (the first: "
                    f"{min(dangling)}). Export it again from the program that made it."
                )


def decode(data: bytes, where: str) -> str:
    """The text of a file in UTF-8, or UTF-16 with a mark that says so; the mark itself stays. Raises QdaError."""
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return BOM + data.decode("utf-16")
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise QdaError(f"{where}: a text in it is not UTF-8, as REFI-QDA wants. Export it again.") from error
