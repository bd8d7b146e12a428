"""Which respondents withdrew, as far as a study's models must know: `withdrawn.json` beside them, interview ids alone.

What was decided about such an interview is deleted, so that nothing else tells a model that must go out of use from
one that merely learnt from interviews whose decisions stand in another output folder.
"""

import json
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.files import write_atomic
from pipeline.retraining.building import make_private

NAME = "withdrawn.json"


def withdrawn(folder: Path) -> frozenset[str]:
    """The interviews whose respondents withdrew; `folder` is that of the study's models. Raises ModelError."""
    path = folder / NAME
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise ValueError
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(
            f'{path}: damaged. Write in it again which interviews were withdrawn, as in ["R03", "R07"].'
        ) from error
    return frozenset(found)


def withdraw(folder: Path, interview: str) -> None:
    """Keep that the respondent of an interview withdrew. Raises ModelError and OutputError."""
    make_private(folder)
    found = sorted(withdrawn(folder) | {interview})
    write_atomic(folder / NAME, (json.dumps(found) + "\n").encode(), mode=0o600)
