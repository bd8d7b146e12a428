"""Which segments are offered, and in which order. Pure functions of the study and of how its segments stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.decisions import Judgement
from pipeline.review.order import Flags, informative
from pipeline.review.study import Study, fold

NOTHING = Judgement()
STATES = ("all", "todo", "doubt", "done", "remark", "suggested", "close", "again")
"""`close`: with a suggestion about which the model doubts. `again`: done before an open code was first used."""

Standing = Mapping[str, Judgement]
"""How segments stand for one coder, by segment_id; those of which nothing stands may be left out."""

Again = Mapping[str, Sequence[str]]
"""The open codes for which segments are offered again, by segment_id; those with none are left out."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for; empty is no filter. `state` is one of STATES."""

    interview: str = ""
    code: str = ""
    state: str = "all"
    text: str = ""
    informative: bool = False


def offered(study: Study, standing: Standing, wanted: Filter, blind: bool, again: Again) -> list[int]:
    """The rows of the segments that `wanted` lets through, in its order. A blind coder gets them as spoken and without
    regard to suggestions: an order or filter by scores would tell what is suggested."""
    text = fold(wanted.text)
    rows: Sequence[int] = range(len(study.segments))
    if wanted.interview:
        rows = study.interviews.get(wanted.interview, [])
    if text:
        rows = [row for row in rows if text in study.folded[row]]
    if wanted.state == "again":
        ids = {name for name, codes in again.items() if not wanted.code or wanted.code in codes}
        rows = [row for row in rows if study.segments[row].segment_id in ids]
    elif wanted.code:
        rows = [row for row in rows if _has(study, standing, row, wanted.code, blind)]
    if wanted.state not in ("all", "again"):
        rows = [row for row in rows if _is(study, standing, row, wanted.state, blind)]
    if not wanted.informative or blind:
        return list(rows)
    return _informative(study, standing, list(rows))


def letter(judgement: Judgement, again: bool = False, close: bool = False) -> str:
    """How a segment stands, in a letter: t (in doubt), a(gain: done before an open code), d(one), m (to do, and the
    model doubts about a suggestion that is not judged yet: `close`, never for a blind coder) or u(nseen)."""
    return "t" if judgement.doubt else "a" if again else "d" if judgement.done else "m" if close else "u"


def _has(study: Study, standing: Standing, row: int, code: str, blind: bool) -> bool:
    """Whether the coder gave a code, or it is suggested and was not refused."""
    judgement = standing.get(study.segments[row].segment_id, NOTHING)
    if code in judgement.codes or judgement.done or blind or code not in study.columns:
        return judgement.codes.get(code, False)
    return bool(study.suggested[row, study.columns[code]])


def _is(study: Study, standing: Standing, row: int, state: str, blind: bool) -> bool:
    judgement = standing.get(study.segments[row].segment_id, NOTHING)
    match state:
        case "todo":
            return not judgement.done
        case "doubt":
            return judgement.doubt
        case "done":
            return judgement.done
        case "remark":
            return bool(judgement.remark)
        case "suggested":
            return not blind and bool(study.any_suggested[row])
        case _:
            return not blind and bool(study.any_doubted[row])


def _informative(study: Study, standing: Standing, rows: list[int]) -> list[int]:
    labels = dict.fromkeys(study.columns, 0)
    for judgement in standing.values():
        for code, given in judgement.codes.items():
            if given and code in labels:
                labels[code] += 1
    judged: Flags = np.array([standing.get(study.segments[row].segment_id, NOTHING).done for row in rows], np.bool_)
    order = informative(study.scores[rows], study.limits, list(labels.values()), judged)
    return [rows[position] for position in order]
