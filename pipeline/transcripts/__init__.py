"""Reading transcripts: whatever Teams, Stream, Zoom, a recogniser or a typist made, as utterances."""

from pipeline.transcripts.compose import compose_vtt
from pipeline.transcripts.read import parse, read_transcript

__all__ = ["compose_vtt", "parse", "read_transcript"]
