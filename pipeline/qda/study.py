"""What an export is made from: the tables of a run, the codebook, and what persons decided."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern

from pipeline.codebook import Code, Codebook, read_codebook
from pipeline.decisions.labels import open_codes, unread
from pipeline.decisions.records import Judgement, Memo
from pipeline.decisions.store import open_store, store_path
from pipeline.errors import CodeboomError
from pipeline.formulas import release
from pipeline.qda.tree import Definitions, read_definitions
from pipeline.records import Coding, Segment
from pipeline.tables import CODING_COLUMNS, read_segments

RESPONDENTS = "respondents.csv"
_RESPONDENT_COLUMNS = ("interview", "respondent", "cluster", "role")


@dataclass(frozen=True, slots=True)
class Respondent:
    """Who speaks in an interview: a pseudonym, and the background that the study records, "" where it does not."""

    name: str
    cluster: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Coded:
    """One code on one segment by one coder, of a model with its score, or of a person."""

    segment_id: str
    code: str
    coder: str
    score: float | None


@dataclass(frozen=True)
class Study:
    """Segments by interview in order of the talk; suggestions of models; how segments stand for each person, and what
    persons wrote as memos. `unread` are, by person and segment that they judged as a whole, the open codes for which
    they did not read it."""

    interviews: Mapping[str, Sequence[Segment]]
    suggestions: Sequence[Coding]
    codebook: Codebook
    definitions: Definitions
    persons: Mapping[str, Mapping[str, Judgement]]
    respondents: Mapping[str, Respondent]
    stale: int
    memos: Sequence[Memo] = ()
    unread: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)

    @property
    def models(self) -> tuple[str, ...]:
        """The versions of models that coded, in order of appearance."""
        return tuple(dict.fromkeys(coding.coder for coding in self.suggestions))

    def codes(self) -> dict[str, Code]:
        """The codes of the codebook by id."""
        return {code.id: code for code in self.codebook.codes}


def read_study(out: Path, codebook: Path) -> Study:
    """Read the output folder of a run. `stale` counts the decisions about fragments that are not in the tables any
    more. Raises CodeboomError."""
    if not (out / "segments.csv").is_file():
        raise CodeboomError(f"{out}: no segments.csv here. Give the folder with the tables that `codeboom run` wrote.")
    interviews: dict[str, list[Segment]] = {}
    for segment in read_segments(out / "segments.csv"):
        interviews.setdefault(segment.interview, []).append(segment)
    known = {segment.segment_id for part in interviews.values() for segment in part}
    suggestions = [coding for coding in read_suggestions(out / "codings.csv") if coding.segment_id in known]
    persons: dict[str, dict[str, Judgement]] = {}
    memos: list[Memo] = []
    later: dict[str, dict[str, list[str]]] = {}
    stale = 0
    read = read_codebook(codebook, out)
    if store_path(out).exists():
        with open_store(out, create=False) as store:
            memos = store.memos()
            opened = open_codes(read, store.first_used())
            for coder in store.coders():
                standing = store.judgements(coder)
                stale += sum(segment_id not in known for segment_id in standing)
                persons[coder] = {name: judgement for name, judgement in standing.items() if name in known}
                done_at = store.done_at(coder)
                later[coder] = {name: unread(opened, done) for name, done in done_at.items() if name in known}
    respondents = _respondents(interviews) | _read_respondents(out / RESPONDENTS, interviews)
    memos = [memo for memo in memos if memo.code or memo.interview in interviews]
    return Study(interviews, suggestions, read, read_definitions(codebook), persons, respondents, stale, memos, later)


def read_suggestions(path: Path) -> Iterator[Coding]:
    """What models suggested, row by row: most rows of the table are what they did not suggest, and there may be
    millions. Raises CodeboomError, naming file and row."""
    again = "Run `codeboom run` again to write it anew."
    number = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream, strict=True)
            if tuple(next(rows, ())) != CODING_COLUMNS:
                raise CodeboomError(f"{path}: row 1: the columns are not {','.join(CODING_COLUMNS)}. {again}")
            for number, row in enumerate(rows, 2):  # noqa: B007 - told when a row is wrong
                segment_id, code, score, suggested, _, coder = row
                if suggested == "True":
                    if not 0 <= float(score) <= 1:  # also refuses NaN
                        raise ValueError("not a probability")
                    # Codes and coders come back in row after row: one string for each.
                    yield Coding(release(segment_id), intern(release(code)), float(score), True, intern(release(coder)))
    except (ValueError, csv.Error) as error:  # also a row with too few cells, and text that is not UTF-8
        raise CodeboomError(f"{path}: row {number}: is not as Codeboom wrote it. {again}") from error
    except OSError as error:
        raise CodeboomError(f"{path}: cannot be read ({error.strerror}). {again}") from error


def coded(study: Study, validated: bool, above: float) -> Iterator[Coded]:
    """Every coding to be shown: what models suggest at or above a score, unless only what persons `validated` is
    wanted, and what persons gave."""
    if not validated:
        for coding in study.suggestions:
            if coding.score >= above:
                yield Coded(coding.segment_id, coding.code, coding.coder, coding.score)
    for coder, standing in study.persons.items():
        for segment_id, judgement in standing.items():
            yield from (Coded(segment_id, code, coder, None) for code, given in judgement.codes.items() if given)


def _respondents(interviews: Mapping[str, Sequence[Segment]]) -> dict[str, Respondent]:
    """The respondents as far as the segments tell: the first that speaks in each interview; none for a document."""
    found: dict[str, Respondent] = {}
    for interview, segments in interviews.items():
        speakers = [s.speaker.strip("[]") for s in segments if s.speaker and s.role == "respondent"]
        if segments and segments[0].role != "document":
            found[interview] = Respondent(speakers[0] if speakers else interview)
    return found


def _read_respondents(path: Path, interviews: Mapping[str, object]) -> dict[str, Respondent]:
    """The table of respondents that a run may have written; nothing when there is none."""
    if not path.is_file():
        return {}
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CodeboomError(f"{path}: cannot be read as a table. Run `codeboom run` again to write it anew.") from error
    if not rows or tuple(rows[0]) != _RESPONDENT_COLUMNS:
        raise CodeboomError(
            f"{path}: row 1: the columns are not {','.join(_RESPONDENT_COLUMNS)}. Run `codeboom run` again."
        )
    found: dict[str, Respondent] = {}
    for number, row in enumerate(rows[1:], 2):
        if row and len(row) != len(_RESPONDENT_COLUMNS):
            raise CodeboomError(f"{path}: row {number}: not 4 cells. Run `codeboom run` again.")
        if row and row[0] in interviews and row[1]:
            interview, name, cluster, role = map(release, row)
            found[interview] = Respondent(name.strip("[]"), cluster, role)
    return found
