"""The last stage of a run: known names are searched in every file that is about to be handed over."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from pathlib import Path

from pipeline.errors import LeakError
from pipeline.persons.assigning import Key
from pipeline.persons.names import leaks
from pipeline.persons.people import Person, known_people

_IN_XLSX = re.compile(r"<(?:t|a:t|dc:\w+|cp:\w+|comment)\b[^>]*>([^<]*)<")
NEXT = (
    "Nothing was written. Add the spelling to the names of the study (see `codeboom names review`), or take it out of "
    "your remarks."
)


def check_leaks(files: Sequence[Path], people: Sequence[Person]) -> None:
    """Raise LeakError when a name of `people`, in any of its spellings, is in one of `files` (.csv, .xlsx, text)."""
    for path in files:
        found: dict[str, int] = {}
        searched: dict[str, int] = {}
        for place, text in texts_of(path):
            if text not in searched:
                searched[text] = leaks(text, people)
            if searched[text]:
                found[place] = found.get(place, 0) + searched[text]
        if found:
            where = ", ".join(list(found)[:5])
            raise LeakError(
                f"{path.name} ({where}): {sum(found.values())} known name(s) would have reached the output. {NEXT}"
            )


def check_written(texts: Iterable[tuple[str, str]], people: Sequence[Person]) -> None:
    """Raise LeakError when a name of `people` is in what coders wrote: (place, text) pairs."""
    places = [place for place, text in texts if leaks(text, people)]
    if places:
        raise LeakError(
            f"{', '.join(places[:5])}: a known name would have reached the export, in {len(places)} remark(s) or "
            "memo(s). Nothing was written. Take it out there, on the review page; then export again."
        )


def named_in(key: Key, listed: Sequence[tuple[str, ...]]) -> tuple[Person, ...]:
    """Whose names may be nowhere: who took part or was confirmed, as far as the key tells, and who is `listed`."""
    names = [entry.names for entry in key.entries if not entry.heard or set(entry.names) & key.rulings.names]
    return known_people([], None, listed, names).persons


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """Every text in a file with its place; a table a cell at a time."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if name.endswith(".xml"):
                    part = Path(name).stem
                    yield from ((part, unescape(text)) for text in _IN_XLSX.findall(book.read(name).decode("utf-8")))
        return
    text = path.read_text(encoding="utf-8-sig")
    rows = csv.reader(io.StringIO(text)) if path.suffix == ".csv" else ([line] for line in text.splitlines())
    for number, row in enumerate(rows, start=1):
        yield from ((f"row {number}", cell) for cell in row)
