"""What a corpus holds, and what the pipeline makes of it up to its segments: for checking it and for training on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.corpus.gold import (
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
from pipeline.persons.assigning import Key
from pipeline.persons.finder import load_finder
from pipeline.persons.people import listed_names
from pipeline.persons.register import REGISTER_NAME, Register, read_register
from pipeline.pseudonymise import pseudonymise
from pipeline.records import SafeUtterance, Segment, Transcript
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


def prepare(
    transcripts: Sequence[Transcript],
    register: Register | None,
    settings: Settings,
    more_names: Sequence[tuple[str, ...]] = (),
) -> Prepared:
    """Pseudonymise and cut, as a run does, but with a key for this once: no segment's id depends on it."""
    listed = [*listed_names(settings), *more_names]
    safe, _ = pseudonymise(transcripts, register, listed, Key(), load_finder(settings.names_model))
    utterances = [utterance for talk in safe.interviews.values() for utterance in talk]
    segments = [segment for talk in safe.interviews.values() for segment in cut(talk, settings)]
    return Prepared(tuple(utterances), tuple(segments), safe.safe_range)
