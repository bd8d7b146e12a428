"""A code's definition and criteria as the description of a code in another program, and the way back.

The format has no field for criteria, so they are lines of text that a researcher reads and may edit there:

    Definitie: Wat de respondent ...

    Niet coderen:
    - Het fragment noemt alleen ...
      code: Een andere code

A line within a text is indented by four. What is not understood on the way back becomes part of the definition.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.codebook import Code

_DEFINITION, _ROLE, _ORIGIN, _NAME, _VARIABLE, _DIMENSION, _ID = (
    "Definitie", "Rol", "Herkomst", "Naam", "Variabele", "Dimensie", "Id",
)  # fmt: skip
_INCLUDE, _EXCLUDE, _EXAMPLES, _NEAR = "Wel coderen", "Niet coderen", "Voorbeelden", "Lijkt erop, maar is het niet"
_HEADING = re.compile(f"({'|'.join((_INCLUDE, _EXCLUDE, _EXAMPLES, _NEAR))}):[ ]*")
_SINGLE = re.compile(f"({'|'.join((_DEFINITION, _ROLE, _ORIGIN, _NAME, _VARIABLE, _DIMENSION, _ID))}): ?(.*)", re.S)
_FIELD = re.compile(r"  (code|richting|vraag|waarom): ?(.*)", re.S)
_MARGIN = "    "

Item = dict[str, str]
"""One criterion or example: its `text`, and `code`, `richting`, `vraag`, `waarom` where given."""


@dataclass(slots=True)
class Description:
    """What a description says. `id` is a slug or a path of slugs; everything is "" or empty where it is not said."""

    definition: str = ""
    role: str = ""
    origin: str = ""
    name: str = ""
    variable: str = ""
    dimension: str = ""
    id: str = ""
    include: list[Item] = field(default_factory=list)
    exclude: list[Item] = field(default_factory=list)
    examples: list[Item] = field(default_factory=list)
    near_misses: list[Item] = field(default_factory=list)


def of_code(code: Code, name_of: Mapping[str, str]) -> Description:
    """What the codebook says of a code; `name_of` gives the name of each code by its id."""
    origin = ", ".join(part for part in (code.origin, code.added, code.added_by) if part)
    return Description(
        definition=code.definition,
        origin=origin if code.origin != "a priori" or code.added or code.added_by else "",
        id=code.id,
        include=[{"text": text} for text in code.include],
        exclude=[_item(e.criterion, code=e.code and name_of[e.code]) for e in code.exclude],
        examples=[_item(e.text, richting=e.direction, vraag=e.question) for e in code.examples],
        near_misses=[
            _item(m.text, vraag=m.question, code=m.code and name_of[m.code], waarom=m.why) for m in code.near_misses
        ],
    )


def _item(text: str, **more: str | None) -> Item:
    return {"text": text, **{name: value for name, value in more.items() if value}}


def compose(said: Description) -> str:
    """The description as text; `parse` reads it back to the same."""
    lines = [_line(f"{_DEFINITION}: ", said.definition)] if said.definition else []
    for heading, items in (
        (_INCLUDE, said.include),
        (_EXCLUDE, said.exclude),
        (_EXAMPLES, said.examples),
        (_NEAR, said.near_misses),
    ):
        if items:
            lines += ["", f"{heading}:", *_listed(items)]
    singles = [
        _line(f"{label}: ", value)
        for label, value in (
            (_ROLE, said.role),
            (_ORIGIN, said.origin),
            (_NAME, said.name),
            (_VARIABLE, said.variable),
            (_DIMENSION, said.dimension),
            (_ID, said.id),
        )
        if value
    ]
    return "\n".join([*lines, *([""] if lines and singles else []), *singles])


def _listed(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        yield _line("- ", item["text"])
        yield from (_line(f"  {name}: ", value) for name, value in item.items() if name != "text")


def _line(label: str, text: str) -> str:
    return label + text.replace("\n", f"\n{_MARGIN}")


def parse(text: str) -> Description:
    """Read a description, of ours or of anybody: free text is the definition."""
    said = Description()
    lists = {_INCLUDE: said.include, _EXCLUDE: said.exclude, _EXAMPLES: said.examples, _NEAR: said.near_misses}
    free: list[str] = []
    current: list[Item] | None = None
    for line in _joined(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        if heading := _HEADING.fullmatch(line):
            current = lists[heading[1]]
        elif single := _SINGLE.fullmatch(line):
            current = None
            _put(said, single[1], single[2], free)
        elif current is not None and line.startswith("- "):
            current.append({"text": line[2:]})
        elif current and (part := _FIELD.fullmatch(line)):
            current[-1][part[1]] = part[2]
        elif line.strip():
            free.append(line)
    said.definition = "\n".join(part for part in (said.definition, *free) if part).strip()
    return said


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """The lines with those that are indented put back to the one they belong to."""
    whole: list[str] = []
    for line in lines:
        if whole and line.startswith(_MARGIN):
            whole.append(line[len(_MARGIN) :])
            continue
        if whole:
            yield "\n".join(whole)
        whole = [line]
    yield "\n".join(whole)


def _put(said: Description, label: str, value: str, free: list[str]) -> None:
    attribute = {
        _DEFINITION: "definition", _ROLE: "role", _ORIGIN: "origin", _NAME: "name",
        _VARIABLE: "variable", _DIMENSION: "dimension", _ID: "id",
    }[label]  # fmt: skip
    if getattr(said, attribute):
        free.append(f"{label}: {value}")  # said twice: the second is the researcher's own remark
    else:
        setattr(said, attribute, value)
