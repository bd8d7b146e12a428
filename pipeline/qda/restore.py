"""A codebook of another program as the files of ours: our criteria are read back, a foreign tree gets empty ones."""

import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipeline.codebook import Codebook, read_codebook
from pipeline.errors import CodebookError, OutputError
from pipeline.files import write_atomic
from pipeline.qda.criteria import Description, Item, parse
from pipeline.qda.records import CodeNode, walk

FILL_IN = "invullen.txt"
_ROLES = ("afhankelijk", "onafhankelijk", "moderator", "mediator", "context")
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_NO_VARIABLE, _NO_DIMENSION = "Codes", "Algemeen"


@dataclass(slots=True)
class Restored:
    """The content of the files, one a variable, and what a researcher has to fill in or should know."""

    variables: list[dict[str, Any]] = field(default_factory=list)
    to_fill_in: list[str] = field(default_factory=list)
    codes: int = 0


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A code to be placed: its own description, and the (name, slug, description) of variable and dimension."""

    name: str
    said: Description
    variable: tuple[str, str, Description]
    dimension: tuple[str, str, Description]


def restore(nodes: Sequence[CodeNode]) -> Restored:
    """The tree as variables, dimensions and codes.

    The first two levels are variable and dimension, and everything deeper that can be coded with is a code of it; what
    lies less deep gets a variable or dimension of its own.
    """
    leaves = list(_leaves(nodes))
    ids = _code_names(leaves)
    result = Restored(codes=len(leaves))
    for leaf in leaves:
        variable = _find(result.variables, leaf.variable, result.to_fill_in, role=True)
        dimension = _find(variable.setdefault("dimensions", []), leaf.dimension, result.to_fill_in, role=False)
        listed = dimension.setdefault("codes", [])
        path = f"{variable['id']}/{dimension['id']}"
        own = re.fullmatch(rf"(?:{_SLUG}/{_SLUG}/)?({_SLUG})", leaf.said.id)
        slug = _free(own[1] if own else slugify(leaf.name), {code["id"] for code in listed})
        listed.append(_code(f"{path}/{slug}", slug, leaf, ids, result.to_fill_in))
    _resolve(result)
    return result


def write_restored(folder: Path, restored: Restored) -> Codebook | None:
    """Write one YAML file a variable, in the order of the tree, and the list of what to fill in. Returns the codebook,
    or None when it has to be filled in first. Raises OutputError when the folder has files already."""
    if folder.is_dir() and any(folder.iterdir()):
        raise OutputError(f"{folder}: is not empty. Give a new folder, so that no codebook is overwritten.")
    files = {
        f"{n:02}-{variable['id']}.yaml": yaml.safe_dump(
            variable, allow_unicode=True, sort_keys=False, width=110
        ).encode()
        for n, variable in enumerate(restored.variables, 1)
    }
    with tempfile.TemporaryDirectory(prefix="codeboom-") as trial:
        for name, data in files.items():
            (Path(trial) / name).write_bytes(data)
        try:
            codebook = read_codebook(Path(trial))
        except CodebookError:
            codebook = None
    for name, data in files.items():
        write_atomic(folder / name, data)
    if restored.to_fill_in:
        write_atomic(folder / FILL_IN, "".join(f"{line}\n" for line in restored.to_fill_in).encode())
    return codebook


def slugify(name: str) -> str:
    """A name as a slug: "Eén doel (samen)" is "een-doel-samen"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:80].strip("-") or "code"


def _leaves(nodes: Sequence[CodeNode]) -> Iterator[_Leaf]:
    descriptions = {id(path[-1]): parse(path[-1].description) for path in walk(nodes)}
    for path in walk(nodes):
        node = path[-1]
        if not node.codable and node.children:
            continue
        said = descriptions[id(node)]
        ids = said.id.split("/") if re.fullmatch(rf"{_SLUG}/{_SLUG}/{_SLUG}", said.id) else ["", "", ""]
        above = [_folder(folder, descriptions[id(folder)], ids[n]) for n, folder in enumerate(path[:-1][:2])]
        if not above and said.variable and said.dimension:  # our own, exported flat
            above = [
                (said.variable, ids[0] or slugify(said.variable), Description()),
                (said.dimension, ids[1] or slugify(said.dimension), Description()),
            ]
        if not above:
            above = [(_NO_VARIABLE, slugify(_NO_VARIABLE), Description())]
        if len(above) < 2:
            above.append((_NO_DIMENSION, slugify(_NO_DIMENSION), Description()))
        yield _Leaf(_own_name(node, said), said, above[0], above[1])


