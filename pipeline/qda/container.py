"""Opens a `.qdpx` safely: what is in it is measured before it is read, and nothing is ever unpacked to disk."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from pipeline.errors import QdaError

MOST_FILES = 20_000
MOST_BYTES = 512 << 20  # of what is read: the project file and the texts; recordings are left where they are
LARGEST_TEXT = 64 << 20
STEEPEST = 100  # how many times smaller an honest file gets; XML of codings gets about fifteen times
_SMALL = 1 << 20  # below this, a ratio says nothing
_EXPORT = "Export it again from the program that made it."


class Archive:
    """An open project file. `project` is the name of its XML."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path = path
        self._zip = archive
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._check()
        found = [e for e in archive.infolist() if "/" not in _name(e) and _name(e).lower().endswith(".qde")]
        if len(found) != 1:
            raise QdaError(
                f"{path}: holds {len(found)} project files (project.qde) where one is expected. A codebook (.qdc) goes "
                "to `codeboom import-codebook`."
            )
        self.project = found[0]

    def open_project(self) -> IO[bytes]:
        """The XML, as a stream."""
        return self._zip.open(self.project)

    def read_text(self, name: str) -> bytes:
        """The bytes of a source by its name without folder, whatever the capitals. Raises QdaError when it is not
        there or too large."""
        entry = self._entries.get(name.lower())
        if entry is None:
            raise QdaError(
                f"{self.path}: refers to a text that is not in it. If the program made a folder of sources beside "
                "the file, choose there to include them in the export."
            )
        if entry.file_size > LARGEST_TEXT:
            raise QdaError(f"{self.path}: a text is larger than {LARGEST_TEXT >> 20} MB, so it was not read.")
        with _told(self.path):
            return self._zip.read(entry)

    def _check(self) -> None:
        entries = self._zip.infolist()
        if len(entries) > MOST_FILES:
            raise QdaError(f"{self.path}: holds more than {MOST_FILES} files, so it was not opened.")
        total = 0
        for entry in entries:
            name = _name(entry)
            if _escapes(name) or stat.S_ISLNK(entry.external_attr >> 16):
                raise QdaError(
                    f"{self.path}: a file in it would land outside its folder, which no real project does, so it was "
                    f"not opened. {_EXPORT}"
                )
            if entry.flag_bits & 1:
                raise QdaError(f"{self.path}: is protected by a password. Export it without one.")
            if entry.file_size > _SMALL and entry.file_size > STEEPEST * max(entry.compress_size, 1):
                raise QdaError(
                    f"{self.path}: a file in it becomes more than {STEEPEST} times as large when unpacked, as a ZIP "
                    f"bomb does, so it was not opened. {_EXPORT}"
                )
            read = name.lower().endswith((".qde", ".txt"))
            total += entry.file_size if read else 0
            parts = PurePosixPath(name).parts
            if len(parts) > 1 and parts[0].lower() == "sources" and not name.endswith("/"):
                if parts[-1].lower() in self._entries:
                    raise QdaError(f"{self.path}: holds two sources of one name. {_EXPORT}")
                self._entries[parts[-1].lower()] = entry
        if total > MOST_BYTES:
            raise QdaError(
                f"{self.path}: its texts take more than {MOST_BYTES >> 20} MB when unpacked, so it was not opened. "
                "Export fewer documents at a time."
            )


@contextmanager
def open_archive(path: Path) -> Iterator[Archive]:
    """Open a project. Raises QdaError when it is no ZIP, damaged, or not safe to read."""
    with _told(path), zipfile.ZipFile(path) as archive:
        yield Archive(path, archive)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error) as error:
        raise QdaError(f"{path}: is not a REFI-QDA project (.qdpx), or is damaged. {_EXPORT}") from error
    except (OSError, EOFError, NotImplementedError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise QdaError(f"{path}: cannot be read ({reason}). Check that the file exists and is whole.") from error


def _name(entry: zipfile.ZipInfo) -> str:
    """The name with the separators of ZIP, also where Windows wrote its own."""
    return entry.filename.replace("\\", "/")


def _escapes(name: str) -> bool:
    return name.startswith("/") or ".." in PurePosixPath(name).parts or bool(PureWindowsPath(name).drive)
