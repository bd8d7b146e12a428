"""The records of the store: what was decided, about which text, and how a segment stands."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

Kind = Literal["code", "done", "doubt", "remark", "memo"]
WORKBOOK = "workbook"
"""The source of what was imported from a workbook, as it was filled in."""
BULK = "workbook, accepted unseen"
"""The source of what was accepted in bulk: nobody looked at it."""
_BEFORE = "before"
_VALUES = {"code": ("yes", "no", ""), "done": ("yes", ""), "doubt": ("yes", "")}


@dataclass(frozen=True, slots=True)
class Judged:
    """The text that was judged, kept so that decisions outlive a change of segments or of the tables."""

    segment_id: str
    interview: str
    text: str
    question: str


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a coder decided about a segment, or a memo.

    `code` is the full id of a code, for kind "code" only. `value` is "yes", "no" or "" (taken back) for a code; "yes"
    or "" for done and doubt, and for done also what `done_value` gives; the text of a remark or memo. `suggested`,
    `score` and `model` are what the coder was shown; empty when `blind`. A memo is about an interview, whose id then
    stands in `segment_id`, or about a `code`, and then of no segment. Raises ValueError for anything else.
    """

    segment_id: str
    kind: Kind
    code: str = ""
    value: str = ""
    suggested: bool = False
    score: float | None = None
    model: str = ""
    blind: bool = False

    def __post_init__(self) -> None:
        if self.kind == "memo":
            if bool(self.segment_id) == bool(self.code):
                raise ValueError("a memo is about an interview or about a code")
        elif not self.segment_id or self.kind not in get_args(Kind):
            raise ValueError("an event is about a segment and of a known kind")
        elif bool(self.code) != (self.kind == "code"):
            raise ValueError("an event of kind code names a code, and no other but a memo does")
        before = self.kind == "done" and bool(lacked_in(self.value))
        if self.kind in _VALUES and self.value not in _VALUES[self.kind] and not before:
            raise ValueError(f"not a value of kind {self.kind}")
        if self.score is not None and not 0 <= self.score <= 1:  # also refuses NaN
            raise ValueError("a score is a probability")
        self.value.encode()  # half a character (a lone surrogate) cannot be kept: UnicodeEncodeError is a ValueError
        if self.blind and (self.suggested or self.score is not None or self.model):
            raise ValueError("a blind coder was shown nothing")

    @property
    def key(self) -> tuple[str, str, str]:
        """What the event is about: of one coder, the last event with this key stands."""
        return self.segment_id, self.kind, self.code


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a segment stands for one coder. `codes` holds the codes given (True) and refused (False); `done` says that
    the whole segment was judged, so that every other code is refused too."""

    codes: Mapping[str, bool] = field(default_factory=dict)
    done: bool = False
    doubt: bool = False
    remark: str = ""


def done_value(lacked: Sequence[str]) -> str:
    """The value of a segment that is judged as a whole, from a list that lacked these open codes: they are not refused
    by it. Their ids stand in it, each on a line."""
    return "\n".join([_BEFORE, *lacked]) if lacked else "yes"


def lacked_in(value: str) -> list[str]:
    """The ids of the codes that were lacking, by the value of an event of kind "done"."""
    first, *codes = value.split("\n")
    return [code for code in codes if code] if first == _BEFORE else []


@dataclass(frozen=True, slots=True)
class Done:
    """When a coder last said of a segment that it was judged as a whole: the number of that decision; and of the open
    codes that could not be chosen then, the number of the last one where they could, 0 for never."""

    at: int
    lacked: Mapping[str, int] = field(default_factory=dict)

    def at_for(self, code: str) -> int:
        """The number of the decision by which the segment was last read for a code."""
        return self.lacked.get(code, self.at)


@dataclass(frozen=True, slots=True)
class Batch:
    """What was decided in one go. `undoes` is the id of the batch that it takes back, if it does."""

    id: int
    coder: str
    source: str
    at: datetime.datetime
    events: tuple[Event, ...]
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """One event in the history of a segment: when, by whom and how it came in, and whether it undid another."""

    batch: int
    at: datetime.datetime
    coder: str
    source: str
    event: Event
    undo: bool = False


@dataclass(frozen=True, slots=True)
class LastWord:
    """What a coder said last of one thing: see `Event`. `value` is "" where it was taken back; what was undone was
    never said."""

    coder: str
    segment_id: str
    code: str
    value: str
    source: str
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Memo:
    """What a coder wrote about an interview or about a code; the other of the two is ""."""

    coder: str
    interview: str
    code: str
    text: str
