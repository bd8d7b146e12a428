"""The codebook: a tree of variable > dimension > code, each code with its criteria and examples.

One YAML file a variable. A code's id is its path in slugs, `variable/dimension/code`. Open codes that were added while
validating stand in a file of their own, `open-codes.yaml`, beside the decisions or in the codebook's folder. Reading is
strict: unknown keys, missing criteria, names that occur twice and references to codes that do not exist are refused,
all at once.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from pipeline.errors import CodebookError

OPEN_CODES = "open-codes.yaml"
UNPLACED = "open/nog-in-te-delen"
"""Where an open code stands that has no place in the tree yet."""
_UNPLACED_NAMES = ("Open codes", "Nog in te delen")

Direction = Literal["+", "-", "±"]
Read = TypeVar("Read")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
CodeId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+$")]


def _one_line(text: str) -> str:
    """A name stands in drop-downs and headings, where a line break would cut it."""
    if "\n" in text:
        raise ValueError("must be one line")
    return text


Name = Annotated[Text, AfterValidator(_one_line)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Exclusion(_Record):
    """What this code does not cover, and the code that takes it instead (None: no code does)."""

    criterion: Text
    code: CodeId | None


class Example(_Record):
    """A passage that carries the code, the question asked before it if that matters, and the direction."""

    text: Text
    question: Text | None = None
    direction: Direction


class NearMiss(_Record):
    """A passage that looks like the code but is another one (None: no code), and why."""

    text: Text
    question: Text | None = None
    code: CodeId | None
    why: Text


class _CodeFile(_Record):
    id: Slug
    name: Name
    definition: Text
    include: Annotated[list[Text], Field(min_length=1)]
    exclude: Annotated[list[Exclusion], Field(min_length=1)]
    examples: list[Example] = []
    near_misses: list[NearMiss] = []
    origin: Literal["a priori", "open"] = "a priori"
    added: str | None = None
    added_by: Name | None = None

    @model_validator(mode="after")
    def _open_codes_say_when_and_who(self) -> Self:
        if self.origin == "open" and (self.added is None or self.added_by is None):
            raise ValueError('an open code says when it was added (added: "YYYY-MM-DD") and by whom (added_by)')
        if self.added is not None and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", self.added):
            raise ValueError('added is a date in quotes, "YYYY-MM-DD"')
        return self


class _DimensionFile(_Record):
    id: Slug
    name: Name
    definition: Text
    codes: Annotated[list[_CodeFile], Field(min_length=1)]


class _VariableFile(_Record):
    id: Slug
    name: Name
    role: Literal["afhankelijk", "onafhankelijk", "moderator", "mediator", "context"]
    definition: Text
    dimensions: Annotated[list[_DimensionFile], Field(min_length=1)]


class _OpenCode(_CodeFile):
    variable: Slug
    dimension: Slug
    origin: Literal["open"] = "open"


_OPEN_CODES = TypeAdapter(list[_OpenCode])


@dataclass(frozen=True)
class Code:
    """One code. `id` is its path; `variable` and `dimension` are the readable names above it."""

    id: str
    name: str
    variable: str
    dimension: str
    definition: str
    include: tuple[str, ...]
    exclude: tuple[Exclusion, ...]
    examples: tuple[Example, ...]
    near_misses: tuple[NearMiss, ...]
    origin: str
    added: str | None
    added_by: str | None


@dataclass(frozen=True)
class Codebook:
    """All codes in the order of the tree. `sha256` changes with any change of content."""

    codes: tuple[Code, ...]
    sha256: str

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all codes, in the order of the tree."""
        return tuple(code.id for code in self.codes)


