"""The main job: a folder of transcripts in, coded tables out. Six plain stages, one after the other:

read > pseudonymise > cut > classify > write > manifest

Behind `pseudonymise` there is no raw text. All tables of a run are made in a folder of their own and moved into place
when all of them are there, the manifest last: a run that is stopped leaves what was there before.
"""

import datetime
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.classifier import Classifier, load, read_description
from pipeline.codebook import Codebook, read_codebook
from pipeline.errors import LeakError, OutputError, TranscriptError
from pipeline.files import sha256
from pipeline.manifest import Manifest, file_hash, folder_hash, read_manifest, write_manifest
from pipeline.outputs import TABLES, intact, move, prepare, read_earlier, staging
from pipeline.persons.keyfile import key_path, load_key, save_key
from pipeline.persons.names import leaks
from pipeline.persons.new_register import interview_ids, is_document, propose_rows, renumber, write_register
from pipeline.persons.people import Person
from pipeline.persons.register import REGISTER_NAME, Register, read_register
from pipeline.pseudonymise import Pseudonymised, pseudonymise
from pipeline.records import Coding, Segment, Transcript
from pipeline.segments import cut
from pipeline.settings import Settings, shipped
from pipeline.tables import write_codings, write_segments
from pipeline.transcripts import read_transcript
from pipeline.workbook import WorkbookReport, build_workbook

Bar = Callable[[str, int], AbstractContextManager[Any]]
"""Given what is done and how many steps it has: a progress bar, whose `update` takes the steps done."""

IGNORED = frozenset("mp4 m4a mp3 wav mov webm avi mkv ogg png jpg jpeg gif ini db lnk csv yaml yml md".split())
"""Endings of what may lie beside transcripts and is none."""


@dataclass(frozen=True)
class Report:
    """What a run did, for the command line to tell. `recoded` are the interviews that were classified anew;
    `unreadable` and `notes` are sentences for the researcher; `workbook` is None when nothing had changed."""

    manifest: Manifest
    recoded: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    workbook: WorkbookReport | None = None
    key: Path | None = None


@dataclass
class _Clock:
    """How long each stage takes, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - start, 3)


def load_classifier(settings: Settings) -> Classifier:
    """The model of the study. Raises ModelError."""
    return load(settings.model, shipped("models") / "encoder-nl")


def reliability(model: Mapping[str, Any]) -> str:
    """What the model's card says of its agreement with a human coder, as a Dutch sentence for the workbook."""
    quality = model.get("quality")
    if not quality:
        return "Van dit model is nog niet gemeten hoe goed het met een mens overeenstemt."
    return (
        "Op interviews die het model niet kende was de overeenstemming met de menselijke codeur gemiddeld "
        f"κ = {quality['mean_kappa']:.2f} per code (0 is toeval, 1 is volledig). Van de fragmenten met een code stond "
        f"in {quality['top3']:.0%} een juiste code bij de eerste drie.".replace("κ = 0.", "κ = 0,")
    )


