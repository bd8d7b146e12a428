"""Making a version of a model: in a folder of its own, one retraining at a time; it appears whole or not at all."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import ModelError, OutputError

_BUILDING = ".building-"


@contextmanager
def building(folder: Path) -> Iterator[Path]:
    """A folder to build a version in, beside the others; gone afterwards, unless published. One retraining at a time:
    raises ModelError while another goes on. What a killed one left is cleared. Raises OutputError."""
    make_private(folder)
    with _alone(folder / "retrain.lock"):
        for left in folder.glob(_BUILDING + "*"):
            shutil.rmtree(left, ignore_errors=True)
        try:
            stage = Path(tempfile.mkdtemp(prefix=_BUILDING, dir=folder))
        except OSError as error:
            raise _unwritable(folder, error) from error
        try:
            yield stage
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def publish(stage: Path, target: Path) -> None:
    """Let a version that was built appear, whole. Raises OutputError."""
    try:
        for path in (*stage.rglob("*"), stage):
            _sync(path)
        stage.rename(target)
        _sync(target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error


def make_private(folder: Path) -> None:
    """Make the folder of models, for this user only. Raises OutputError."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _sync(path: Path) -> None:
    if path.is_file() or sys.platform != "win32":  # where a folder cannot be opened
        handle = os.open(path, os.O_RDWR if path.is_file() else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ModelError("Another retraining of this study goes on. Wait for it; then try again.") from error
        yield
    finally:
        os.close(handle)


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path}: cannot be written ({error.strerror or type(error).__name__}). Check that the folder is writable and "
        "that the disk has room; then try again. The model in use is as it was."
    )
