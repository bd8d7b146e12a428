"""What comes in: the transcripts of a folder, read under their interview ids, and the register completed with them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from pipeline.errors import OutputError, TranscriptError
from pipeline.persons.new_register import interview_ids, is_document, propose_rows, renumber, write_register
from pipeline.persons.register import Register
from pipeline.pseudonymise import Pseudonymised
from pipeline.records import Transcript
from pipeline.transcripts import read_transcript

IGNORED = frozenset("mp4 m4a mp3 wav mov webm avi mkv ogg png jpg jpeg gif ini db lnk csv yaml yml md".split())
"""Endings of what may lie beside transcripts and is none."""


def find_transcripts(folder: Path) -> list[Path]:
    """The files of a folder that may be transcripts, in order of name; which they are is decided by their content.

    Raises TranscriptError when there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise TranscriptError(f"{folder}: no such folder. Give the folder that holds the transcripts.")
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name[0] not in ".~" and path.suffix.lower().lstrip(".") not in IGNORED
    ]
    if not found:
        raise TranscriptError(f"{folder}: no transcripts here. Put the .vtt or .docx files of Teams in this folder.")
    return found


def read_all(
    files: Sequence[Path], register: Register | None, used: Collection[str], step: Callable[[int], object]
) -> tuple[list[Transcript], dict[str, str], list[str]]:
    """The transcripts that can be read, the interview id of every file, and what is wrong with the others.

    Raises TranscriptError when none can be read.
    """
    read: dict[str, Transcript] = {}
    unreadable: list[str] = []
    for path in files:
        try:
            read[path.name] = read_transcript(path)
        except TranscriptError as error:
            unreadable.append(str(error))
        step(1)
    if not read:
        raise TranscriptError("\n".join([*unreadable, "No transcript could be read; nothing was changed."]))
    # A file that cannot be read now keeps its number: it may be mended tomorrow.
    ids = interview_ids([path.name for path in files], [n for n, t in read.items() if is_document(t)], register, used)
    transcripts = [renumber(transcript, ids[name]) for name, transcript in read.items()]
    return sorted(transcripts, key=lambda transcript: transcript.interview), ids, unreadable


def complete_register(
    folder: Path,
    ids: Mapping[str, str],
    transcripts: Sequence[Transcript],
    safe: Pseudonymised,
    register: Register | None,
) -> list[str]:
    """Add what the register does not list yet, and say who was taken for whom."""
    read = {transcript.interview for transcript in transcripts}
    rows = propose_rows({file: name for file, name in ids.items() if name in read}, safe.speakers, register)
    inferred = [speaker for speaker in safe.speakers if not speaker.given and speaker.label is not None]
    notes = [
        f"{speaker.interview}: {safe.assignment.speaker(speaker.interview, speaker.label)} was taken for the "
        f"{speaker.role} ({speaker.reason})."
        for speaker in inferred
    ]
    if rows:
        try:
            path = write_register(folder, rows, register)
        except OutputError as error:
            return [*notes, str(error)]
        notes.append(f"{path} now lists {len(rows)} more file(s). Check who is who there, correct it, and run again.")
    return notes
