"""The command line. What each command does stands in `commands/`; this is the one place that exits.

Exit codes: 0 done; 1 done, but some input could not be read (it is named); 2 nothing was done, and why; 3 a known
name would have reached the output; 130 stopped by the user.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline import __version__
from pipeline.commands import agreement, checks, coding, exchange, models, names, review, validating
from pipeline.errors import CodeboomError, LeakError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console is not UTF-8 by itself
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except CodeboomError as error:
        print(f"codeboom: {error}", file=sys.stderr)
        return 3 if isinstance(error, LeakError) else 2
    except KeyboardInterrupt:
        print("\ncodeboom: stopped. Nothing is half-written; run again to finish.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, MemoryError) as error:
        # A full disk, a folder that went away. The text of an OSError holds a path and never transcript text.
        reason = getattr(error, "strerror", None) or type(error).__name__
        where = getattr(error, "filename", None)
        print(f"codeboom: {f'{where}: ' if where else ''}{reason}. Nothing is half-written.", file=sys.stderr)
        return 2

    except Exception as error:  # the text of an unforeseen error could hold talk or a name: only its kind is told
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        print(f"codeboom: unforeseen {type(error).__name__} in {where}. Please report this line.", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codeboom",
        description="Codes interview transcripts into an a priori codebook, on this computer, offline.",
        epilog="Start with: codeboom run FOLDER. Everything stays on this computer.",
    )
    parser.add_argument("--version", action="version", version=f"codeboom {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str, to: Any = commands) -> Any:
        command = to.add_parser(name, help=about, description=about[:1].upper() + about[1:] + ".")
        command.set_defaults(command=run)
        return command

    for module in (coding, names, checks, agreement, validating, review, exchange, models):
        module.register(add)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
