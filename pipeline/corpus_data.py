"""What a corpus holds, and what the pipeline makes of it up to its segments: for checking it and for training on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.assigning import Key, assign
from pipeline.gold import (
    GOLD,
    CorpusError,
    GoldName,
    GoldSpan,
    ToSafe,
    gold_codings,
    read_gold_codings,
    read_names,
    read_persons,
    read_spans,
)
from pipeline.names import find_names, study_finders
from pipeline.participants import decide_roles, roles
from pipeline.people import known_people
from pipeline.people import read_names as read_extra_names
from pipeline.pseudonyms import redact, safe_range
from pipeline.records import SafeUtterance, Segment, Span, Transcript
from pipeline.register import REGISTER_NAME, Register, read_register
from pipeline.segments import cut
from pipeline.settings import Settings, read_settings
from pipeline.transcripts import read_transcript


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a corpus holds. `documents` are the ids of the transcripts that nobody speaks; `codings` are the gold
    codings of segments, as written when the corpus was made."""

    transcripts: tuple[Transcript, ...]
    documents: frozenset[str]
    spans: tuple[GoldSpan, ...]
    names: tuple[GoldName, ...]
    persons: Mapping[str, str]
    codings: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the pipeline makes of a corpus: safe utterances, segments, and where raw characters went."""

    utterances: tuple[SafeUtterance, ...]
    segments: tuple[Segment, ...]
    to_safe: ToSafe

    def codings(self, spans: Sequence[GoldSpan]) -> list[tuple[str, str, str]]:
        """(segment_id, code, coder) for the spans of all coders, the gold first. Raises CorpusError."""
        coders = sorted({span.coder for span in spans}, key=lambda coder: (coder != GOLD, coder))
        return [
            (segment_id, code, coder)
            for coder in coders
            for segment_id, code in gold_codings(
                [span for span in spans if span.coder == coder], self.segments, self.utterances, self.to_safe
            )
        ]


def read_corpus(folder: Path) -> Corpus:
    """Read the corpus in `folder`: transcripts and gold. Raises CodeboomError."""
    register = read_register(folder / "interviews")
    if register is None:
        raise CorpusError(f"{folder}: there is no interviews/{REGISTER_NAME}. Make it with data/sample/build.py.")
    gold = folder / "gold"
    return Corpus(
        transcripts=tuple(read_transcript(register.path.parent / row.file, row.interview) for row in register.rows),
        documents=frozenset(row.interview for row in register.rows if not row.respondent_name),
        spans=tuple(read_spans(gold / "spans.csv")),
        names=tuple(read_names(gold / "names.csv")),
        persons=read_persons(gold / "persons.csv"),
        codings=frozenset(read_gold_codings(gold / "codings.csv")),
    )


def study_settings(folder: Path) -> Settings:
    """The settings of the corpus in `folder`, its `study.yaml`; the defaults without one. Raises SettingsError."""
    path = folder / "study.yaml"
    return read_settings(path if path.is_file() else None)


def prepare(transcripts: Sequence[Transcript], register: Register | None, settings: Settings) -> Prepared:
    """Pseudonymise and cut, as a run does, but with a key for this once: no segment's id depends on it."""
    speakers = decide_roles(transcripts, register)
    role = roles(speakers)
    people = known_people(speakers, register, read_extra_names(settings.extra_names) if settings.extra_names else ())
    spans: dict[tuple[str, int], tuple[Span, ...]] = {}
    for transcript in transcripts:
        finders = study_finders(people.persons, transcript.interview)
        for utterance in transcript.utterances:
            spans[transcript.interview, utterance.number] = find_names(utterance.text, finders)
    assignment, _ = assign(people, [span.person for found in spans.values() for span in found], Key())
    utterances: list[SafeUtterance] = []
    segments: list[Segment] = []
    for transcript in transcripts:
        safe = [
            redact(u, spans[u.interview, u.number], role[u.interview, u.speaker], assignment)
            for u in transcript.utterances
        ]
        utterances += safe
        segments += cut(safe, settings)

    def to_safe(interview: str, utterance: int, start: int, end: int) -> tuple[int, int]:
        return safe_range(spans.get((interview, utterance), ()), assignment, start, end)

    return Prepared(tuple(utterances), tuple(segments), to_safe)
