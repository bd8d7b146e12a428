"""A codebook as a tree of codes in another program: names that are unique, a colour a variable, or all codes flat."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.codebook import OPEN_CODES, Code, Codebook, load_yaml
from pipeline.errors import CodebookError
from pipeline.qda.criteria import Description, compose, of_code
from pipeline.qda.records import CodeNode, code_guid, guid

COLORS = ("#1F77B4", "#2CA02C", "#D9822B", "#8E5BB5", "#17A2A8", "#C0392B", "#7F6A3F", "#5D6D7E")
"""One a variable, apart from each other also for the colour-blind as far as eight can be."""


@dataclass(frozen=True, slots=True)
class Definitions:
    """What the codebook's files say of variables and dimensions, by slug and by pair of slugs."""

    variables: Mapping[str, tuple[str, str]]
    dimensions: Mapping[tuple[str, str], str]


def read_definitions(folder: Path) -> Definitions:
    """The role and definition of each variable and the definition of each dimension, of a codebook that was read
    without errors before. Raises CodebookError when a file has changed since."""
    variables: dict[str, tuple[str, str]] = {}
    dimensions: dict[tuple[str, str], str] = {}
    for path in sorted(path for path in folder.glob("*.yaml") if path.name != OPEN_CODES):
        try:
            content: Any = load_yaml(path)
            variables[content["id"]] = (content["role"], content["definition"].strip())
            dimensions |= {(content["id"], d["id"]): d["definition"].strip() for d in content["dimensions"]}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CodebookError(f"{path}: not a codebook file. See what `codeboom codebook check` says.") from error
    return Definitions(variables, dimensions)


def tree(codebook: Codebook, definitions: Definitions, flat: bool = False) -> tuple[CodeNode, ...]:
    """The codebook as nodes: folders for variables and dimensions that cannot be coded with, below them the codes.

    No two nodes have the same name, capitals aside: a program that knows one name once would drop the second; the path
    is put before it. With `flat`, codes only, each with its whole path as name.
    """
    names = {code.id: code.name for code in codebook.codes}
    by_path: dict[str, dict[str, list[Code]]] = {}
    for code in codebook.codes:
        variable, dimension, _ = code.id.split("/")
        by_path.setdefault(variable, {}).setdefault(dimension, []).append(code)
    if flat:
        taken: set[str] = set()
        return tuple(
            _leaf(
                code,
                names,
                _unique((code.variable, code.dimension, code.name), 3, taken),
                COLORS[n % len(COLORS)],
                True,
            )
            for n, dimensions in enumerate(by_path.values())
            for codes in dimensions.values()
            for code in codes
        )
    taken = set()
    chosen = dict(_choose_names(by_path, taken))
    return tuple(
        _variable(slug, dimensions, definitions, names, chosen, COLORS[n % len(COLORS)])
        for n, (slug, dimensions) in enumerate(by_path.items())
    )


def _choose_names(by_path: Mapping[str, Mapping[str, Sequence[Code]]], taken: set[str]) -> Iterator[tuple[str, str]]:
    """The name of each node by its path of slugs. Codes choose first: theirs is the name that researchers know."""
    for dimensions in by_path.values():
        for codes in dimensions.values():
            yield from ((code.id, _unique((code.variable, code.dimension, code.name), 1, taken)) for code in codes)
    for slug, dimensions in by_path.items():
        first = next(iter(dimensions.values()))[0]
        yield slug, _unique((first.variable,), 1, taken)
        for below, codes in dimensions.items():
            yield f"{slug}/{below}", _unique((first.variable, codes[0].dimension), 1, taken)


def _unique(path: Sequence[str], parts: int, taken: set[str]) -> str:
    """The end of the path, `parts` long or as much longer as makes it a new name; a number where nothing else does."""
    for length in range(parts, len(path) + 1):
        name = ": ".join(path[-length:])
        if name.casefold() not in taken:
            taken.add(name.casefold())
            return name
    whole = ": ".join(path)
    number = next(n for n in range(2, len(taken) + 3) if f"{whole} ({n})".casefold() not in taken)
    taken.add(f"{whole} ({number})".casefold())
    return f"{whole} ({number})"


def _variable(
    slug: str,
    dimensions: Mapping[str, Sequence[Code]],
    definitions: Definitions,
    names: Mapping[str, str],
    chosen: Mapping[str, str],
    color: str,
) -> CodeNode:
    first = next(iter(dimensions.values()))[0]
    role, definition = definitions.variables.get(slug, ("", ""))
    said = Description(definition=definition, role=role, id=slug, name=_changed(first.variable, chosen[slug]))
    return CodeNode(
        guid("folder", slug),
        chosen[slug],
        False,
        compose(said),
        color,
        tuple(
            CodeNode(
                guid("folder", slug, below),
                chosen[f"{slug}/{below}"],
                False,
                compose(
                    Description(
                        definition=definitions.dimensions.get((slug, below), ""),
                        name=_changed(codes[0].dimension, chosen[f"{slug}/{below}"]),
                        id=below,
                    )
                ),
                color,
                tuple(_leaf(code, names, chosen[code.id], color, False) for code in codes),
            )
            for below, codes in dimensions.items()
        ),
    )


def _leaf(code: Code, names: Mapping[str, str], name: str, color: str, flat: bool) -> CodeNode:
    said = of_code(code, names)
    said.name = _changed(code.name, name)
    if flat:
        said.variable, said.dimension = code.variable, code.dimension
    return CodeNode(code_guid(code.id), name, True, compose(said), color)


def _changed(name: str, chosen: str) -> str:
    return name if name != chosen else ""
