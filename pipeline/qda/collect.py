"""What a project of another program says of our segments: which coder gave which code, and what could not be placed."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from pipeline.qda.codes import Known
from pipeline.qda.match import Interviews, Placed, hits
from pipeline.qda.positions import Read
from pipeline.qda.read import RawProject
from pipeline.qda.records import Selection, TextSource, guid
from pipeline.qda.verdicts import Verdicts, is_verdicts, parse_verdicts

NO_TEXT = "the text is none of these interviews"
NO_SEGMENT = "outside what respondents say"
NO_CODER = "no coder known"
NEW_CODE = "the code is not in the codebook"
WHOLE = "on a text as a whole"


_SCORES = re.compile(r"[^;]* [01],\d\d(?:; [^;]* [01],\d\d)*")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A coding that no segment got, and why. `document` counts the texts of the project from 1; `interview` is "" for
    a text that is none of ours. The passage itself is not kept: a foreign text may hold names."""

    document: int
    interview: str
    start: int
    end: int
    coder: str
    code: str
    reason: str


@dataclass(slots=True)
class Said:
    """What a project says: codes and remarks by (coder, segment id), memos of ours, and what was counted.

    `placed` are the segments that were found in its texts; `by_model` the codings on a model's name, by segment."""

    given: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    remarks: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    verdicts: dict[tuple[str, str], Verdicts] = field(default_factory=dict)
    by_model: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    placed: set[str] = field(default_factory=set)
    recognised: dict[int, str] = field(default_factory=dict)
    new_codes: Counter[str] = field(default_factory=Counter)
    exact: int = 0
    overlapping: int = 0


@dataclass(frozen=True, slots=True)
class Users:
    """Whose name is behind a GUID, which names are models', and who codes where the project does not say."""

    names: Mapping[str, str]
    models: frozenset[str]
    otherwise: str = ""

    def coder(self, user: str) -> str:
        """The coder behind a GUID; "" when nobody is known."""
        return self.names.get(user) or self.otherwise

    def coder_of(self, selection: Selection) -> str:
        """Who made a selection. Some programs put everything on the name of who opened the project: the comment that
        an export of ours gives a model's selection tells that it is the model's."""
        told = selection.description.partition(": ")
        return told[0] if told[0] in self.models and _SCORES.fullmatch(told[2]) else self.coder(selection.user)

    def is_model(self, name: str) -> bool:
        """Whether a coder is a version of one of the models."""
        return name in self.models or name.rpartition(" ")[0] in {model.rpartition(" ")[0] for model in self.models} - {
            ""
        }


def collect(
    project: RawProject, read: Read, ours: Interviews, codes: Mapping[str, Known], users: Users, ids: Mapping[str, str]
) -> Said:
    """What `project`, whose positions were `read`, says of our segments. `ids` gives the interview by the GUID that
    its text has in an export of ours."""
    said = Said()
    for number, source in enumerate(read.sources, 1):
        interview = None
        if source.selections or source.whole:
            interview = ours.recognise(source.text, ids.get(source.guid))
        placed = ours.place(interview, source.text) if interview else []
        if interview:
            said.recognised[number] = interview
            said.placed.update(there.segment_id for there in placed)
        _source(said, number, source, interview or "", placed, project, codes, users)
    for note in project.notes.values():
        if is_verdicts(note.name):
            coder = users.coder(note.user)
            for segment_id, verdicts in parse_verdicts(note.text).items():
                if coder and not users.is_model(coder):
                    said.verdicts[coder, segment_id] = verdicts
    return said


def _source(
    said: Said,
    number: int,
    source: TextSource,
    interview: str,
    placed: list[Placed],
    project: RawProject,
    codes: Mapping[str, Known],
    users: Users,
) -> None:
    starts = [there.start for there in placed]

    def leave(selection: Selection | None, code: str, why: str) -> None:
        start, end = (selection.start, selection.end) if selection else (0, 0)
        coder = users.coder_of(selection) if selection else ""
        said.unplaced.append(Unplaced(number, interview, start, end, coder, code, why))

    for code in source.whole:
        if code in codes:
            leave(None, codes[code].path, WHOLE)
    for selection in source.selections:
        coder = users.coder_of(selection)
        found = hits(selection, placed, starts, source.text)
        if users.is_model(coder) and not found:
            continue  # what a model said of another text is nobody's work
        reason = "" if found and coder else NO_CODER if found else NO_SEGMENT if interview else NO_TEXT
        for code in selection.codes:
            if code not in codes:
                continue  # the code is a case: it says who speaks
            known = codes[code]
            if known.id is None:
                said.new_codes[known.path] += 1
            if reason or known.id is None:
                leave(selection, known.path, reason or NEW_CODE)
                continue
            where = said.by_model if users.is_model(coder) else said.given
            for hit in found:
                where.setdefault((coder, hit.segment_id), {})[known.id] = None
            if where is said.given:
                said.exact += len(found) == 1 and found[0].exact
                said.overlapping += not (len(found) == 1 and found[0].exact)
        if reason or users.is_model(coder):
            continue
        told = [selection.description, *(project.notes[note].text.strip() for note in selection.notes)]
        for remark in dict.fromkeys(text for text in told if text):
            said.remarks.setdefault((coder, found[0].segment_id), {})[remark] = None


def users_of(project: RawProject, models: Collection[str], otherwise: str) -> Users:
    """The users of a project. A model is who has the name of one of `models` or of another version of it, or the GUID
    that an export of ours gives a model."""
    bases = {model.rpartition(" ")[0] for model in models} - {""}
    found = {
        user.name
        for user in project.users
        if user.name in models or user.name.rpartition(" ")[0] in bases or user.guid == guid("model", user.name)
    }
    names = {user.guid: user.name for user in project.users if user.name}
    return Users(names, frozenset(found | set(models)), otherwise)
