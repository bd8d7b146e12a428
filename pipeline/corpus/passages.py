"""Single coded passages of invented talk, `passages/*.yaml`: written for training, kept apart from the interviews.

A file holds one topic. Each passage has the question before it, the text, who speaks, and every code that applies, by
the last part of its path.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from pipeline.codebook import describe, load_yaml, read_codebook
from pipeline.corpus.gold import CorpusError
from pipeline.settings import shipped


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage; `codes` are full paths."""

    topic: str
    question: str
    text: str
    codes: frozenset[str]


class _Passage(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    speaker: str
    question: str
    text: Annotated[str, StringConstraints(min_length=1)]
    codes: list[str]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    topic: Annotated[str, StringConstraints(min_length=1)]
    passages: list[_Passage]


def read_passages(folder: Path, paths: Mapping[str, str] | None = None) -> list[Passage]:
    """All passages in `folder`, in order of file. `paths` gives the path of each code by its last part (default: the
    shipped codebook). Raises CorpusError, with file and number of the passage."""
    paths = paths or {code.rsplit("/", 1)[1]: code for code in read_codebook(shipped("codebook")).ids}
    found = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            file = _File.model_validate(load_yaml(path))
        except ValidationError as error:
            raise CorpusError(f"{path.name}: {next(iter(describe(error)))}") from error
        except ValueError as error:
            raise CorpusError(str(error)) from error
        for number, passage in enumerate(file.passages, start=1):
            unknown = [code for code in passage.codes if code not in paths]
            if unknown:
                raise CorpusError(f"{path.name}, passage {number}: unknown code {unknown[0]}.")
            text, question = " ".join(passage.text.split()), " ".join(passage.question.split())
            found.append(Passage(file.topic, question, text, frozenset(paths[code] for code in passage.codes)))
    return found
