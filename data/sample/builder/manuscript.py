"""What a manuscript is: the plain text that an interview of the sample is written in, once it is read."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

INTERVIEW_VARIANTS = ("teams-vtt", "teams-vtt-old", "teams-docx", "teams-docx-old", "stream-sharepoint", "typed-docx")
DOCUMENT_VARIANT = "docx"


class ManuscriptError(Exception):
    """Everything that is wrong with the manuscripts, one line each: `file:line: what, and what to do`."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Passage:
    """Characters [start, end) of a line that carry a code, and the direction in which they do."""

    start: int
    end: int
    code: str
    direction: str


@dataclass(frozen=True, slots=True)
class Mention:
    """Characters [start, end) of a line that name a person."""

    start: int
    end: int
    person: str


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance as the recogniser closed it (I, R), or a paragraph (P) or heading (H) of a document."""

    number: int
    who: str
    text: str
    passages: tuple[Passage, ...] = ()
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Speaker:
    """How someone is labelled in the transcript, and which person that is."""

    label: str
    person: str


@dataclass(frozen=True, slots=True)
class Manuscript:
    """One interview or document. `persons` are the people it declares itself: id to full name."""

    id: str
    variant: str
    cluster: str
    function: str
    date: datetime.date
    respondent: Speaker | None
    interviewer: Speaker | None
    persons: Mapping[str, str]
    lines: tuple[Line, ...]

    @property
    def is_document(self) -> bool:
        """Whether this is a document, which nobody speaks."""
        return self.variant == DOCUMENT_VARIANT


@dataclass(frozen=True, slots=True)
class Coding:
    """A manuscript as another coder coded it."""

    coder: str
    manuscript: Manuscript
