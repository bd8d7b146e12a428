"""Who is who in an interview: which speaker label is the interviewer's and which the respondent's.

The register decides where it names them; else it is inferred from the talk and shown to the researcher, who corrects
it in the register. Every decision carries a reason that names no one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.persons.folding import canonical
from pipeline.persons.labels import is_name, parse_label
from pipeline.persons.register import Register, Row
from pipeline.persons.variants import variants
from pipeline.records import Role, Transcript, Utterance

_QUESTION = re.compile(
    r"(?:en |maar |eh+m? |uh+m? |oke |dus )*(?:hoe|wat|wie|waar\w*|wanneer|welke?|kun|kunt|kan|zou|heb|heeft|ben|"
    r"bent|is|zijn|vind|vindt|denk|wil|wilt|mag|zie|ziet|had|was) (?:je|jij|u|jullie|er|dat|de|het|we|ik|voor|\w+)\b"
)
_INTERVIEWER_LABEL = re.compile(
    r"(?:de )?(?:interviewer|interviewster|i|int|q|v|vraag|moderator|onderzoeker)(?: ?\d+)?"
)
_RESPONDENT_LABEL = re.compile(
    r"(?:de )?(?:respondent|geinterviewde|ondervraagde|interviewee|r|resp|a|antwoord|participant)(?: ?\d+)?"
)


@dataclass(frozen=True, slots=True)
class Speaker:
    """One speaker label of one interview: its role, why, and the names by which this person is known (the label
    itself where it is a name, and the register's). `number` counts the labels from 1 in order of speaking; `label`
    is None for talk without a speaker. `given` says that the register decided the role. `reason` names no one."""

    interview: str
    number: int
    label: str | None
    role: Role
    reason: str
    names: tuple[str, ...]
    given: bool = False


@dataclass(frozen=True, slots=True)
class _Talk:
    """What can be counted of one label's talk."""

    turns: int
    words: int
    questions: int
    opens: bool

    @property
    def words_per_turn(self) -> float:
        return self.words / max(self.turns, 1)


def decide_roles(transcripts: Sequence[Transcript], register: Register | None) -> tuple[Speaker, ...]:
    """The speakers of the whole study, interview by interview, in the order in which they first speak.

    All interviews go in at once: a name that speaks in several of them is the interviewer's. Never raises.
    """
    spread: Counter[str] = Counter()
    for transcript in transcripts:
        spread.update({_key(u.speaker) for u in transcript.utterances if u.speaker} - {""})
    speakers: list[Speaker] = []
    for transcript in transcripts:
        row = register.of_interview(transcript.interview) if register else None
        speakers += _in_interview(transcript, row, spread, len(transcripts))
    return tuple(speakers)


def roles(speakers: Sequence[Speaker]) -> dict[tuple[str, str | None], Role]:
    """The role of each (interview, label)."""
    return {(speaker.interview, speaker.label): speaker.role for speaker in speakers}


def _key(label: str | None) -> str:
    name = parse_label(label) if label else None
    return name.full if name else ""


def _in_interview(transcript: Transcript, row: Row | None, spread: Counter[str], studied: int) -> list[Speaker]:
    utterances = transcript.utterances
    labels = list(dict.fromkeys(u.speaker for u in utterances))
    talk = {label: _talk(label, utterances) for label in labels if label is not None}
    decided: dict[str | None, tuple[Role, str, tuple[str, ...], bool]] = {}
    if None in labels:
        timed = any(u.start_ms is not None for u in utterances)
        decided[None] = (
            ("unknown", "the file does not say who speaks", (), False)
            if timed or talk
            else ("document", "a text without speakers or times", (), False)
        )
    open_labels = list(talk)
    for label, role, names in _by_register(open_labels, row):
        decided[label] = (role, f"named as {role} in interviews.csv", names, True)
    for label, role, reason in _inferred(
        [label for label in open_labels if label not in decided],
        {role for role, *_ in decided.values()},
        talk,
        spread,
        studied,
    ):
        decided[label] = (role, reason, _unmatched_names(role, row, decided), False)
    return [
        Speaker(transcript.interview, number, label, role, reason, _names(label, names), given)
        for number, label in enumerate(labels, start=1)
        for role, reason, names, given in [decided[label]]
    ]


def _names(label: str | None, registered: tuple[str, ...]) -> tuple[str, ...]:
    known = (*registered, label) if label else registered
    return tuple(dict.fromkeys(name for name in known if is_name(name)))


def _by_register(labels: list[str], row: Row | None) -> list[tuple[str, Role, tuple[str, ...]]]:
    """Labels that the register names, best matches first; a label or a person is used once."""
    if row is None:
        return []
    people: list[tuple[Role, tuple[str, ...]]] = [("respondent", names) for names in row.respondents]
    people += [("interviewer", names) for names in row.interviewers]
    matches = []
    for label in labels:
        scores = sorted(((_likeness(label, names), -i) for i, (_, names) in enumerate(people)), reverse=True)
        if scores and scores[0][0] > 0 and (len(scores) == 1 or scores[0][0] > scores[1][0]):
            matches.append((scores[0][0], label, -scores[0][1]))
    found = []
    used: set[int] = set()
    for _, label, person in sorted(matches, key=lambda match: -match[0]):
        role, names = people[person]
        if person not in used:
            used.add(person)
            found.append((label, role, names))
        elif any(canonical(label) == canonical(name) for name in names) or _key(label) in map(_key, names):
            found.append((label, role, names))
    return found


def _likeness(label: str, names: tuple[str, ...]) -> int:
    if any(canonical(label) == canonical(name) for name in names):
        return 4
    if _key(label) and _key(label) in map(_key, names):
        return 3
    mine = {variant.pattern: variant.kind for variant in variants(label)}
    shared = [mine[v.pattern] for name in names for v in variants(name) if v.pattern in mine]
    shared = [kind for kind in shared if kind not in ("initials", "genitive")]
    own = parse_label(label)
    if own is None or not shared:
        return 0
    if "full name" in shared or "initials and surname" in shared:
        return 2
    partial = not (own.given and own.surname) or any(
        (n := parse_label(name)) and not (n.given and n.surname) for name in names
    )
    return 1 if partial else 0


def _unmatched_names(
    role: Role, row: Row | None, decided: dict[str | None, tuple[Role, str, tuple[str, ...], bool]]
) -> tuple[str, ...]:
    if row is None or role not in ("respondent", "interviewer") or (role == "respondent" and row.same_as):
        return ()
    used = {names for _, _, names, _ in decided.values()}
    groups = row.respondents if role == "respondent" else row.interviewers
    return next((names for names in groups if names not in used), ())


def _inferred(
    labels: list[str], settled: set[Role], talk: dict[str, _Talk], spread: Counter[str], studied: int
) -> list[tuple[str, Role, str]]:
    found: list[tuple[str, Role, str]] = []
    left = list(labels)
    for label in labels:
        said = canonical(label)
        role: Role = "interviewer" if _INTERVIEWER_LABEL.fullmatch(said) else "respondent"
        if role == "interviewer" or _RESPONDENT_LABEL.fullmatch(said):
            found.append((label, role, "the label itself says so"))
            left.remove(label)
    often = [label for label in left if spread[_key(label)] > 1 and _key(label)]
    often = [label for label in often if not _tells(label, left, talk)]
    if len(often) < len(labels) or "respondent" in settled:
        for label in often:
            reason = f"speaks in {spread[_key(label)]} of {studied} interviews"
            found.append((label, "interviewer", reason))
            left.remove(label)
    taken = settled | {role for _, role, _ in found}
    if "interviewer" not in taken and len(left) + ("respondent" in taken) > 1:
        chosen = max(left, key=lambda label: _interviewer_score(label, left, talk))
        found.append((chosen, "interviewer", _reason(talk[chosen], talk)))
        taken |= {"interviewer"}
        left.remove(chosen)
    if "respondent" not in taken and left:
        chosen = max(left, key=lambda label: talk[label].words)
        if "interviewer" in taken:
            found.append((chosen, "respondent", _reason(talk[chosen], talk)))
        else:
            found.append((chosen, "unknown", "the file has one speaker only, who may stand for two voices"))
        left.remove(chosen)
    found += [(label, "unknown", "a further voice; give its role in interviews.csv") for label in left]
    return found


def _tells(label: str, labels: list[str], talk: dict[str, _Talk]) -> bool:
    """Whether `label` has most of the words, while another who says more than a word or two asks more questions: so
    talks a respondent who is interviewed twice."""
    own = talk[label]
    others = [talk[other] for other in labels if other != label]
    most = all(own.words > other.words for other in others)
    return most and any(other.questions > own.questions and other.words >= 5 for other in others)


def _interviewer_score(label: str, labels: list[str], talk: dict[str, _Talk]) -> tuple[float, bool]:
    own = talk[label]
    others = [talk[other] for other in labels if other != label]
    score = 1.0 * own.opens
    score += 1.5 * all(own.questions > other.questions for other in others)
    score += 1.0 * all(own.words_per_turn < other.words_per_turn for other in others)
    return score - (own.words < 5 and len(labels) > 2), own.opens


def _reason(own: _Talk, talk: dict[str, _Talk]) -> str:
    questions = sum(other.questions for other in talk.values())
    opening = "opens the conversation, " if own.opens else ""
    return f"{opening}asks {own.questions} of {questions} questions, {own.words_per_turn:.0f} words a turn"


def _talk(label: str, utterances: Sequence[Utterance]) -> _Talk:
    own = [u for u in utterances if u.speaker == label]
    speakers = [u.speaker for u in utterances]
    turns = sum(1 for i, speaker in enumerate(speakers) if speaker == label and (i == 0 or speakers[i - 1] != label))
    marked = sum(u.text.count("?") for u in own)
    unmarked = (
        0 if any("?" in u.text for u in utterances) else sum(bool(_QUESTION.match(canonical(u.text))) for u in own)
    )
    return _Talk(turns, sum(len(u.text.split()) for u in own), marked + unmarked, speakers[0] == label)
