"""An archive of coded interviews that Codeboom never saw, as a table to train on.

The texts go the way of any transcript: read, pseudonymised, cut; then the codings are laid on the segments. The key of
the pseudonyms is not kept: nobody needs to know who was spoken of in an archive.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.codebook import read_codebook
from pipeline.errors import QdaError, TranscriptError
from pipeline.files import write_atomic
from pipeline.formulas import neutralise
from pipeline.persons.assigning import Key
from pipeline.persons.finder import load_finder
from pipeline.persons.people import listed_names
from pipeline.pseudonymise import pseudonymise
from pipeline.qda.codes import resolve
from pipeline.qda.collect import users_of
from pipeline.qda.match import Interviews, hits
from pipeline.qda.positions import Reading, place
from pipeline.qda.read import read_project
from pipeline.qda.records import TextSource
from pipeline.records import Segment, Transcript
from pipeline.segments import cut
from pipeline.settings import Settings
from pipeline.transcripts.read import parse

COLUMNS = ("interview", "question", "text", "codes", "coder")
SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class Archive:
    """What was made of an archive: rows in the table, codings on a segment, and codings that found none; the texts
    that could not be read, by number; and new codes, with how often they were used."""

    rows: int
    texts: int
    codings: int
    unplaced: int
    unreadable: tuple[int, ...]
    new_codes: Mapping[str, int]


def write_training(path: Path, table: Path, settings: Settings, reading: Reading | None, otherwise: str) -> Archive:
    """Make the table of a project: one row for each segment and coder who coded in that text, also where no code was
    given, for that is a lesson too. Raises CodeboomError."""
    project = read_project(path)
    read = place(project, str(path), project.origin.startswith("Codeboom"), reading)
    coded = {n: source for n, source in enumerate(read.sources, 1) if source.selections}
    transcripts: list[Transcript] = []
    unreadable: list[int] = []
    for number, source in coded.items():
        try:
            transcripts.append(parse(source.text.encode(), f"text {number}", f"{number:03}"))
        except TranscriptError:
            unreadable.append(number)
    if not transcripts:
        raise QdaError(f"{path}: holds no coded text that can be read, so there is nothing to train on.")
    safe, _ = pseudonymise(transcripts, None, listed_names(settings), Key(), finder=load_finder(settings.names_model))
    interviews = {name: cut(talk, settings) for name, talk in safe.interviews.items()}
    ours = Interviews(interviews)
    codes = resolve(project.codes, read_codebook(settings.codebook))
    users = users_of(project, (), otherwise)
    new_codes: Counter[str] = Counter()
    rows: list[tuple[Segment, tuple[str, ...], str]] = []
    placed = unplaced = 0
    for number, source in coded.items():
        if number in unreadable:
            continue
        segments = interviews[f"{number:03}"]
        given, missed = _given(source, ours, f"{number:03}", users.names, otherwise)
        unplaced += missed
        for coder, by_segment in given.items():
            for segment in segments:
                found = [codes[code] for code in by_segment.get(segment.segment_id, ()) if code in codes]
                new_codes.update(known.path for known in found if known.id is None)
                ids = tuple(dict.fromkeys(known.id for known in found if known.id))
                placed += len(ids)
                rows.append((segment, ids, coder))
    _write(table, rows)
    return Archive(len(rows), len(transcripts), placed, unplaced, tuple(unreadable), new_codes)


def _given(
    source: TextSource, ours: Interviews, interview: str, names: Mapping[str, str], otherwise: str
) -> tuple[dict[str, dict[str, dict[str, None]]], int]:
    """The GUIDs of codes by coder and segment, and how many codings found no segment."""
    there = ours.place(interview, source.text)
    starts = [part.start for part in there]
    given: dict[str, dict[str, dict[str, None]]] = {}
    missed = 0
    for selection in source.selections:
        coder = names.get(selection.user) or otherwise or "onbekend"
        by_segment = given.setdefault(coder, {})
        found = hits(selection, there, starts, source.text)
        missed += 0 if found else len(selection.codes)
        for hit in found:
            by_segment.setdefault(hit.segment_id, {}).update(dict.fromkeys(selection.codes))
    return given, missed


def _write(path: Path, rows: Sequence[tuple[Segment, tuple[str, ...], str]]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for segment, codes, coder in rows:
        cells = (segment.interview, segment.question, segment.text, SEPARATOR.join(codes), coder)
        writer.writerow([neutralise(cell) for cell in cells])
    write_atomic(path, buffer.getvalue().encode("utf-8-sig", "replace"))
