"""The records that pass between the stages: frozen, and checked when built.

`Utterance` is raw talk and stays in front of the one-way door. `SafeUtterance` is what comes out behind it;
every later stage takes only that type, so that the type checker refuses raw text there.
"""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["interviewer", "respondent", "document", "unknown"]
Answer = Literal["suggest", "doubt", "none"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an utterance came from: the file, the ids of its cues, and the characters [start, end) it spans
    in the decoded text of the file (for DOCX: in the paragraphs joined by line feeds)."""

    file: str
    cues: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Utterance:
    """What one speaker said in one go, as transcribed. Times are milliseconds from the start of the recording;
    None where the file has none. A missing speaker is None, never a guess. `number` counts from 1."""

    interview: str
    number: int
    speaker: str | None
    start_ms: int | None
    end_ms: int | None
    text: str
    source: Source

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError("utterance numbers count from 1")
        if not self.text.strip():
            raise ValueError("an utterance has text")
        if self.start_ms is not None and self.start_ms < 0:
            raise ValueError("an utterance starts at or after 0 ms")


@dataclass(frozen=True, slots=True)
class Transcript:
    """One file, read: its utterances in order, the variant it was recognised as, how many pieces (cues,
    paragraphs, entries) were seen and kept, and how many were dropped or mended for which named reason.

    Every piece is accounted for: seen == kept + sum(dropped). `notes` counts what was kept but mended
    (e.g. "negative start set to 0").
    """

    interview: str
    variant: str
    utterances: tuple[Utterance, ...]
    seen: int
    kept: int
    dropped: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.seen != self.kept + sum(self.dropped.values()):
            raise ValueError("unexplained loss: seen is not kept plus dropped")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of one text that name a person or another identifier (`kind`), who it is where
    that is known (`person`, an id within the study), and the evidence that it rests on."""

    start: int
    end: int
    kind: str
    evidence: str
    person: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError("a span has start < end")


@dataclass(frozen=True, slots=True)
class SafeUtterance:
    """An utterance behind the one-way door: names and identifiers replaced, speaker a pseudonym."""

    interview: str
    number: int
    speaker: str | None
    role: Role
    start_ms: int | None
    end_ms: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters [start, end) of the text of safe utterance `number`."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """The unit of coding: a stretch of one respondent's turn, with the question asked before it.

    `segment_id` is stable across runs as long as the text is. `pieces` say which characters of which
    utterances it holds.
    """

    segment_id: str
    interview: str
    speaker: str | None
    role: Role
    start_ms: int | None
    end_ms: int | None
    text: str
    question: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Coding:
    """One code on one segment by one coder: a model version or a person. A model's `score` is a probability; `doubt`
    says that the model doubts, of what it suggests or of what it does not (see `answers.py`)."""

    segment_id: str
    code: str
    score: float
    suggested: bool
    coder: str
    doubt: bool = False

    @property
    def answer(self) -> Answer:
        """Suggest, doubt or none."""
        return "doubt" if self.doubt else "suggest" if self.suggested else "none"
