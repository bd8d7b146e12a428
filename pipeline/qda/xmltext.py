"""XML, written and read with care: text that XML cannot hold, one way to write elements, and no DTD or entities."""

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import IO, Any

from pipeline.errors import QdaError

DEEPEST = 100  # elements within elements; a real project has about ten

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def xml_text(text: str) -> str:
    """`text` without the characters that no XML can hold."""
    return _NOT_IN_XML.sub("", text)


def element(tag: str, attributes: dict[str, str], *children: ET.Element | None) -> ET.Element:
    """An element with those attributes that are not empty, and those children that are there."""
    made = ET.Element(tag, {name: xml_text(value) for name, value in attributes.items() if value})
    made.extend(child for child in children if child is not None)
    return made


def text_element(tag: str, text: str) -> ET.Element | None:
    """An element that holds text; None when there is none."""
    if not text:
        return None
    made = ET.Element(tag)
    made.text = xml_text(text)
    return made


def to_bytes(node: ET.Element) -> bytes:
    """The element in UTF-8, to be put within a root that declares the namespace."""
    data: bytes = ET.tostring(node, encoding="utf-8", xml_declaration=False)
    return data


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


def ended(stream: IO[bytes], where: str) -> Iterator[tuple[str, ET.Element, list[str]]]:
    """("start" | "end", element, names of the elements that it is in) for every element, in order.

    `where` names the file for the message. Raises QdaError when it is not XML, or declares a DTD or entities.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    path: list[str] = []
    try:
        events: Any = iterparse(stream, events=("start", "end"), forbid_dtd=True)
        for event, node in events:
            if event == "end":
                path.pop()
            yield event, node, path
            if event == "start":
                path.append(local(node.tag))
                if len(path) > DEEPEST:
                    raise QdaError(f"{where}: elements are nested more than {DEEPEST} deep, which no program writes.")
    except DefusedXmlException as error:
        raise QdaError(
            f"{where}: declares a document type or entities, which can read other files or exhaust the computer, so "
            "it was not read. A real export has none: export it again from the program itself."
        ) from error
    except (ET.ParseError, UnicodeError, LookupError) as error:
        row = f", row {error.position[0]}" if isinstance(error, ET.ParseError) else ""
        raise QdaError(
            f"{where}{row}: is not well-formed XML. Export it again from the program that made it; if it stays so, "
            "look for an unusual character in a memo near that row."
        ) from error


def parse_whole(data: bytes, where: str) -> ET.Element:
    """The root of a small document. Raises QdaError like `ended`."""
    root: ET.Element | None = None
    for event, node, path in ended(io.BytesIO(data), where):
        if event == "start" and not path:
            root = node
    if root is None:
        raise QdaError(f"{where}: is empty.")
    return root
