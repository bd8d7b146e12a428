"""REFI-QDA codebooks: a `.qdc` file is written, and read as a tree of codes."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from pipeline import __version__
from pipeline.errors import QdaError
from pipeline.files import write_atomic
from pipeline.qda.records import CODEBOOK_NS, CodeNode, walk
from pipeline.qda.xmltext import element, local, parse_whole, text_element, to_bytes

_LARGEST = 20 << 20


def code_element(node: CodeNode) -> Element:
    """A code with what is below it, as both schemas want it."""
    return element(
        "Code",
        {
            "guid": node.guid,
            "name": " ".join(node.name.split()) or "?",
            "isCodable": "true" if node.codable else "false",
            "color": node.color,
        },
        text_element("Description", node.description),
        *map(code_element, node.children),
    )


def write_qdc(path: Path, nodes: Sequence[CodeNode]) -> None:
    """Write a codebook. Raises OutputError."""
    root = element(
        "CodeBook",
        {"xmlns": CODEBOOK_NS, "origin": f"Codeboom {__version__}"},
        element("Codes", {}, *map(code_element, nodes)),
    )
    write_atomic(path, b'<?xml version="1.0" encoding="utf-8"?>\n' + to_bytes(root) + b"\n")


def read_qdc(path: Path) -> tuple[CodeNode, ...]:
    """The codes of a codebook. Raises QdaError when it cannot be read, or two codes have one GUID."""
    try:
        if path.stat().st_size > _LARGEST:
            raise QdaError(f"{path}: is larger than any codebook ({_LARGEST >> 20} MB at most), so it was not read.")
        data = path.read_bytes()
    except OSError as error:
        raise QdaError(f"{path}: cannot be read ({error.strerror}). Check that the file exists.") from error
    root = parse_whole(data, str(path))
    codes = next((child for child in root if local(child.tag) == "Codes"), None)
    if local(root.tag) != "CodeBook" or codes is None:
        raise QdaError(
            f"{path}: is not a REFI-QDA codebook. In the other program, choose the export of the codebook as .qdc; a "
            "whole project (.qdpx) goes to `codeboom import`."
        )
    nodes = tuple(code_node(child, str(path)) for child in codes if local(child.tag) == "Code")
    check_unique([path[-1].guid for path in walk(nodes)], "codes", str(path))
    if not nodes:
        raise QdaError(f"{path}: holds no codes.")
    return nodes


def code_node(node: Element, where: str) -> CodeNode:
    """A code as it was read, with what is below it. Raises QdaError for one without GUID or name."""
    name = " ".join((node.get("name") or "").split())
    if not name:
        raise QdaError(f"{where}: a code has no name. Give it one in the program that it comes from, and export again.")
    description = next((child.text or "" for child in node if local(child.tag) == "Description"), "")
    return CodeNode(
        read_guid(node.get("guid"), where),
        name,
        (node.get("isCodable") or "true").strip() in ("true", "1"),
        description,
        node.get("color") or "",
        tuple(code_node(child, where) for child in node if local(child.tag) == "Code"),
    )


def read_guid(value: str | None, where: str, needed: bool = True) -> str:
    """A GUID in lower case without braces; "" for none where it is not `needed`. Raises QdaError."""
    found = (value or "").strip().strip("{}").lower()
    if needed and not found:
        raise QdaError(f"{where}: something has no GUID, so that nothing can refer to it. Export it again.")
    return found


def check_unique(guids: Sequence[str], what: str, where: str) -> None:
    """Refuse two things with one GUID. Raises QdaError."""
    if len(set(guids)) != len(guids):
        twice = len(guids) - len(set(guids))
        raise QdaError(
            f"{where}: {twice} of the {what} have a GUID that another one has, so that what refers to it is ambiguous. "
            "Export it again from the program that made it."
        )
