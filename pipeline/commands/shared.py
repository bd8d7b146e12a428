"""What the commands share: how one is added to the parser, a progress bar, a check of paths, settings, a score."""

import argparse
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import CodeboomError

if TYPE_CHECKING:
    from pipeline.settings import Settings

Run = Callable[[argparse.Namespace], int]
Add = Callable[..., Any]
"""`add(name, run, about)` adds a command to the parser, `add(name, run, about, to)` one to the subcommands `to`."""


def refuse_overwrite(out: Path, *inputs: Path) -> None:
    """Refuse to write over what is read."""
    if any(out.resolve() == path.resolve() for path in inputs):
        raise CodeboomError(f"{out}: would be written over what is read. Give another --out.")


def progress(what: str, total: int) -> AbstractContextManager[Any]:
    """A progress bar on a terminal; nothing in CI or a pipe."""
    from tqdm import tqdm

    return tqdm(total=total, desc=what, disable=None if not os.environ.get("CI") else True, leave=False)


def settings_of(options: argparse.Namespace) -> "Settings":
    """The settings of `--study`, with the model of `--model`. Raises SettingsError."""
    from pipeline.settings import read_settings, shipped_model

    settings = read_settings(options.study)
    return settings.model_copy(update={"model": shipped_model(options.model)}) if options.model else settings


def add_model(command: argparse.ArgumentParser) -> None:
    """Add the option `--model`."""
    command.add_argument("--model", choices=("fast", "deep"), help="this kind of model (default: the study's own)")


def score(text: str) -> float:
    """A score from 0 to 1 as an option of a command; a comma will do."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = -1
    if not 0 <= value <= 1:  # also refuses NaN
        raise argparse.ArgumentTypeError("give a score from 0 to 1, such as 0.8")
    return value