def find_transcripts(folder: Path) -> list[Path]:
    """The files of a folder that may be transcripts, in order of name; which they are is decided by their content.

    Raises TranscriptError when there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise TranscriptError(f"{folder}: no such folder. Give the folder that holds the transcripts.")
    found = [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name[0] not in ".~" and path.suffix.lower().lstrip(".") not in IGNORED
    ]
    if not found:
        raise TranscriptError(f"{folder}: no transcripts here. Put the .vtt or .docx files of Teams in this folder.")
    return found


def run(folder: Path, out: Path, settings: Settings, progress: Bar) -> Report:
    """Code every interview in `folder` and write the tables to `out`.

    Only what is new or changed is classified again; when nothing is, nothing is written. Raises CodeboomError, with
    earlier results intact. A transcript that cannot be read is named in the report, and the others are coded.
    """
    clock = _Clock()
    files = find_transcripts(folder)
    codebook = read_codebook(settings.codebook)
    model = read_description(settings.model)
    before = read_manifest(out)
    inputs = _inputs_hash(folder, files, settings, codebook)
    if before is not None and before.inputs == inputs and intact(out, before):
        return Report(before)

    prepare(out)
    register = read_register(folder)
    with clock("read"), progress("reading", len(files)) as bar:
        transcripts, ids, unreadable = _read(files, register, bar.update)
    with clock("pseudonymise"), progress("pseudonymising", len(transcripts)) as bar:
        study = settings.study or f"study-{sha256(str(folder.resolve()).encode())[:12]}"
        path = key_path(study, out, settings.key)
        key = load_key(path, study)
        safe, new_key = pseudonymise(transcripts, register, settings.extra_names, key, bar.update)
        if new_key != key:
            save_key(path, study, new_key)
    with clock("cut"):
        segments = {interview: cut(talk, settings) for interview, talk in safe.interviews.items()}
        check_leaks(segments, safe.people)
    notes = [*safe.assignment.changes, *_complete_register(folder, ids, transcripts, safe, register)]
    with clock("classify"):
        coded = {name: _coded_hash(part, codebook, settings) for name, part in segments.items()}
        earlier = read_earlier(out, before)
        codings = {
            name: earlier.codings_of(part) for name, part in segments.items() if earlier.hashes.get(name) == coded[name]
        }
        recoded = tuple(sorted(segments.keys() - codings.keys()))
        new, unknown = _classify({name: segments[name] for name in recoded}, codebook, settings, progress)
        codings |= new
        if unknown:
            notes.append(f"The model does not know {unknown} of the {len(codebook.codes)} codes of the codebook yet.")
    # What could be read before and cannot now keeps its rows: a damaged file must not cost a validated interview.
    for name in ids.values():
        if name not in segments and name in earlier.segments:
            segments[name], coded[name] = earlier.segments[name], earlier.hashes.get(name, "")
            codings[name] = earlier.codings_of(segments[name])
    with clock("write"), staging(out) as stage:
        rows = [segment for name in sorted(segments) for segment in segments[name]]
        found = [coding for name in sorted(segments) for coding in codings[name]]
        write_segments(stage / "segments.csv", rows)
        write_codings(stage / "codings.csv", found)
        workbook = build_workbook(
            stage / "coded.xlsx",
            rows,
            found,
            codebook,
            _respondents(rows),
            out / "coded.xlsx",
            reliability=reliability(model),
            created=datetime.datetime.now(),
        )
        outputs = {name: file_hash(stage / name) for name in TABLES}
        for name in TABLES:
            move(stage / name, out / name)
    manifest = Manifest(
        # A register that was written just now is an input too; after a file that failed, the next run tries again.
        inputs="" if unreadable else _inputs_hash(folder, files, settings, codebook),
        coded=coded,
        outputs=outputs,
        model=model["name"],
        quality=model.get("quality", {}),
        codebook=codebook.sha256,
        settings=settings.model_dump(mode="json", include={"study", "text", "min_words", "max_words"}),
        interviews=_interviews(transcripts, segments, codings),
        counts=_counts(rows, found, safe.replaced),
        timings_s=clock.seconds,
    )
    write_manifest(out, manifest)
    return Report(manifest, recoded, tuple(unreadable), tuple(notes), workbook, path)


def _read(
    files: Sequence[Path], register: Register | None, step: Callable[[int], object]
) -> tuple[list[Transcript], dict[str, str], list[str]]:
    """The transcripts that can be read, the interview id of every file, and what is wrong with the others.

    Raises TranscriptError when none can be read.
    """
    read: dict[str, Transcript] = {}
    unreadable: list[str] = []
    for path in files:
        try:
            read[path.name] = read_transcript(path)
        except TranscriptError as error:
            unreadable.append(str(error))
        step(1)
    if not read:
        raise TranscriptError("\n".join([*unreadable, "No transcript could be read; nothing was changed."]))
    # A file that cannot be read now keeps its number: it may be mended tomorrow.
    ids = interview_ids([path.name for path in files], [n for n, t in read.items() if is_document(t)], register)
    transcripts = [renumber(transcript, ids[name]) for name, transcript in read.items()]
    return sorted(transcripts, key=lambda transcript: transcript.interview), ids, unreadable


def _inputs_hash(folder: Path, files: Sequence[Path], settings: Settings, codebook: Codebook) -> str:
    """One hash over everything that a run depends on."""
    parts = [f"{path.name} {file_hash(path)}" for path in [*files, folder / REGISTER_NAME]]
    parts += [settings.model_dump_json(), codebook.sha256, folder_hash(settings.model)]
    parts += [file_hash(settings.extra_names)] if settings.extra_names else []
    return sha256("\n".join(parts).encode())


def _coded_hash(segments: Sequence[Segment], codebook: Codebook, settings: Settings) -> str:
    """One hash over everything that the codings of an interview depend on."""
    talk = [f"{segment.segment_id}\t{segment.question}\t{segment.text}" for segment in segments]
    return sha256("\n".join([*talk, *codebook.ids, folder_hash(settings.model)]).encode())


def check_leaks(segments: Mapping[str, Sequence[Segment]], people: Sequence[Person]) -> None:
    """Raise LeakError when a known name is in what is about to be written."""
    for interview, part in segments.items():
        texts = dict.fromkeys(text for segment in part for text in (interview, segment.text, segment.question))
        found = sum(leaks(text, people) for text in texts)
        if found:
            raise LeakError(
                f"{interview}: {found} known name(s) would have reached the output, so nothing was written. "
                "Please report this; until it is mended, replace them in the transcript by hand."
            )


def _complete_register(
    folder: Path,
    ids: Mapping[str, str],
    transcripts: Sequence[Transcript],
    safe: Pseudonymised,
    register: Register | None,
) -> list[str]:
    """Add what the register does not list yet, and say who was taken for whom."""
    read = {transcript.interview for transcript in transcripts}
    rows = propose_rows({file: name for file, name in ids.items() if name in read}, safe.speakers, register)
    inferred = [speaker for speaker in safe.speakers if not speaker.given and speaker.label is not None]
    notes = [
        f"{speaker.interview}: {safe.assignment.speaker(speaker.interview, speaker.label)} was taken for the "
        f"{speaker.role} ({speaker.reason})."
        for speaker in inferred
    ]
    if rows:
        try:
            path = write_register(folder, rows, register)
        except OutputError as error:
            return [*notes, str(error)]
        notes.append(f"{path} now lists {len(rows)} more file(s). Check who is who there, correct it, and run again.")
    return notes


def _classify(
    interviews: Mapping[str, Sequence[Segment]], codebook: Codebook, settings: Settings, progress: Bar
) -> tuple[dict[str, list[Coding]], int]:
    """The codings of each interview, and how many codes of the codebook the model does not know."""
    if not interviews:
        return {}, 0
    model = load_classifier(settings)
    segments = [segment for part in interviews.values() for segment in part]
    with progress("classifying", len(segments)) as bar:
        scores = model.probabilities([s.text for s in segments], [s.question for s in segments], bar.update)
    codings: dict[str, list[Coding]] = {name: [] for name in interviews}
    columns = [(model.codes.index(code), code) for code in codebook.ids if code in model.codes]
    for segment, row in zip(segments, scores.tolist(), strict=True):
        codings[segment.interview] += [
            Coding(segment.segment_id, code, row[i], row[i] >= model.thresholds[i], model.name) for i, code in columns
        ]
    return codings, len(codebook.ids) - len(columns)


def _respondents(segments: Sequence[Segment]) -> dict[str, str]:
    """Each interview's respondent, as the workbook calls them."""
    return {s.interview: s.speaker.strip("[]") for s in reversed(segments) if s.speaker and s.role == "respondent"}


def _interviews(
    transcripts: Sequence[Transcript],
    segments: Mapping[str, Sequence[Segment]],
    codings: Mapping[str, Sequence[Coding]],
) -> dict[str, dict[str, Any]]:
    report: dict[str, dict[str, Any]] = {name: {"variant": "kept from an earlier run"} for name in segments}
    for transcript in transcripts:
        report[transcript.interview] = {
            "variant": transcript.variant,
            "seen": transcript.seen,
            "kept": transcript.kept,
            "dropped": transcript.dropped,
            "mended": transcript.notes,
            "utterances": len(transcript.utterances),
        }
    for name, part in segments.items():
        report[name]["segments"] = len(part)
        report[name]["with a suggestion"] = len({c.segment_id for c in codings[name] if c.suggested})
    return dict(sorted(report.items()))


def _counts(segments: Sequence[Segment], codings: Sequence[Coding], replaced: int) -> dict[str, int]:
    suggested = [coding for coding in codings if coding.suggested]
    return {
        "interviews": len({segment.interview for segment in segments}),
        "segments": len(segments),
        "segments with a suggestion": len({coding.segment_id for coding in suggested}),
        "suggestions": len(suggested),
        "names and identifiers replaced": replaced,
    }
