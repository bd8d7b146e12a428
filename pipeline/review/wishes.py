"""From what the page asks to an event for the store, and from an event to how a segment stands. Pure functions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.decisions import Event, Judged, Judgement
from pipeline.errors import CodeboomError
from pipeline.records import Segment
from pipeline.review.study import Study

LONGEST_REMARK = 10_000
LONGEST_MEMO = 50_000


class ReviewError(CodeboomError):
    """What the page asked cannot be done; the text is Dutch, for the page shows it."""


class Renewed(ReviewError):
    """What the page shows is no longer what the tables and the codebook are: `version` names those."""

    def __init__(self, version: str) -> None:
        super().__init__("De interviews, voorstellen of codes zijn intussen vernieuwd. Kijk opnieuw, en oordeel dan.")
        self.version = version


def event_of(study: Study, wish: Mapping[str, Any], blind: bool) -> Event:
    """The event that a wish (segment, kind, code and value, all text) asks for, with what the coder was shown.

    Raises ReviewError for a wish that makes no sense, or is about a segment or code that is not there.
    """
    try:
        segment_id, kind, code, value = wish["segment"], wish["kind"], wish.get("code", ""), wish["value"]
        if not all(isinstance(part, str) for part in (segment_id, kind, code, value)) or kind == "memo":
            raise TypeError
        row = study.rows.get(segment_id)
        if row is None:
            raise ReviewError("Dit fragment is er niet meer: de interviews zijn opnieuw verwerkt.")
        event = Event(segment_id, kind, code, plain(value), blind=blind)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReviewError("De pagina stuurde geen oordeel dat te begrijpen is. Laad haar opnieuw.") from error
    if len(value) > LONGEST_REMARK:
        raise ReviewError(f"De opmerking is langer dan {LONGEST_REMARK} tekens. Maak haar korter.")
    if kind == "code" and code not in study.columns:
        raise ReviewError("Deze code staat niet (meer) in het codeboek. Laad de pagina opnieuw.")
    if kind != "code" or blind:
        return event if blind else replace(event, model=study.models[row])
    column = study.columns[code]
    suggested = bool(study.suggested[row, column])
    # A score stands with a suggestion only: what "may be there too" was not proposed.
    score = round(float(study.scores[row, column]), 4) if suggested else None
    return replace(event, suggested=suggested, score=score, model=study.models[row])


def memo_of(study: Study, wish: Mapping[str, Any], blind: bool) -> Event:
    """The memo that a wish (interview or code, and value, all text) asks for. Raises ReviewError as `event_of` does."""
    interview, code, value = wish.get("interview", ""), wish.get("code", ""), wish.get("value")
    if not all(isinstance(part, str) for part in (interview, code, value)) or bool(interview) == bool(code):
        raise ReviewError("De pagina stuurde geen memo die te begrijpen is. Laad haar opnieuw.")
    if interview and interview not in study.interviews:
        raise ReviewError("Dit interview is er niet (meer): de interviews zijn opnieuw verwerkt.")
    if code and code not in study.columns:
        raise ReviewError("Deze code staat niet (meer) in het codeboek.")
    if len(value or "") > LONGEST_MEMO:
        raise ReviewError(f"De memo is langer dan {LONGEST_MEMO} tekens. Maak haar korter.")
    return Event(interview, "memo", code, plain(value or ""), blind=blind)


def after(standing: Judgement, event: Event) -> Judgement:
    """How a segment stands after an event."""
    if event.kind == "code":
        codes = {code: given for code, given in standing.codes.items() if code != event.code}
        return replace(standing, codes=codes | ({event.code: event.value == "yes"} if event.value else {}))
    if event.kind == "remark":
        return replace(standing, remark=event.value)
    if event.kind == "done":
        return replace(standing, done=bool(event.value))
    return replace(standing, doubt=bool(event.value))


def says_more(standing: Judgement, event: Event, wish: Mapping[str, Any], unseen: bool) -> bool:
    """Whether an event changes how the segment stands, or confirms a code that was accepted `unseen`; a wish with
    `if_open` gives way to a verdict that stands, and what nobody looked at is no verdict yet."""
    if unseen and event.value == "yes":
        return True
    if wish.get("if_open") and event.code in standing.codes:
        return False
    return after(standing, event) != standing


def judged(segment: Segment) -> Judged:
    """The text that is judged, for the store to keep."""
    return Judged(segment.segment_id, segment.interview, segment.text, segment.question)


def plain(text: str) -> str:
    """`text` without what no table can hold: control characters and halves of characters."""
    kept = "".join(c for c in text.replace("\r\n", "\n") if c >= " " or c in "\n\t")
    return kept.encode("utf-8", "ignore").decode().strip()
