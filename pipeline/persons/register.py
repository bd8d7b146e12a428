"""The study register `interviews.csv`: which file is which interview, and who spoke in it.

It stands beside the transcripts and is the researcher's own: `read_register` reads it strictly, `new_register.py`
writes the first version and adds new files to it. The real names in it are used for pseudonymisation only.
"""

import csv
import datetime
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.formulas import release
from pipeline.persons.folding import canonical
from pipeline.persons.labels import parse_label

REGISTER_NAME = "interviews.csv"
COLUMNS = ("interview", "file", "respondent_name", "interviewer_name", "cluster", "function", "date")
REQUIRED = ("interview", "file")
INTERVIEW_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_DUTCH_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_SAME_AS = re.compile(r"(?:zie|see) (?=\S*\d)([A-Za-z0-9][A-Za-z0-9_-]{0,31})", re.IGNORECASE)
_LARGEST = 10_000_000  # bytes; a register of a thousand interviews has a hundredth of it


@dataclass(frozen=True, slots=True)
class Row:
    """One interview of the register. `line` is its row in a spreadsheet; 0 for a row not yet written."""

    interview: str
    file: str
    respondent_name: str = ""
    interviewer_name: str = ""
    cluster: str = ""
    function: str = ""
    date: datetime.date | None = None
    line: int = 0

    @property
    def respondents(self) -> tuple[tuple[str, ...], ...]:
        """The respondents: of each, all names and labels ("Spreker 2 = Bram Jansen") by which they are known.
        None where the cell refers to another interview."""
        return () if self.same_as else split_names(self.respondent_name)

    @property
    def interviewers(self) -> tuple[tuple[str, ...], ...]:
        """The interviewers, likewise."""
        return split_names(self.interviewer_name)

    @property
    def same_as(self) -> str | None:
        """The interview whose respondent this is too: `respondent_name` is then "zie R01" or "see R01". A plain "R01"
        or "S01" may be a speaker label of the file, and is taken for one."""
        reference = _SAME_AS.fullmatch(self.respondent_name)
        return reference[1] if reference else None


@dataclass(frozen=True, slots=True)
class Register:
    """The interviews of a study, in the order of the file, and how the file is written (for adding rows to it)."""

    path: Path
    rows: tuple[Row, ...]
    columns: tuple[str, ...] = COLUMNS
    delimiter: str = ";"
    encoding: str = "utf-8-sig"

    def of_interview(self, interview: str) -> Row | None:
        """The row of an interview, or None."""
        return next((row for row in self.rows if row.interview == interview), None)

    def of_file(self, file: str) -> Row | None:
        """The row of a file name, or None; "é" may be written in either Unicode form."""
        wanted = unicodedata.normalize("NFC", file)
        return next((row for row in self.rows if unicodedata.normalize("NFC", row.file) == wanted), None)


def split_names(cell: str) -> tuple[tuple[str, ...], ...]:
    """The persons in one cell, separated by "&", ";" or " en "; of each, the names separated by "="."""
    people = re.split(r"\s*[&;]\s*|\s+en\s+", cell.strip())
    groups = (tuple(name.strip() for name in person.split("=") if name.strip()) for person in people)
    return tuple(group for group in groups if group)


def read_register(folder: Path) -> Register | None:
    """Read `folder/interviews.csv`; None where there is none.

    Takes `;`, `,` or tab between columns, and UTF-8 (with or without BOM) or the cp1252 of older spreadsheets. Raises
    SettingsError with everything that is wrong, by row number; no cell is quoted, since any may hold a name.
    """
    path = folder / REGISTER_NAME
    if not path.exists():
        return None
    try:
        data = path.read_bytes() if path.stat().st_size <= _LARGEST else b""
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}). Close it elsewhere and run again.") from None
    if not data.strip() or b"\0" in data or data.startswith(b"PK"):
        raise SettingsError(f"{path}: is empty or no csv file. Save the register as 'CSV UTF-8' and run again.")
    text, encoding = _decode(data)
    header = text.splitlines()[0]
    delimiter = max(";,\t", key=header.count)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise SettingsError(f"{path}: a quotation mark is not closed, or a cell is far too long.") from None
    columns = tuple(cell.strip().lower() for cell in table[0])
    errors = _check_header(columns)
    if errors:
        raise _errors(path, errors)
    rows = []
    for line, cells in enumerate(table[1:], start=2):
        if any(cell.strip() for cell in cells):
            rows.append(_row(line, cells, columns, errors))
    present = _listing(folder)
    rows = _with_blanks_as_in_folder(rows, present)
    _check_rows(rows, present, errors)
    if errors:
        raise _errors(path, sorted(errors))
    return Register(path, tuple(rows), columns, delimiter, encoding)


