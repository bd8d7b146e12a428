"""Writing files so that nobody ever sees half of one."""

import hashlib
import os
import tempfile
from pathlib import Path

from pipeline.errors import OutputError


def write_atomic(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write `data` to `path`: the file is either as it was or wholly new, also after a crash or power cut.

    Raises OutputError, naming the file and the next step, when the folder is read-only, the disk is full or
    another program (a spreadsheet, on Windows) holds the file.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror or type(error).__name__}). Check that the folder is "
            "writable, that the disk has room and that no other program has the file open; then run again."
        ) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def decoded(data: bytes) -> str:
    """The text of a file that a spreadsheet or editor saved: UTF-8, with or without BOM, else the cp1252 of older ones.
    A byte that is neither is shown as \ufffd."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()
