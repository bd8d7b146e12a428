"""The first version of the study register, and rows for files that came later.

Interviews are R01, R02, ... and documents (minutes, a memo: no speakers, no times) D01, D02, ..., in order of file
name; a file whose name already is such an id keeps it. The researcher corrects the file; what she wrote is never
touched again: rows are only added.
"""

import csv
import dataclasses
import io
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.files import write_atomic
from pipeline.formulas import neutralise
from pipeline.persons.participants import Speaker
from pipeline.persons.register import COLUMNS, REGISTER_NAME, Register, Row
from pipeline.records import Transcript

_OWN_ID = re.compile(r"[RrDd]\d{1,4}")


def is_document(transcript: Transcript) -> bool:
    """Whether a file is no conversation: nobody speaks in it and nothing has a time."""
    return all(u.speaker is None and u.start_ms is None for u in transcript.utterances)


def interview_ids(
    files: Collection[str], documents: Collection[str], register: Register | None, used: Collection[str] = ()
) -> dict[str, str]:
    """The interview id of each file name: as registered, else a new one; where there is a register, never one that was
    `used` before by an interview that is gone.

    Raises SettingsError where two files claim one id (`R03.vtt` beside `R03.docx`).
    """
    ids: dict[str, str] = {}
    for file in files:
        row = register.of_file(file) if register else None
        if row is not None:
            ids[file] = row.interview
    taken = [row.interview for row in register.rows] if register else []
    new = sorted((file for file in files if file not in ids), key=_natural)
    for file in [file for file in new if _OWN_ID.fullmatch(Path(file).stem)]:
        ids[file] = Path(file).stem.upper()
        if ids[file] in (interview.upper() for interview in taken):
            raise SettingsError(
                f"{REGISTER_NAME}: two files would both be interview {ids[file]}. Remove one from the folder, or give "
                "each a row with an id of its own."
            )
        taken.append(ids[file])
    taken += used if register else []
    for file in [file for file in new if file not in ids]:
        ids[file] = _next_id("D" if file in documents else "R", taken, append=register is not None)
        taken.append(ids[file])
    return ids


def _next_id(letter: str, taken: Collection[str], append: bool) -> str:
    matches = (re.fullmatch(rf"{letter}(\d+)", interview, re.IGNORECASE) for interview in taken)
    used = {int(match[1]) for match in matches if match}
    number = max(used, default=0) + 1 if append else next(n for n in range(1, len(used) + 2) if n not in used)
    return f"{letter}{number:02d}"


def _natural(file: str) -> tuple[list[tuple[int, int, str]], str]:
    parts = re.findall(r"\d{1,18}|\D+|\d", file.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts], file


def renumber(transcript: Transcript, interview: str) -> Transcript:
    """The transcript under another interview id."""
    utterances = tuple(dataclasses.replace(u, interview=interview) for u in transcript.utterances)
    return dataclasses.replace(transcript, interview=interview, utterances=utterances)


def propose_rows(files: Mapping[str, str], speakers: Sequence[Speaker], register: Register | None) -> tuple[Row, ...]:
    """A row for each file (name to interview id) that the register does not list, with the speakers as inferred."""
    rows = []
    for file, interview in files.items():
        if register is None or register.of_file(file) is None:
            labels = {
                role: " & ".join(s.label for s in speakers if s.interview == interview and s.role == role and s.label)
                for role in ("respondent", "interviewer")
            }
            rows.append(Row(interview, file, labels["respondent"], labels["interviewer"]))
    return tuple(sorted(rows, key=lambda row: (row.interview[0].upper() == "D", _natural(row.interview))))


def write_register(folder: Path, rows: Sequence[Row], register: Register | None) -> Path:
    """Write the register, or add `rows` to the one that is there, whose bytes stay as they are.

    A new file is UTF-8 with BOM and `;`, so that a Dutch spreadsheet opens it by double-click. Raises OutputError
    where it cannot be written and SettingsError where a name does not fit the encoding of the file that is there.
    """
    path = folder / REGISTER_NAME
    columns = register.columns if register else COLUMNS
    delimiter = register.delimiter if register else ";"
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    if register is None:
        writer.writerow(columns)
    for row in rows:
        values = dataclasses.asdict(row) | {"date": row.date.isoformat() if row.date else ""}
        writer.writerow([neutralise(str(values[column])) for column in columns])
    before, mode = b"", 0o600
    if register is not None:
        before, mode = path.read_bytes(), path.stat().st_mode & 0o777
        before += b"" if before.endswith((b"\n", b"\r")) or not rows else b"\r\n"
    encoding = (
        "utf-8" if register and register.encoding == "utf-8-sig" else register.encoding if register else "utf-8-sig"
    )
    try:
        added = stream.getvalue().encode(encoding)
    except UnicodeEncodeError:
        raise SettingsError(f"{path}: a new file's name does not fit. Save the register as 'CSV UTF-8'.") from None
    if rows or register is None:
        write_atomic(path, before + added, mode=mode)
    return path
