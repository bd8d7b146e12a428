"""Which of our codes a code of another program is: by its GUID, by the id in its description, or by its name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook
from pipeline.qda.criteria import parse
from pipeline.qda.records import CodeNode, code_guid, walk


@dataclass(frozen=True, slots=True)
class Known:
    """A code of a project: its path of names there, and its id in our codebook, None for a new code."""

    path: str
    id: str | None


def resolve(nodes: Sequence[CodeNode], codebook: Codebook) -> dict[str, Known]:
    """Every code of the project by its GUID."""
    by_guid = {code_guid(code.id): code.id for code in codebook.codes}
    by_name = {name.casefold(): code_id for name, code_id in _names(codebook)}
    ids = set(codebook.ids)
    found: dict[str, Known] = {}
    for path in walk(nodes):
        node = path[-1]
        said = parse(node.description).id
        name = " ".join(node.name.split()).casefold()
        known = (
            by_guid.get(node.guid) or (said if said in ids else None) or (by_name.get(name) if node.codable else None)
        )
        found[node.guid] = Known(" > ".join(part.name for part in path), known)
    return found


def _names(codebook: Codebook) -> Iterator[tuple[str, str]]:
    """Every name that an export gives a code; its own name last, so that it wins."""
    for code in codebook.codes:
        yield f"{code.variable}: {code.dimension}: {code.name}", code.id
        yield f"{code.dimension}: {code.name}", code.id
    for code in codebook.codes:
        yield code.name, code.id
