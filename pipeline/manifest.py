"""`run.json`: what went into a run, what came out, and with which versions. Hashes and counts only, never a name.

It also tells the next run what need not be done again. It is written last: a run that was interrupted has none,
or one whose hashes no longer fit the tables, and is done again.
"""

import json
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.files import sha256, write_atomic

FORMAT = 1
NAME = "run.json"
PACKAGES = ("numpy", "pandas", "scikit-learn", "spacy", "tokenizers", "openpyxl", "python-docx")


@dataclass(frozen=True)
class Manifest:
    """One run. `inputs` hashes everything that was read; `coded` hashes, per interview, all that its codings
    depend on (its safe text, the codebook, the model); `outputs` hashes the tables as they were written. `look_again`
    names, per interview, the open codes that were added to the codebook after the interview was first coded.
    `agreement` holds κ and the segments that it rests on, per code (see `answers.py`)."""

    inputs: str
    coded: dict[str, str]
    outputs: dict[str, str]
    model: str
    quality: dict[str, float]
    codebook: str
    codes: list[str]
    look_again: dict[str, list[str]]
    settings: dict[str, Any]
    interviews: dict[str, dict[str, Any]]
    counts: dict[str, int]
    agreement: dict[str, dict[str, float]] = field(default_factory=dict)
    timings_s: dict[str, float] = field(default_factory=dict)
    format: int = FORMAT
    codeboom: str = __version__


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `run.json`, with the versions of what it ran on. Raises OutputError."""
    content = {**asdict(manifest), "python": platform.python_version(), "packages": _versions()}
    write_atomic(folder / NAME, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of the last complete run in `folder`; None when there is none that this version understands
    (then everything is coded again, and nothing is lost)."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if content["format"] != FORMAT or content["codeboom"] != __version__:
            return None
        return Manifest(**{name: content[name] for name in Manifest.__dataclass_fields__})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def file_hash(path: Path) -> str:
    """SHA-256 of a file; "" when it cannot be read."""
    try:
        return sha256(path.read_bytes())
    except OSError:
        return ""


def folder_hash(folder: Path) -> str:
    """One hash over the names and contents of a folder's files."""
    files = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    return sha256("\n".join(f"{path.name} {file_hash(path)}" for path in files).encode())


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
