"""A coded study as a REFI-QDA project, made so that every program takes it.

One selection for each segment and coder, for some programs know one user a selection; a model is a user of its own.
What the format cannot say (a code refused, a segment read to the end) goes into a memo of that coder, and comes back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline import __version__
from pipeline.decisions.records import Judgement, Memo
from pipeline.qda.records import Case, CodeNode, Note, Project, Selection, TextSource, User, Variable, code_guid, guid
from pipeline.qda.study import Coded, Respondent, Study, coded
from pipeline.qda.transcript import lay_out
from pipeline.qda.tree import tree
from pipeline.qda.verdicts import compose_verdicts, verdicts_name
from pipeline.records import Segment

# One variable for respondents and one for texts: a program keeps a variable for either, not for both.
_VARIABLES = {
    "cluster": ("Cluster", "Interview: cluster"),
    "role": ("Rol", "Interview: rol"),
}
_GONE = "Niet meer in het codeboek"


@dataclass(frozen=True, slots=True)
class Choice:
    """What is exported: only what persons decided, suggestions at or above a score, all codes on one level."""

    validated: bool = False
    above: float = 0.0
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """A project, how many codings it has, and what the researcher should know."""

    project: Project
    codings: int
    notes: tuple[str, ...]


def export(study: Study, choice: Choice, name: str) -> Exported:
    """The study as a project called `name`."""
    by_segment: dict[str, dict[str, list[Coded]]] = {}
    count = 0
    for coding in coded(study, choice.validated, choice.above):
        by_segment.setdefault(coding.segment_id, {}).setdefault(coding.coder, []).append(coding)
        count += 1
    names = {code.id: code.name for code in study.codebook.codes}
    gone = sorted({c.code for by in by_segment.values() for part in by.values() for c in part} - names.keys())
    nodes = tree(study.codebook, study.definitions, choice.flat) + _gone(gone, choice.flat)
    sources: list[TextSource] = []
    notes: list[Note] = []
    replaced = 0
    for interview, segments in study.interviews.items():
        text = lay_out(segments)
        replaced += text.replaced
        found = list(_selections(segments, text.spans, by_segment, study.persons, names))
        notes += [note for _, part in found for note in part]
        sources.append(
            TextSource(
                guid("source", interview),
                interview,
                text.text,
                [selection for selection, _ in found],
                _values(study.respondents.get(interview), 1),
            )
        )
    notes += _verdict_notes(study)
    notes += (_memo_note(memo, names) for memo in study.memos)
    users = [User(_user(model, True), model) for model in study.models if not choice.validated]
    writers = dict.fromkeys([*study.persons, *(memo.coder for memo in study.memos)])
    users += [User(_user(coder, False), coder) for coder in writers]
    used = {variable for source in sources for variable, _ in source.values}
    cases = tuple(_cases(study.respondents, study.interviews))
    used |= {variable for case in cases for variable, _ in case.values}
    project = Project(
        name=name,
        origin=f"Codeboom {__version__}",
        users=tuple(users),
        codes=nodes,
        sources=tuple(sources),
        variables=tuple(v for pair in _VARIABLES.values() for v in map(_variable, pair) if v.guid in used),
        cases=cases,
        notes=tuple(notes),
        description="Gecodeerd met Codeboom. Namen zijn vervangen. Wat een model voorstelt staat op zijn naam.",
    )
    return Exported(project, count, tuple(_remarks(study, replaced, gone)))


def _selections(
    segments: Sequence[Segment],
    spans: Mapping[str, tuple[int, int]],
    by_segment: Mapping[str, Mapping[str, Sequence[Coded]]],
    persons: Mapping[str, Mapping[str, Judgement]],
    names: Mapping[str, str],
) -> Iterator[tuple[Selection, list[Note]]]:
    for segment in segments:
        start, end = spans[segment.segment_id]
        codings = by_segment.get(segment.segment_id, {})
        for coder in dict.fromkeys((*codings, *persons)):
            part = codings.get(coder, ())
            judgement = persons.get(coder, {}).get(segment.segment_id) if coder in persons else None
            remark = judgement.remark.strip() if judgement else ""
            if not (part or remark):
                continue
            user = _user(coder, coder not in persons)
            notes = []
            if remark:
                where = guid("remark", segment.segment_id, coder)
                notes = [Note(where, f"Opmerking bij {segment.segment_id}", remark, user)]
            selection = Selection(
                guid("selection", segment.segment_id, user),
                start,
                end,
                user,
                tuple(code_guid(coding.code) for coding in part),
                remark or _scores(coder, part, names),
                tuple(note.guid for note in notes),
            )
            yield selection, notes


def _scores(model: str, codings: Sequence[Coded], names: Mapping[str, str]) -> str:
    """Which model gave which score; "" for a person."""
    listed = [(coding.code, coding.score) for coding in codings if coding.score is not None]
    told = "; ".join(f"{names.get(code, code)} {score:.2f}".replace(".", ",") for code, score in listed)
    return f"{model}: {told}" if told else ""


def _verdict_notes(study: Study) -> Iterator[Note]:
    for coder, standing in study.persons.items():
        text = compose_verdicts(standing, study.unread.get(coder, {}))
        if text:
            yield Note(guid("verdicts", coder), verdicts_name(coder), text, _user(coder, False), inline=False)


def _memo_note(memo: Memo, names: Mapping[str, str]) -> Note:
    """A memo as a note on the project, whose name says what it is about: programs differ in which else they take."""
    about = f"interview {memo.interview}" if memo.interview else f"code {names.get(memo.code, memo.code)}"
    where = guid("memo", memo.interview, memo.code, memo.coder)
    return Note(where, f"Memo bij {about} ({memo.coder})", memo.text, _user(memo.coder, False), inline=False)


def _cases(respondents: Mapping[str, Respondent], interviews: Mapping[str, object]) -> Iterator[Case]:
    texts: dict[str, list[str]] = {}
    for interview in interviews:
        if interview in respondents:
            texts.setdefault(respondents[interview].name, []).append(interview)
    for name, listed in texts.items():
        values = _values(respondents[listed[0]], 0)
        yield Case(guid("case", name), name, values, tuple(guid("source", interview) for interview in listed))


def _values(respondent: Respondent | None, which: int) -> tuple[tuple[str, str], ...]:
    if respondent is None:
        return ()
    told = {"cluster": respondent.cluster, "role": respondent.role}
    return tuple((_variable(_VARIABLES[key][which]).guid, value) for key, value in told.items() if value)


def _variable(name: str) -> Variable:
    return Variable(guid("variable", name), name)


def _user(name: str, model: bool) -> str:
    return guid("model" if model else "person", name)


def _gone(codes: Sequence[str], flat: bool) -> tuple[CodeNode, ...]:
    """Codes that were given and are not in the codebook any more: nothing that somebody decided is left out."""
    nodes = tuple(CodeNode(code_guid(code), code, True) for code in codes)
    return nodes if flat or not nodes else (CodeNode(guid("folder", ""), _GONE, False, children=nodes),)


def _remarks(study: Study, replaced: int, gone: Sequence[str]) -> Iterator[str]:
    if replaced:
        yield (
            f"{replaced} character(s) that programs count differently (such as emoji) are shown as □, so that no "
            "coding shifts."
        )
    if gone:
        yield f"{len(gone)} code(s) that are not in the codebook stand in the folder '{_GONE}': {', '.join(gone)}."
    if study.stale:
        yield f"Decisions on {study.stale} fragment(s) that are not in the tables any more were left out."
