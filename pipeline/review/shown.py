"""What the page is sent, as dictionaries that can be sent as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.answers import FEWEST, Agreement
from pipeline.codebook import Code
from pipeline.decisions import Judgement, Memo
from pipeline.review.queue import NOTHING, Standing
from pipeline.review.study import Study


def shown_code(code: Code, names: Mapping[str, str], agreement: Agreement | None = None) -> dict[str, Any]:
    """A code with its criteria and examples; `names` are the names of all codes by id, `agreement` is what is to be
    expected of the model, None where that was not measured."""
    return {
        "id": code.id,
        "name": code.name,
        "variable": code.variable,
        "dimension": code.dimension,
        "definition": code.definition,
        "include": code.include,
        "exclude": [{"criterion": e.criterion, "code": names.get(e.code or "", "")} for e in code.exclude],
        "examples": [{"text": e.text, "question": e.question or "", "direction": e.direction} for e in code.examples],
        "open": code.origin == "open",
        "agreement": None if agreement is None else _shown_agreement(agreement),
    }


def _shown_agreement(found: Agreement) -> dict[str, Any]:
    kappa = round(found.kappa, 2) if found.positives >= FEWEST else None
    return {"kappa": kappa, "positives": found.positives, "word": found.word}


def shown_segment(study: Study, row: int, blind: bool, standing: Mapping[str, Any]) -> dict[str, Any]:
    """A segment with its question, its `standing` as `shown_standing` has it and, unless the coder is blind, its
    suggestions and what may be there too."""
    segment = study.segments[row]
    suggestions, maybe = ([], []) if blind else (study.suggestions(row), study.maybe(row))
    return {
        "id": segment.segment_id,
        "speaker": (segment.speaker or "").strip("[]"),
        "role": segment.role,
        "start": segment.start_ms,
        "question": segment.question,
        "text": segment.text,
        "suggestions": [
            {"code": s.code, "score": s.score, "close": s.close, "words": list(s.words)} for s in suggestions
        ],
        "maybe": [{"code": s.code, "score": s.score} for s in maybe],
        "standing": standing,
    }


def shown_standing(judgement: Judgement, again: Sequence[str], unseen: Sequence[str]) -> dict[str, Any]:
    """How a segment stands for the coder; `again` are the open codes for which it is offered again, `unseen` the codes
    given that were accepted in bulk, and not looked at since."""
    return {
        "codes": dict(judgement.codes),
        "done": judgement.done,
        "doubt": judgement.doubt,
        "remark": judgement.remark,
        "again": list(again),
        "unseen": list(unseen),
    }


def shown_memos(memos: Sequence[Memo]) -> dict[str, dict[str, str]]:
    """The texts of a coder's memos, by interview and by code."""
    return {
        "interviews": {memo.interview: memo.text for memo in memos if memo.interview},
        "codes": {memo.code: memo.text for memo in memos if memo.code},
    }


def shown_progress(study: Study, standing: Standing) -> list[dict[str, Any]]:
    """Per interview how many segments there are, are done, and are in doubt; in the order of the table."""
    found = []
    for name, rows in study.interviews.items():
        judgements = [standing.get(study.segments[row].segment_id, NOTHING) for row in rows]
        done, doubt = sum(j.done for j in judgements), sum(j.doubt for j in judgements)
        found.append({"name": name, "total": len(rows), "done": done, "doubt": doubt})
    return found