def _decode(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8-sig"), "utf-8-sig"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"


def _check_header(columns: tuple[str, ...]) -> list[tuple[int, str]]:
    errors = [
        (1, f"column {number} has a heading that is not one of: {', '.join(COLUMNS)}")
        for number, column in enumerate(columns, start=1)
        if column not in COLUMNS
    ]
    errors += [(1, f"column '{column}' occurs more than once") for column in COLUMNS if columns.count(column) > 1]
    return errors + [(1, f"column '{column}' is missing") for column in REQUIRED if column not in columns]


def _row(line: int, cells: list[str], columns: tuple[str, ...], errors: list[tuple[int, str]]) -> Row:
    if any(cell.strip() for cell in cells[len(columns) :]):
        errors.append((line, f"has more than the {len(columns)} columns of the heading"))
    exact = {column: release(cell) for column, cell in zip(columns, cells, strict=False)}
    values = {column: _collapsed(cell) for column, cell in exact.items()}
    day = None
    if values.get("date"):
        day = parse_date(values["date"])
        if day is None:
            errors.append((line, "date is not a date such as 2026-03-31 or 31-3-2026"))
    names = {column: values.get(column, "") for column in COLUMNS if column != "date"}
    if names["file"]:
        names["file"] = exact["file"]  # a file name may hold double blanks
    return Row(**names, date=day, line=line)


def _collapsed(text: str) -> str:
    return " ".join(text.split())


def _with_blanks_as_in_folder(rows: list[Row], present: frozenset[str]) -> list[Row]:
    """The rows, with the name of the file in the folder where a cell differs from it in blanks only."""
    alike: dict[str, list[str]] = {}
    for name in present:
        alike.setdefault(_collapsed(name), []).append(name)
    return [
        replace(row, file=names[0])
        if unicodedata.normalize("NFC", row.file) not in present
        and len(names := alike.get(_collapsed(unicodedata.normalize("NFC", row.file)), [])) == 1
        else row
        for row in rows
    ]


def parse_date(text: str) -> datetime.date | None:
    """A date in ISO form or as Dutch d-m-yyyy; None where it is neither."""
    dutch = _DUTCH_DATE.fullmatch(text)
    try:
        if dutch:
            return datetime.date(int(dutch[3]), int(dutch[2]), int(dutch[1]))
        return datetime.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _check_rows(rows: list[Row], present: frozenset[str], errors: list[tuple[int, str]]) -> None:
    ids = Counter(row.interview.lower() for row in rows)
    files = Counter(unicodedata.normalize("NFC", row.file) for row in rows)
    names = _name_words(rows)
    for row in rows:
        file = unicodedata.normalize("NFC", row.file)
        if not row.interview:
            errors.append((row.line, "interview is empty; give it an id such as R01"))
        elif not INTERVIEW_ID.fullmatch(row.interview):
            errors.append((row.line, "interview is not an id of at most 32 letters, digits, - and _, such as R01"))
        elif ids[row.interview.lower()] > 1:
            errors.append((row.line, "interview has an id that another row has too"))
        elif names & set(re.findall(r"[a-z]+", canonical(row.interview))):
            errors.append((row.line, "interview has an id that holds a person's name; ids show in every table"))
        if not file:
            errors.append((row.line, "file is empty"))
        elif re.search(r"[/\\]", file) or file not in present:
            errors.append((row.line, "file is not the name of a file in this folder"))
        elif files[file] > 1:
            errors.append((row.line, "file is listed in another row too"))
        if row.same_as and row.same_as not in {
            other.interview for other in rows if other is not row and not other.same_as
        }:
            errors.append(
                (row.line, "respondent_name refers to an id that is not that of an interview with a respondent")
            )


def _name_words(rows: list[Row]) -> set[str]:
    words: set[str] = set()
    for row in rows:
        for label in (name for group in (*row.respondents, *row.interviewers) for name in group):
            name = parse_label(label)
            if name is not None and not row.same_as:
                words.update(
                    word for word in canonical(" ".join((*name.given, *name.surname))).split() if len(word) > 2
                )
    return words


def _listing(folder: Path) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFC", path.name) for path in folder.iterdir() if path.is_file())


def _errors(path: Path, errors: list[tuple[int, str]]) -> SettingsError:
    lines = "\n".join(f"  row {line}: {problem}" for line, problem in errors[:50])
    more = f"\n  and {len(errors) - 50} more" if len(errors) > 50 else ""
    count = "1 problem" if len(errors) == 1 else f"{len(errors)} problems"
    return SettingsError(f"{path}: {count}\n{lines}{more}\nCorrect the file and run again.")
