"""The table of names beside the key, for the researcher to check: she keeps, merges, rejects or adds, and the next run
obeys (`codeboom names review`).

The table, `names.csv`, holds real names and no pseudonyms: it does not say who is who. A row is one spelling of one
person; rows with the same number in the column `persoon` are taken for one. She may write in two columns:

- `besluit`: `naam` confirms, `geen naam` rejects; empty leaves it as it is.
- `persoon`: another number puts the row to that person; a number that nobody has makes a person of its own.

A row that she adds needs a name only; with a number it is another name of that person.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.files import decoded, write_atomic
from pipeline.persons.assigning import FoundName, Key
from pipeline.persons.folding import canonical
from pipeline.persons.labels import is_name
from pipeline.persons.linking import Rulings

TABLE = "names.csv"
COLUMNS = ("besluit", "naam", "persoon", "aantal", "interviews", "zekerheid", "bewijs", "twijfel")
NAME, NO_NAME = "naam", "geen naam"
_SOURCES = {
    "participant": "deelnemer", "list": "eigen lijst", "name finder": "naamvinder",
    "study: a known name, cut in two": "bekende naam, in tweeën", "study: sounds like": "klinkt als een bekende naam",
    "study": "naam van iemand die al gehoord is",
}  # fmt: skip
Group = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the table; `line` is that of the file, `known` the row of the key it is about."""

    line: int
    verdict: str
    name: str
    person: int
    known: FoundName | None


def write_table(path: Path, found: Sequence[FoundName], rulings: Rulings) -> None:
    """Write the table for a key's rows, mode 0600. Raises OutputError."""
    confirmed = {canonical(name) for name in rulings.names}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in found:
        verdict = NAME if canonical(row.name) in confirmed else ""
        sure = f"{row.sure:.2f}".replace(".", ",")
        interviews = " ".join(row.interviews)
        writer.writerow([verdict, row.name, row.person or "", row.count, interviews, sure, _dutch(row), row.doubt])
    write_atomic(path, text.getvalue().encode("utf-8-sig"), mode=0o600)


def read_table(path: Path, key: Key) -> Rulings:
    """What the researcher ruled: the key's rulings, with those of the table. Raises SettingsError, which names every
    row that cannot be used by its number and quotes none."""
    rows, problems = _rows(path, key.found)
    if problems:
        raise SettingsError(f"{path}: nothing was taken over:\n" + "\n".join(f"  {problem}" for problem in problems))
    known = [row for row in rows if row.known is not None]
    touched = {row.person for row in rows if row.known is None or row.person != row.known.person or row.verdict == NAME}
    members: defaultdict[int, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for row in rows:
        if row.verdict != NO_NAME and row.person in touched and row.person:
            members[row.person].append((row.name, row.known.interviews if row.known else ()))
    alone = [
        ((row.name, row.known.interviews if row.known else ()),)
        for row in rows
        if not row.person and (row.verdict == NAME or row.known is None)
    ]
    here = {canonical(row.name) for row in rows}
    kept = [
        group
        for group in key.rulings.groups
        if not {canonical(name) for name, _ in group} & here or not _meets(group, members, alone, known)
    ]
    no_names = {canonical(row.name) for row in rows if row.verdict == NO_NAME}
    names = {canonical(row.name) for row in rows if row.verdict == NAME or row.known is None}
    rejected = (set(key.rulings.rejected) | no_names) - names
    groups = [*kept, *(tuple(group) for group in members.values()), *alone]
    return Rulings(tuple(sorted(set(groups))), tuple(sorted(rejected)))


def _meets(group: Group, members: dict[int, list[tuple[str, tuple[str, ...]]]], alone: Sequence[Group],
           rows: Iterable[Row]) -> bool:  # fmt: skip
    """Whether the table says something new about one of a group's names: then the table holds."""
    forms = {canonical(name) for name, _ in group}
    now = {canonical(name) for part in (*members.values(), *alone) for name, _ in part}
    return bool(forms & now) or any(row.verdict == NO_NAME and canonical(row.name) in forms for row in rows)


def _rows(path: Path, found: Sequence[FoundName]) -> tuple[list[Row], list[str]]:
    text = _text(path)
    delimiter = ";" if text.partition("\n")[0].count(";") >= text.partition("\n")[0].count(",") else ","
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    if not lines or [cell.strip().lower() for cell in lines[0][:3]] != list(COLUMNS[:3]):
        return [], [f"row 1: the columns are not those of the table: {', '.join(COLUMNS)}"]
    known: defaultdict[tuple[str, tuple[str, ...]], list[FoundName]] = defaultdict(list)
    for one in found:
        known[canonical(one.name), one.interviews].append(one)
    rows: list[Row] = []
    problems: list[str] = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        verdict, name, person, count, interviews = ([cell.strip() for cell in cells] + [""] * 5)[:5]
        fitting = known[canonical(name), tuple(interviews.split())] if count else []
        of = fitting.pop(0) if fitting else None
        row = Row(number, verdict.lower(), name, int(person) if person.isdecimal() else 0, of)
        problem = _problem(row, person, bool(count))
        problems += [f"row {number}: {problem}"] if problem else []
        if row.known is not None or not count:
            rows.append(row)
    return rows, problems


def _problem(row: Row, person: str, from_run: bool) -> str:
    if row.verdict not in ("", NAME, NO_NAME):
        return f"besluit is not empty, '{NAME}' or '{NO_NAME}'"
    if person and not person.isdecimal():
        return "persoon is not a number"
    if row.known is None and from_run:
        return "" if not row.verdict else "the last run found other names; take the table of now (see below)"
    if row.known is None and not is_name(row.name):
        return "there is no name in the row"
    if row.known is not None and row.verdict == NO_NAME and row.known.evidence.startswith("participant"):
        return "this is the name of somebody who takes part; it is always replaced"
    return ""


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"{path}: the table of names cannot be read ({error.strerror}).") from None
    return decoded(data)


def _dutch(row: FoundName) -> str:
    return next((dutch for english, dutch in _SOURCES.items() if row.evidence.startswith(english)), row.evidence)