# The same loader in C where there is one: reading the codebook then takes a fifth of the time.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_SafeLoader):  # type: ignore[misc]
    """YAML without the silent last-one-wins for a key that occurs twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key, count in Counter(keys).items():
            if count > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key}' occurs {count} times", node.start_mark
                )
        return dict(super().construct_mapping(node, deep))


def load_yaml(path: Path) -> Any:
    """The content of a YAML file. Raises ValueError with file, row and reason when it is not well formed."""
    return _parsed(path.name, _text_of(path))


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name}: not valid YAML in UTF-8") from error
    except OSError as error:
        raise ValueError(f"{path.name}: cannot be read ({error.strerror})") from error


def _parsed(name: str, text: str) -> Any:
    try:
        return yaml.load(text, _StrictLoader)
    except yaml.MarkedYAMLError as error:
        row = f", row {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ValueError(f"{name}{row}: not valid YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"{name}: not valid YAML in UTF-8") from error


@lru_cache(maxsize=64)
def _variable_file(name: str, text: str) -> "_VariableFile":
    """A variable's file, parsed once for each text: the review page reads the codebook again with every open code. What
    it gives is frozen."""
    return _VariableFile.model_validate(_parsed(name, text))


def describe(error: ValidationError) -> Iterator[str]:
    """One line for each thing that pydantic found wrong: where it is, and what was expected."""
    for problem in error.errors():
        where = " > ".join(str(part + 1) if isinstance(part, int) else part for part in problem["loc"])
        yield f"{where}: {problem['msg']}" if where else problem["msg"]


def read_codebook(folder: Path, out: Path | None = None) -> Codebook:
    """Read every `*.yaml` of `folder` as one codebook, with the open codes that stand beside the decisions in `out`.

    Raises CodebookError, which lists everything that is wrong, each with its file and place.
    """
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.name != OPEN_CODES] if folder.is_dir() else []
    if not paths:
        raise CodebookError(f"{folder}: no codebook here. Put one YAML file a variable in this folder.")
    problems: list[str] = []
    variables = [
        (path.name, read)
        for path in paths
        if (read := _read(path, lambda path: _variable_file(path.name, _text_of(path)), problems))
    ]
    opened: list[_OpenCode] = []
    for path in [place / OPEN_CODES for place in (folder, out) if place and (place / OPEN_CODES).is_file()]:
        added = _read(path, lambda path: _OPEN_CODES.validate_python(load_yaml(path) or []), problems) or []
        opened += [code for code in added if code not in opened]  # copied to the codebook, and still beside the store
    codes = [
        _code(code, f"{variable.id}/{dimension.id}", variable.name, dimension.name)
        for _, variable in variables
        for dimension in variable.dimensions
        for code in dimension.codes
    ]
    complete = not problems  # else a reference to a code in a file that could not be read repeats the first problem
    if complete:
        problems += _place(opened, codes)
    problems += _tree_problems(variables, codes, complete)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise CodebookError(f"{folder}: {len(problems)} thing(s) to mend in the codebook, then run again:\n{listed}")
    digest = hashlib.sha256(repr(codes).encode()).hexdigest()
    return Codebook(tuple(codes), digest)


def _read(path: Path, read: Callable[[Path], Read], problems: list[str]) -> Read | None:
    try:
        return read(path)
    except ValidationError as error:
        problems += [f"{path.name}: {line}" for line in describe(error)]
    except ValueError as error:
        problems.append(str(error))
    return None


def _code(code: _CodeFile, place: str, variable: str, dimension: str) -> Code:
    return Code(
        id=f"{place}/{code.id}",
        name=code.name,
        variable=variable,
        dimension=dimension,
        definition=code.definition,
        include=tuple(code.include),
        exclude=tuple(code.exclude),
        examples=tuple(code.examples),
        near_misses=tuple(code.near_misses),
        origin=code.origin,
        added=code.added,
        added_by=code.added_by,
    )


def _place(opened: list[_OpenCode], codes: list[Code]) -> Iterator[str]:
    """Put each open code after the others of its dimension, and those without a place at the end."""
    for code in opened:
        place = f"{code.variable}/{code.dimension}"
        there = [row for row, known in enumerate(codes) if known.id.startswith(f"{place}/")]
        if there:
            last = codes[there[-1]]
            codes.insert(there[-1] + 1, _code(code, place, last.variable, last.dimension))
        elif place == UNPLACED:
            codes.append(_code(code, place, *_UNPLACED_NAMES))
        else:
            yield f"{OPEN_CODES}: {code.id}: there is no dimension '{place}' in the codebook; or use '{UNPLACED}'"


def _tree_problems(variables: list[tuple[str, _VariableFile]], codes: list[Code], complete: bool) -> Iterator[str]:
    first_file: dict[str, str] = {}
    for file, variable in variables:
        if variable.id in first_file:
            yield f"{file}: the variable '{variable.id}' is already in {first_file[variable.id]}"
        first_file.setdefault(variable.id, file)
        slugs = Counter(dimension.id for dimension in variable.dimensions)
        yield from (f"{file}: the dimension '{slug}' occurs {n} times" for slug, n in slugs.items() if n > 1)
    for what, counts in (
        ("code id", Counter(code.id for code in codes)),
        # Unique in the whole tree: a drop-down and other programs show the name alone.
        ("code name", Counter(code.name.casefold() for code in codes)),
    ):
        yield from (f"the {what} '{key}' occurs {n} times" for key, n in counts.items() if n > 1)
    known = {code.id for code in codes}
    for code in codes if complete else ():
        for target in [*(e.code for e in code.exclude), *(m.code for m in code.near_misses)]:
            if target is not None and target not in known:
                yield f"{code.id}: refers to '{target}', which is no code of this codebook"
            if target == code.id:
                yield f"{code.id}: excludes something in favour of itself"
