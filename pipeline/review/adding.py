"""An open code that is made on the page: what was typed, checked, and added to the codebook."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.codebook import UNPLACED
from pipeline.decisions import Store
from pipeline.decisions.open_codes import add_open_code
from pipeline.errors import CodebookError
from pipeline.review.wishes import ReviewError


def add_code(store: Store, out: Path, codebook: Path, asked: Mapping[str, Any], added_by: str) -> str:
    """Add the code that the page asks for, with `name`, `definition`, `include` and `exclude` (lists of criteria) and
    `place` ("variable/dimension", or empty); returns its id. Raises ReviewError when it cannot be, and says why."""
    name, definition, place = (_text(asked.get(key)) for key in ("name", "definition", "place"))
    include, exclude = _lines(asked.get("include")), _lines(asked.get("exclude"))
    if not (name and definition and include and exclude):
        raise ReviewError("Vul een naam, de betekenis, en minstens één criterium voor wel en voor niet in.")
    try:
        code = add_open_code(
            store,
            out,
            codebook,
            name=name,
            definition=definition,
            include=include,
            exclude=[(criterion, None) for criterion in exclude],
            added_by=added_by,
            place=place or UNPLACED,
        )
    except CodebookError as error:
        if "code name" in str(error):
            raise ReviewError("Er is al een code met deze naam. Kies die, of geef deze een andere naam.") from error
        raise
    return code.id


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _lines(value: object) -> list[str]:
    return [line for item in value if (line := _text(item))] if isinstance(value, list) else []