def _folder(node: CodeNode, said: Description, slug: str) -> tuple[str, str, Description]:
    own = said.id if re.fullmatch(_SLUG, said.id) else ""
    return _own_name(node, said), own or slug or slugify(node.name), said if not node.codable else Description()


def _own_name(node: CodeNode, said: Description) -> str:
    """The name without the path that an export put before it, unless it was renamed since."""
    return said.name if said.name and said.name in node.name else node.name


def _code_names(leaves: Sequence[_Leaf]) -> dict[int, str]:
    """A name for each leaf that no other code has: with its dimension before it, or a number, on a clash."""
    counts = Counter(leaf.name.casefold() for leaf in leaves)
    taken: set[str] = set()
    names: dict[int, str] = {}
    for leaf in leaves:
        name = leaf.name if counts[leaf.name.casefold()] == 1 else f"{leaf.dimension[0]}: {leaf.name}"
        number = 2
        while name.casefold() in taken:
            name = f"{leaf.dimension[0]}: {leaf.name} ({number})"
            number += 1
        taken.add(name.casefold())
        names[id(leaf)] = name
    return names


def _find(
    listed: list[dict[str, Any]], folder: tuple[str, str, Description], to_fill_in: list[str], role: bool
) -> dict[str, Any]:
    name, slug, said = folder
    for known in listed:
        if known["id"] == slug:
            return known
    made: dict[str, Any] = {"id": slug, "name": name}
    what = "variabele" if role else "dimensie"
    if role:
        made["role"] = said.role if said.role in _ROLES else "context"
        if said.role not in _ROLES:
            to_fill_in.append(f"{what} {name}: de rol in het model (nu: context)")
    made["definition"] = said.definition
    if not said.definition:
        to_fill_in.append(f"{what} {name}: de definitie")
    listed.append(made)
    return made


def _code(path: str, slug: str, leaf: _Leaf, names: dict[int, str], to_fill_in: list[str]) -> dict[str, Any]:
    said = leaf.said
    name = names[id(leaf)]
    missing = [what for what, value in (("de definitie", said.definition), ("wanneer wel", said.include),
                                        ("wanneer niet", said.exclude)) if not value]  # fmt: skip
    if missing:
        to_fill_in.append(f"code {name} ({path}): {', '.join(missing)}")
    made: dict[str, Any] = {
        "id": slug,
        "name": name,
        "definition": said.definition,
        "include": [item["text"] for item in said.include],
        "exclude": [{"criterion": item["text"], "code": item.get("code")} for item in said.exclude],
        "examples": [_example(item) | {"direction": item.get("richting", "±")} for item in said.examples],
        "near_misses": [
            _example(item) | {"code": item.get("code"), "why": item.get("waarom", "")} for item in said.near_misses
        ],
    }
    origin, *rest = said.origin.split(", ", 1) if said.origin else ["a priori"]
    made["origin"] = origin if origin in ("a priori", "open") else "a priori"
    if rest:
        dated = re.fullmatch(r"(\d{4}-\d{2}-\d{2})?(?:, )?(.*)", rest[0], re.S)
        assert dated is not None
        made |= {key: value for key, value in (("added", dated[1]), ("added_by", dated[2])) if value}
    return made


def _example(item: Item) -> dict[str, Any]:
    return {"text": item["text"]} | ({"question": item["vraag"]} if "vraag" in item else {})


def _resolve(result: Restored) -> None:
    """Criteria refer to codes by name; the files do so by id."""
    ids = {
        code["name"].casefold(): f"{variable['id']}/{dimension['id']}/{code['id']}"
        for variable in result.variables
        for dimension in variable["dimensions"]
        for code in dimension["codes"]
    }
    for variable in result.variables:
        for dimension in variable["dimensions"]:
            for code in dimension["codes"]:
                for item in (*code["exclude"], *code["near_misses"]):
                    name = item["code"]
                    item["code"] = ids.get(name.casefold()) if name else None
                    if name and not item["code"]:
                        result.to_fill_in.append(f"code {code['name']}: verwijst naar een code die er niet is ({name})")


def _free(slug: str, taken: set[str]) -> str:
    if slug not in taken:
        return slug
    return next(f"{slug}-{n}" for n in range(2, len(taken) + 3) if f"{slug}-{n}" not in taken)
