"""What the page shows: the tables of the last run, read once, and again when a run has renewed them."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.answers import Agreement, read_agreement
from pipeline.codebook import OPEN_CODES, Codebook
from pipeline.errors import CodeboomError
from pipeline.manifest import NAME, file_hash, read_manifest
from pipeline.records import Coding, Segment
from pipeline.review.order import Flags, Floats, thresholds
from pipeline.tables import read_codings, read_segments
from pipeline.why import read_why

WORDS = 6
"""So many of the words that carried a suggestion are shown."""


@dataclass(frozen=True)
class Suggestion:
    """A code that the model suggests for a segment: its score, whether the model doubts, the words that carried it."""

    code: str
    score: float
    close: bool
    words: tuple[str, ...]


@dataclass(frozen=True)
class Study:
    """The tables of one run. `folded` are the texts, folded for searching. `scores`, `suggested` and `doubts` (where
    the answer is doubt) have shape (segments, codes of the codebook); a code that the model does not know scores 0.
    `models` names, per segment, the model that coded it ("" where none did). `agreement` is what to expect of the
    model, by code; codes of which it was not measured are left out."""

    segments: tuple[Segment, ...]
    folded: tuple[str, ...]
    codebook: Codebook
    scores: Floats
    suggested: Flags
    doubts: Flags
    models: tuple[str, ...]
    model: str
    why: Mapping[str, Any]
    look_again: Mapping[str, list[str]]
    agreement: Mapping[str, Agreement]

    @cached_property
    def rows(self) -> dict[str, int]:
        """Where each segment is, by its id."""
        return {segment.segment_id: row for row, segment in enumerate(self.segments)}

    @cached_property
    def columns(self) -> dict[str, int]:
        """Where each code is, by its id."""
        return {code: column for column, code in enumerate(self.codebook.ids)}

    @cached_property
    def interviews(self) -> dict[str, list[int]]:
        """The rows of each interview, both in the order of the table: as spoken."""
        found: dict[str, list[int]] = {}
        for row, segment in enumerate(self.segments):
            found.setdefault(segment.interview, []).append(row)
        return found

    @cached_property
    def limits(self) -> Floats:
        """Per code, the score from which on it is suggested; shape (codes,)."""
        return thresholds(self.scores, self.suggested)

    @cached_property
    def any_suggested(self) -> Flags:
        """Which segments have a suggestion; shape (segments,)."""
        return np.asarray(self.suggested.any(axis=1), np.bool_)

    @cached_property
    def any_doubted(self) -> Flags:
        """Which segments have a suggestion that the model doubts about; shape (segments,)."""
        return np.asarray((self.doubts & self.suggested).any(axis=1), np.bool_)

    @cached_property
    def doubted(self) -> list[list[str]]:
        """By row the suggestions that the model doubts about; asked for every segment of a list."""
        found: list[list[str]] = [[] for _ in self.segments]
        ids = self.codebook.ids
        for row, column in np.argwhere(self.doubts & self.suggested).tolist():
            found[row].append(ids[column])
        return found

    def suggestions(self, row: int) -> list[Suggestion]:
        """The suggestions for one segment, the surest first; equal scores stand in the order of the codebook."""
        return self._listed(row, self.suggested[row])

    def maybe(self, row: int) -> list[Suggestion]:
        """What is not suggested for a segment, but in doubt: the likeliest first."""
        return self._listed(row, self.doubts[row] & ~self.suggested[row])

    def _listed(self, row: int, wanted: Flags) -> list[Suggestion]:
        ids = self.codebook.ids
        columns = [int(column) for column in np.flatnonzero(wanted)]
        columns.sort(key=lambda column: -self.scores[row, column])
        return [
            Suggestion(
                ids[column],
                round(float(self.scores[row, column]), 4),
                bool(self.doubts[row, column]),
                _words(self.why, self.segments[row].segment_id, ids[column]),
            )
            for column in columns
        ]


def fold(text: str) -> str:
    """`text` for searching: without accents and capitals, every run of blanks one space."""
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def stamp(out: Path) -> tuple[int, ...]:
    """Tells whether a run has renewed the tables (the first two numbers: when `run.json` was written, and its size) or
    an open code was added (the third). Raises CodeboomError where there is no finished run."""
    try:
        run = (out / NAME).stat()
    except OSError as error:
        raise CodeboomError(f"{out}: no finished run here. Code the interviews first: codeboom run FOLDER.") from error
    codes = out / OPEN_CODES
    return run.st_mtime_ns, run.st_size, codes.stat().st_mtime_ns if codes.is_file() else 0


def with_codebook(study: Study, codebook: Codebook) -> Study:
    """The same tables under another codebook, as after an open code was added; the model does not know new codes."""
    scores = np.zeros((len(study.segments), len(codebook.ids)), np.float32)
    suggested, doubts = np.zeros(scores.shape, np.bool_), np.zeros(scores.shape, np.bool_)
    for column, code in enumerate(codebook.ids):
        if code in study.columns:
            before = study.columns[code]
            scores[:, column], suggested[:, column] = study.scores[:, before], study.suggested[:, before]
            doubts[:, column] = study.doubts[:, before]
    return replace(study, codebook=codebook, scores=scores, suggested=suggested, doubts=doubts)


def load_study(out: Path, codebook: Codebook) -> Study:
    """Read the tables of `out`; codes that are no longer in `codebook` are left out.

    Raises CodeboomError where there is no finished run, or the tables are not those that it wrote.
    """
    manifest = read_manifest(out)
    if manifest is None:
        raise CodeboomError(
            f"{out}: no finished run of this version of Codeboom here. Code the interviews first: codeboom run FOLDER."
        )
    for name in ("segments.csv", "codings.csv"):
        if file_hash(out / name) != manifest.outputs.get(name):
            raise CodeboomError(
                f"{out / name}: is not as the last run wrote it (changed by another program, or a run was stopped). "
                "Run `codeboom run` again; decisions that were made are kept."
            )
    segments = read_segments(out / "segments.csv")
    scores, suggested, doubts, models = _matrices(segments, read_codings(out / "codings.csv"), codebook)
    folded = tuple(fold(segment.text) for segment in segments)
    return Study(
        segments,
        folded,
        codebook,
        scores,
        suggested,
        doubts,
        models,
        manifest.model,
        read_why(out),
        manifest.look_again,
        read_agreement(manifest.agreement),
    )


def _matrices(
    segments: tuple[Segment, ...], codings: tuple[Coding, ...], codebook: Codebook
) -> tuple[Floats, Flags, Flags, tuple[str, ...]]:
    row_of = {segment.segment_id: row for row, segment in enumerate(segments)}
    column_of = {code: column for column, code in enumerate(codebook.ids)}
    scores = np.zeros((len(segments), len(column_of)), np.float32)
    suggested, doubts = np.zeros(scores.shape, np.bool_), np.zeros(scores.shape, np.bool_)
    models = [""] * len(segments)
    for coding in codings:
        row, column = row_of.get(coding.segment_id), column_of.get(coding.code)
        if row is None or column is None or coding.score < scores[row, column]:
            continue  # of several coders the surest, as in the workbook
        scores[row, column], suggested[row, column], doubts[row, column] = coding.score, coding.suggested, coding.doubt
        models[row] = coding.coder
    return scores, suggested, doubts, tuple(models)


def _words(why: Mapping[str, Any], segment_id: str, code: str) -> tuple[str, ...]:
    by_code = why.get(segment_id)
    pairs = by_code.get(code) if isinstance(by_code, dict) else None
    if not isinstance(pairs, list):
        return ()
    weighed = [
        (float(pair[1]), pair[0])
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], int | float)
    ]
    return tuple(word for weight, word in sorted(weighed, reverse=True) if weight > 0)[:WORDS]
