"""Read any transcript: look at what is in the file, never at its name, and hand it to the reader for it."""

import re
from pathlib import Path

from pipeline.errors import TranscriptError
from pipeline.records import Transcript
from pipeline.transcripts.decode import decode
from pipeline.transcripts.docx import read_docx
from pipeline.transcripts.draft import Origin, Tally
from pipeline.transcripts.plaintext import read_blocks, text_blocks, text_paragraphs
from pipeline.transcripts.stream_json import looks_like_json, read_json
from pipeline.transcripts.vtt import read_cues

MOST_BYTES = 100_000_000
"""A transcript larger than this is none: an hour of talk is under 1 MB."""

_SAVE_AS = "Save or export the transcript as .vtt, .docx, .json, .srt or .txt"
_KNOWN_KINDS = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "a document of an old version of Office (.doc, .xls) or one with a password"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"ID3", "a sound recording"),
    (b"RIFF", "a sound or video recording"),
    (b"OggS", "a sound recording"),
)
_MARKUP = re.compile(r"\s*<(?:\?xml|!doctype|html|tt[ >])", re.IGNORECASE)


def read_transcript(path: Path, interview: str | None = None) -> Transcript:
    """The transcript in a file; `interview` is the id it gets, by default the file's name without extension.

    Raises TranscriptError, naming the file and the next step, whenever it cannot be read.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MOST_BYTES else b""
    except OSError as error:
        raise TranscriptError(
            f"{path.name}: the file cannot be opened ({error.strerror or type(error).__name__}). Check that it is "
            "there, that it is a file, and that you may read it."
        ) from error
    if size > MOST_BYTES:
        raise _too_large(Origin(path.name, ""))
    return parse(data, path.name, path.stem if interview is None else interview)


def parse(data: bytes, file: str, interview: str) -> Transcript:
    """The transcript in `data`; `file` is named in errors and sources. Reads nothing else.

    Raises TranscriptError for whatever is not a transcript.
    """
    origin, tally = Origin(file, interview), Tally()
    if not data:
        raise origin.error("the file is empty (0 bytes)", "Export or download the transcript again")
    if len(data) > MOST_BYTES:
        raise _too_large(origin)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return read_docx(data, origin, tally)
    for start, kind in _KNOWN_KINDS:
        if data.startswith(start):
            raise origin.error(f"this is {kind}, which holds no transcript that can be read", _SAVE_AS)
    text = decode(data, origin, tally)
    if not text.strip():
        raise origin.error("the file holds nothing but blank space", "Export or download the transcript again")
    if _MARKUP.match(text[:200]):
        raise origin.error("this is a web page or another XML file", _SAVE_AS)
    if looks_like_json(text):
        return read_json(text, origin, tally)
    if (transcript := read_cues(text, origin, tally)) is not None:
        return transcript
    if text.startswith("WEBVTT"):
        raise origin.error(
            "this VTT holds no cue: there is no line `start --> end` in it", "Export the transcript again"
        )
    return read_blocks(text_blocks(text), lambda: text_paragraphs(text), "text", origin, tally)


def _too_large(origin: Origin) -> TranscriptError:
    return origin.error(
        f"the file is larger than {MOST_BYTES // 1_000_000} MB", "Check that it is the transcript, not the recording"
    )
