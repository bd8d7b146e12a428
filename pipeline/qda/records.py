"""A REFI-QDA project as records, the same for what is written and for what is read.

GUIDs are in lower case and without braces. Positions are characters (code points) of the source's text, zero-based,
end exclusive; a text has line feeds only.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

PROJECT_NS = "urn:QDA-XML:project:1.0"
CODEBOOK_NS = "urn:QDA-XML:codebook:1.0"
_OURS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:codeboom:refi-qda")


def guid(kind: str, *parts: str) -> str:
    """The GUID of a thing: the same in every export, and different for every other thing."""
    return str(uuid.uuid5(_OURS, "\x1f".join((kind, *parts))))


@lru_cache(maxsize=4096)
def code_guid(code: str) -> str:
    """The GUID of a code by its id, by which an import knows it again whatever it is called by then."""
    return guid("code", code)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who codes: a person, or a version of a model."""

    guid: str
    name: str


@dataclass(frozen=True, slots=True)
class CodeNode:
    """A code or a folder of codes, with what is below it."""

    guid: str
    name: str
    codable: bool
    description: str = ""
    color: str = ""
    children: tuple["CodeNode", ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """An attribute of cases or sources; all are text."""

    guid: str
    name: str


@dataclass(frozen=True, slots=True)
class Selection:
    """Characters [start, end) of a source that one user coded or remarked upon. `user` is a GUID, "" when unknown;
    `codes` and `notes` are GUIDs, of codes (or cases) and of notes."""

    guid: str
    start: int
    end: int
    user: str
    codes: tuple[str, ...] = ()
    description: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextSource:
    """A text with what was selected in it. `values` pairs the GUID of a variable with its value; `whole` are the GUIDs
    of codes on the source as a whole."""

    guid: str
    name: str
    text: str
    selections: Sequence[Selection] = ()
    values: tuple[tuple[str, str], ...] = ()
    description: str = ""
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A respondent: attributes, and the sources in which they speak."""

    guid: str
    name: str
    values: tuple[tuple[str, str], ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A memo. An `inline` one is short and belongs to a selection; others are a file in the project."""

    guid: str
    name: str
    text: str
    user: str
    inline: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """A whole project. `skipped` counts, by kind, what a reader found and these records do not hold."""

    name: str
    origin: str
    users: tuple[User, ...]
    codes: tuple[CodeNode, ...]
    sources: tuple[TextSource, ...]
    variables: tuple[Variable, ...] = ()
    cases: tuple[Case, ...] = ()
    notes: tuple[Note, ...] = ()
    description: str = ""
    skipped: tuple[tuple[str, int], ...] = ()


NewLine = Literal["\n", "\r\n"]


def walk(nodes: Sequence[CodeNode], above: tuple[CodeNode, ...] = ()) -> Iterator[tuple[CodeNode, ...]]:
    """Every node with those above it, as a path from the root, in the order of the tree."""
    for node in nodes:
        path = (*above, node)
        yield path
        yield from walk(node.children, path)
