"""The output folder: new tables are made beside the old ones and moved into place together.

A run that is stopped, or finds the disk full, leaves what was there before.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import OutputError
from pipeline.manifest import Manifest, file_hash
from pipeline.records import Coding, Segment
from pipeline.tables import read_codings, read_segments
from pipeline.workbook import check_workbook

TABLES = ("coded.xlsx", "segments.csv", "codings.csv", "respondents.csv", "why.json")
"""In the order in which they are moved into place: a workbook that is open elsewhere stops the run at once."""

_STAGING = ".codeboom-"


def intact(out: Path, manifest: Manifest) -> bool:
    """Whether the tables of the last run are all there; the workbook may have been filled in since."""
    unchanged = all(file_hash(out / name) == manifest.outputs.get(name) for name in ("segments.csv", "codings.csv"))
    return unchanged and (out / "coded.xlsx").is_file()


def prepare(out: Path) -> None:
    """See that the tables can be written before the work is done, and clear what a killed run left."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for left in out.glob(_STAGING + "*"):
            shutil.rmtree(left, ignore_errors=True)
        with staging(out) as stage:
            (stage / "test").write_bytes(b"\0" * 4096)
    except OSError as error:
        raise _unwritable(out, error) from error
    check_workbook(out / "coded.xlsx")


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder beside the tables, gone afterwards: what is made in it is moved, or lost as a whole."""
    try:
        stage = Path(tempfile.mkdtemp(prefix=_STAGING, dir=out))
    except OSError as error:
        raise _unwritable(out, error) from error
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def move(source: Path, target: Path) -> None:
    """Move a finished table into place. Raises OutputError; the table that was there is then intact."""
    try:
        source.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from error


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path}: cannot be written ({error.strerror or type(error).__name__}). Check that the folder is writable, "
        "that the disk has room and that no other program has the file open; then run again. What was there is intact."
    )


@dataclass(frozen=True)
class Earlier:
    """What the last complete run left in the tables."""

    hashes: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, list[Segment]] = field(default_factory=dict)
    codings: Mapping[str, list[Coding]] = field(default_factory=dict)

    def codings_of(self, segments: Sequence[Segment]) -> list[Coding]:
        """The codings of these segments, in their order."""
        return [coding for segment in segments for coding in self.codings.get(segment.segment_id, [])]


def read_earlier(out: Path, before: Manifest | None) -> Earlier:
    """Read the tables of the last run back; nothing when there was none, or they were changed since."""
    if before is None or not intact(out, before):
        return Earlier()
    segments: defaultdict[str, list[Segment]] = defaultdict(list)
    codings: defaultdict[str, list[Coding]] = defaultdict(list)
    for segment in read_segments(out / "segments.csv"):
        segments[segment.interview].append(segment)
    for coding in read_codings(out / "codings.csv"):
        codings[coding.segment_id].append(coding)
    return Earlier(before.coded, segments, codings)
