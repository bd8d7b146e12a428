"""Builds coded.xlsx around what the researcher filled in before; nothing of hers is ever written over."""

import datetime
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.writer.excel import ExcelWriter

from pipeline.answers import Agreement
from pipeline.codebook import Codebook
from pipeline.errors import OutputError
from pipeline.files import write_atomic
from pipeline.records import Coding, Segment
from pipeline.workbook import layout
from pipeline.workbook.carry import Carried, Fields, carry
from pipeline.workbook.filled import read_filled
from pipeline.workbook.help import write_help
from pipeline.workbook.look import add_styles
from pipeline.workbook.reference import write_codebook, write_counts
from pipeline.workbook.suggestions import Suggestions, rank
from pipeline.workbook.text import get_text, set_text
from pipeline.workbook.validate import write_validate

_EPOCH = datetime.datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class WorkbookReport:
    """What happened to the workbook: its rows, the filled-in cells that were carried over, those that found no place
    (with her own columns, sheets and changes), and the older workbook that was kept for them."""

    rows: int
    carried: int = 0
    kept_aside: int = 0
    aside: Path | None = None


def build_workbook(
    path: Path,
    segments: Sequence[Segment],
    codings: Iterable[Coding],
    codebook: Codebook,
    respondents: Mapping[str, str],
    previous: Path | None = None,
    *,
    reliability: str = "",
    agreement: Mapping[str, Agreement] | None = None,
    created: datetime.datetime = _EPOCH,
) -> WorkbookReport:
    """Write `path`: the sheets Valideren, Codeboek, Tellingen and Uitleg.

    `respondents` gives each interview id its readable label ("Respondent 8"); without one the segment's speaker is
    shown. `codings` may hold every score; those that are suggested or in doubt are shown. `previous` is the workbook
    with what the researcher filled in before; by default, `path` itself. `reliability` is a Dutch sentence on the
    model for the sheet Uitleg, `agreement` what to expect of the model by code. Same input, same bytes: `created` is
    the only date in the file.

    If not all of hers can be placed, the previous workbook stays beside itself as `coded-<when she saved it>.xlsx`.
    Raises OutputError, with nothing changed on disk, if the previous workbook is open, damaged or not ours.
    """
    previous = previous or path
    if previous.resolve() != path.resolve() and path.exists():
        raise OutputError(
            f"{path}: exists and would be lost, for {previous} is the one to carry over. Rename or move it; then run "
            "again."
        )
    suggestions = rank(path, segments, codings, codebook)
    old = read_bytes(previous)
    carried = Carried()
    if old is not None:
        shown = {segment_id: [coding.code for coding in found.shown] for segment_id, found in suggestions.items()}
        carried = carry(read_filled(previous, old), segments, shown, codebook)
    book = _compose(segments, suggestions, carried.fields, codebook, respondents, reliability, agreement or {})
    book.properties.created = book.properties.modified = created
    data = _zip(book)
    if old is not None and old != read_bytes(previous):
        raise OutputError(f"{previous}: was saved by another program just now. Close it there; then run again.")
    aside = None
    if old is not None and carried.aside:
        aside = _keep_aside(previous, old)
    write_atomic(path, data)
    return WorkbookReport(len(segments), carried.carried, carried.aside, aside)


def check_workbook(path: Path) -> None:
    """Raise the OutputError that `build_workbook` would raise for an existing workbook that is open, damaged or not
    ours: to be told before the work of a run, not after it."""
    data = read_bytes(path)
    if data is not None:
        read_filled(path, data)


def read_bytes(path: Path) -> bytes | None:
    """The bytes of the workbook; None if there is none. Refuses one that a spreadsheet program has open: saving it
    there later would undo what we write now."""
    for lock in (path.with_name(f"~${path.name}"), path.with_name(f".~lock.{path.name}#")):
        if lock.exists():
            raise OutputError(
                f"{path}: is open in a spreadsheet program. Save and close it there; then run again. "
                f"(If it is not open, remove the hidden file {lock.name} beside it.)"
            )
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(
            f"{path}: exists, but cannot be read ({error.strerror or type(error).__name__}), so it was left as it is. "
            "Close it in other programs and check that you may read it; then run again."
        ) from error


def _keep_aside(path: Path, data: bytes) -> Path:
    saved = datetime.datetime.fromtimestamp(path.stat().st_mtime)
    stem = f"{path.stem}-{saved:%Y-%m-%d-%H%M%S}"
    candidates = [path.with_name(f"{stem}{suffix}{path.suffix}") for suffix in ("", *(f"-{n}" for n in range(2, 100)))]
    for candidate in candidates:
        if not candidate.exists():
            write_atomic(candidate, data)
            return candidate
        if candidate.read_bytes() == data:  # kept already, by a run that was interrupted after this
            return candidate
    raise OutputError(f"{path}: there are too many copies named {stem}. Move them elsewhere; then run again.")


def _compose(
    segments: Sequence[Segment],
    suggestions: Mapping[str, Suggestions],
    fields: Mapping[str, Fields],
    codebook: Codebook,
    respondents: Mapping[str, str],
    reliability: str,
    agreement: Mapping[str, Agreement],
) -> Workbook:
    book = Workbook()
    add_styles(book)
    for title in (layout.VALIDATE, layout.CODEBOOK, layout.COUNTS, layout.HELP, layout.SEAL):
        book.create_sheet(title)
    del book["Sheet"]
    write_validate(book[layout.VALIDATE], segments, suggestions, fields, codebook, respondents)
    write_codebook(book[layout.CODEBOOK], codebook, agreement)
    write_counts(book[layout.COUNTS], segments, suggestions, codebook, respondents)
    write_help(book[layout.HELP], reliability, bool(agreement))
    _write_seals(book)
    book.properties.creator, book.properties.title = "Codeboom", "Gecodeerde interviews"
    return book


def _write_seals(book: Workbook) -> None:
    """Fill the hidden sheet by which a later run sees whether she changed a sheet that is not for filling in."""
    sheet = book[layout.SEAL]
    for number, title in enumerate((layout.CODEBOOK, layout.COUNTS, layout.HELP), 1):
        rows = cast(list[tuple[Cell, ...]], list(book[title].iter_rows()))
        seal = layout.seal_sheet([get_text(cell) for cell in row] for row in rows)
        set_text(cast(Cell, sheet.cell(number, 1)), title)
        set_text(cast(Cell, sheet.cell(number, 2)), seal)
    sheet.sheet_state = "veryHidden"


def _zip(book: Workbook) -> bytes:
    """The workbook as a file, without the time of writing that openpyxl and zip put in."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        ExcelWriter(book, archive).write_data()
    with zipfile.ZipFile(raw) as archive, zipfile.ZipFile(fixed, "w") as out:
        for name in archive.namelist():
            out.writestr(zipfile.ZipInfo(name), archive.read(name), zipfile.ZIP_DEFLATED, 6)
    return fixed.getvalue()
