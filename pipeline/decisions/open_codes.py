"""Adding an open code while validating: to `open-codes.yaml` beside the store, which every reader of the codebook sees.

It stands there, and not in the codebook's folder, because that folder may be the one that ships with Codeboom: nothing
has to be copied or set before the first open code. Who makes a codebook of her own can move the file there.
"""

import datetime
import re
import tempfile
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

import yaml

from pipeline.codebook import OPEN_CODES, UNPLACED, Code, read_codebook
from pipeline.decisions.store import Store
from pipeline.errors import CodebookError
from pipeline.files import write_atomic

_HEAD = """\
# Open codes, added while validating. Codeboom adds to the end of this file; you may correct what is here.
# To make them part of a codebook of your own, move this file to that codebook's folder.
"""


def add_open_code(
    store: Store,
    out: Path,
    codebook: Path,
    *,
    name: str,
    definition: str,
    include: Sequence[str],
    exclude: Sequence[tuple[str, str | None]],
    added_by: str,
    place: str = UNPLACED,
    added: datetime.date | None = None,
) -> Code:
    """Add an open code to the codebook in folder `codebook`, for the study with its results in `out`.

    `include` and `exclude` are its criteria, at least one each; an exclusion names the code that takes it instead, or
    None. `place` is "variable/dimension"; by default it has no place in the tree yet. `added` is today by default.
    Returns the code as the codebook has it now. Raises CodebookError, which lists what is wrong; then nothing changed.
    """
    try:
        "".join([name, definition, *include, *(criterion for criterion, _ in exclude), added_by, place]).encode()
    except UnicodeEncodeError:
        raise CodebookError("A text of the new code holds half a character. Type it again.") from None
    variable, _, dimension = place.partition("/")
    with store.transaction():  # two at once wait for each other
        path = out / OPEN_CODES
        before = read_codebook(codebook, out)
        slug = _slug(name, {code.id for code in before.codes}, place)
        entry = {
            "variable": variable,
            "dimension": dimension,
            "id": slug,
            "name": name,
            "definition": definition,
            "include": list(include),
            "exclude": [{"criterion": criterion, "code": code} for criterion, code in exclude],
            "origin": "open",
            "added": (added or datetime.date.today()).isoformat(),
            "added_by": added_by,
        }
        entry_text = yaml.safe_dump([entry], allow_unicode=True, sort_keys=False, width=120)
        # Her own words and remarks in the file stay as they are: the new code is put after them.
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else _HEAD
        data = f"{text.rstrip()}\n\n{entry_text}".encode()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / OPEN_CODES).write_bytes(data)
            after = read_codebook(codebook, Path(folder))
        write_atomic(path, data)
    return next(code for code in after.codes if code.id == f"{place}/{slug}")


def _slug(name: str, taken: Collection[str], place: str) -> str:
    """A code's name as an id: plain small letters, digits and hyphens; numbered where it is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-") or "code"
    candidates = [slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if f"{place}/{candidate}" not in taken)
