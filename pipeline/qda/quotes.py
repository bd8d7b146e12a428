"""The quotations of an export as rows: what the tables and the document for the thesis are made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.codebook import Code
from pipeline.qda.study import Coded, Respondent, Study, coded
from pipeline.records import Segment


@dataclass(frozen=True, slots=True)
class Quote:
    """One code on one segment by one coder, with all that stands beside it in a table. `remark` is the coder's."""

    segment: Segment
    respondent: Respondent
    code: str
    path: tuple[str, str, str]
    coding: Coded
    remark: str


def quotes(study: Study, validated: bool, above: float) -> list[Quote]:
    """Every quotation: in the order of the tree, then of the interviews and the talk."""
    segments = {segment.segment_id: segment for part in study.interviews.values() for segment in part}
    place = {segment_id: n for n, segment_id in enumerate(segments)}
    codes = study.codes()
    order = {code: n for n, code in enumerate(codes)}
    found = list(_quotes(study, segments, codes, validated, above))
    return sorted(found, key=lambda q: (order.get(q.code, len(order)), q.code, place[q.segment.segment_id]))


def _quotes(
    study: Study, segments: Mapping[str, Segment], codes: Mapping[str, Code], validated: bool, above: float
) -> Iterator[Quote]:
    for coding in coded(study, validated, above):
        segment = segments[coding.segment_id]
        code = codes.get(coding.code)
        path = (code.variable, code.dimension, code.name) if code else ("", "", coding.code)
        judgement = study.persons.get(coding.coder, {}).get(coding.segment_id)
        remark = judgement.remark if judgement and coding.score is None else ""
        respondent = study.respondents.get(segment.interview, Respondent(""))
        yield Quote(segment, respondent, coding.code, path, coding, remark)
