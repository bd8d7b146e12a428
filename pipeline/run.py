"""The main job: a folder of transcripts in, coded tables out. Six plain stages, one after the other:

read > pseudonymise > cut > classify > write > manifest

Behind `pseudonymise` there is no raw text. All tables of a run are made in a folder of their own and moved into place
when all of them are there, the manifest last: a run that is stopped leaves what was there before.
"""

import datetime
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.answers import read_agreement, write_agreement
from pipeline.classifier import read_description
from pipeline.codebook import Codebook, read_codebook
from pipeline.coding import Bar, classify, explain_all, load_classifier
from pipeline.files import sha256
from pipeline.intake import complete_register, find_transcripts, read_all
from pipeline.manifest import Manifest, file_hash, folder_hash, read_manifest, write_manifest
from pipeline.outputs import TABLES, intact, move, prepare, read_earlier, staging
from pipeline.persons.finder import load_finder
from pipeline.persons.keyfile import key_path, load_key, save_key
from pipeline.persons.leakcheck import check_leaks
from pipeline.persons.people import listed_names
from pipeline.persons.register import REGISTER_NAME, Register, read_register
from pipeline.persons.terms import read_terms
from pipeline.pseudonymise import pseudonymise
from pipeline.records import Coding, Segment, Transcript
from pipeline.retraining.versions import keep_earlier, segments_learnt, with_model_in_use
from pipeline.segments import cut
from pipeline.settings import Settings, study_id
from pipeline.tables import write_codings, write_respondents, write_segments
from pipeline.why import write_why
from pipeline.workbook import WorkbookReport, build_workbook


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


def run(folder: Path, out: Path, settings: Settings, progress: Bar) -> Report:
    """Code every interview in `folder` and write the tables to `out`.

    Only what is new or changed is classified again; when nothing is, nothing is written. Raises CodeboomError, with
    earlier results intact. A transcript that cannot be read is named in the report, and the others are coded.
    """
    clock = _Clock()
    files = find_transcripts(folder)
    codebook = read_codebook(settings.codebook, out)
    study = study_id(settings, folder)
    settings = with_model_in_use(settings, study, out)
    model = read_description(settings.model)
    expected = read_agreement(model.get("agreement", {}))
    agreement = {code: expected[code] for code in codebook.ids if code in expected}
    before = read_manifest(out)
    model_hash = folder_hash(settings.model)
    path = key_path(study, out, settings.key)
    key = load_key(path, study)
    ruled = sha256(repr(key.rulings).encode())
    inputs = _inputs_hash(folder, files, settings, codebook, model_hash, ruled)
    if before is not None and before.inputs == inputs and intact(out, before):
        return Report(before)

    prepare(out)
    register = read_register(folder)
    with clock("read"), progress("reading", len(files)) as bar:
        used = {interview for entry in key.entries for interview in entry.respondent_of}
        transcripts, ids, unreadable = read_all(files, register, used, bar.update)
    with clock("pseudonymise"), progress("pseudonymising", len(transcripts)) as bar:
        finder = load_finder(settings.names_model)
        terms = read_terms(settings.extra_terms) if settings.extra_terms else ()
        invented = settings.pseudonyms == "invented"
        listed = listed_names(settings)
        safe, new_key = pseudonymise(transcripts, register, listed, key, finder, terms, invented, bar.update)
        if new_key != key:
            save_key(path, study, new_key)
    with clock("cut"):
        segments = {interview: cut(talk, settings) for interview, talk in safe.interviews.items()}
    notes = list(safe.assignment.changes)
    with clock("classify"):
        coded = {name: _coded_hash(part, codebook, model_hash) for name, part in segments.items()}
        earlier = read_earlier(out, before)
        codings = {
            name: earlier.codings_of(part) for name, part in segments.items() if earlier.hashes.get(name) == coded[name]
        }
        recoded = tuple(sorted(segments.keys() - codings.keys()))
        classifier = load_classifier(settings) if recoded else None
        codings |= classify({name: segments[name] for name in recoded}, codebook, classifier, progress)
        learnt = segments_learnt(settings.model)
        for name in recoded:
            codings[name] = keep_earlier(learnt, codings[name], earlier.codings_of(segments[name]))
        if unknown := len(set(codebook.ids) - set(model["codes"])):
            notes.append(
                f"The model does not know {unknown} of the {len(codebook.codes)} codes of the codebook yet. "
                "Retraining teaches it those from their definitions and examples."
            )
        if low := [code.rsplit("/", 1)[-1] for code, found in agreement.items() if found.word == "laag"]:
            notes.append(f"The model agrees poorly with a human coder (kappa below .4) on: {', '.join(low)}.")
    # What could be read before and cannot now keeps its rows: a damaged file must not cost a validated interview.
    for name in ids.values():
        if name not in segments and name in earlier.segments:
            segments[name], coded[name] = earlier.segments[name], earlier.hashes.get(name, "")
            codings[name] = earlier.codings_of(segments[name])
    notes += [f"{name}: nothing to code: nobody but an interviewer speaks." for name in segments if not segments[name]]
    look_again = _look_again(before, codebook, segments)
    if look_again:
        notes.append(
            f"{', '.join(look_again)}: to be looked at again, for open codes that were added since: "
            f"{', '.join(sorted({code for codes in look_again.values() for code in codes}))}."
        )
    notes += complete_register(folder, ids, transcripts, safe, register)
    with clock("write"), staging(out) as stage:
        rows = [segment for name in sorted(segments) for segment in segments[name]]
        found = [coding for name in sorted(segments) for coding in codings[name]]
        write_segments(stage / "segments.csv", rows)
        write_codings(stage / "codings.csv", found)
        write_why(stage / "why.json", explain_all(out if before else None, segments, codings, recoded, classifier))
        write_respondents(stage / "respondents.csv", _attributes(_respondents(rows), register))
        workbook = build_workbook(
            stage / "coded.xlsx",
            rows,
            found,
            codebook,
            _respondents(rows),
            out / "coded.xlsx",
            reliability=reliability(model),
            agreement=agreement,
            created=datetime.datetime.now(),
        )
        check_leaks([stage / name for name in sorted(TABLES, reverse=True)], safe.confirmed)
        outputs = {name: file_hash(stage / name) for name in TABLES}
        for name in TABLES:
            move(stage / name, out / name)
    manifest = Manifest(
        # A register that was written just now is an input too; after a file that failed, the next run tries again.
        inputs="" if unreadable else _inputs_hash(folder, files, settings, codebook, model_hash, ruled),
        coded=coded,
        outputs=outputs,
        model=model["name"],
        quality=model.get("quality", {}) if unknown < len(codebook.ids) else {},
        agreement=write_agreement(agreement),
        codebook=codebook.sha256,
        codes=list(codebook.ids),
        look_again=look_again,
        settings=settings.model_dump(mode="json", include={"text", "min_words", "max_words"}) | {"study": study},
        interviews=_interviews(transcripts, segments, codings),
        counts=_counts(rows, found, safe.replaced),
        timings_s=clock.seconds,
    )
    write_manifest(out, manifest)
    return Report(manifest, recoded, tuple(unreadable), tuple(notes), workbook, path)


def _inputs_hash(
    folder: Path, files: Sequence[Path], settings: Settings, codebook: Codebook, model_hash: str, ruled: str
) -> str:
    """One hash over everything that a run depends on."""
    parts = [f"{path.name} {file_hash(path)}" for path in [*files, folder / REGISTER_NAME]]
    parts += [settings.model_dump_json(), codebook.sha256, model_hash, ruled, folder_hash(settings.names_model)]
    parts += [file_hash(path) for path in (settings.extra_names, settings.extra_terms) if path]
    return sha256("\n".join(parts).encode())


def _coded_hash(segments: Sequence[Segment], codebook: Codebook, model_hash: str) -> str:
    """One hash over everything that the codings of an interview depend on."""
    talk = [f"{segment.segment_id}\t{segment.question}\t{segment.text}" for segment in segments]
    return sha256("\n".join([*talk, *codebook.ids, model_hash]).encode())


def _look_again(before: Manifest | None, codebook: Codebook, interviews: Iterable[str]) -> dict[str, list[str]]:
    """Which open codes each interview has not been read for: those added after it was first coded."""
    if before is None:
        return {}
    opened = [code.id for code in codebook.codes if code.origin == "open"]
    marked = {
        name: [code for code in opened if code not in before.codes or code in before.look_again.get(name, [])]
        for name in sorted(interviews)
        if name in before.coded
    }
    return {name: codes for name, codes in marked.items() if codes}


def _respondents(segments: Sequence[Segment]) -> dict[str, str]:
    """Each interview's respondent, as the workbook calls them."""
    return {s.interview: s.speaker.strip("[]") for s in reversed(segments) if s.speaker and s.role == "respondent"}


def _attributes(respondents: Mapping[str, str], register: Register | None) -> Iterator[tuple[str, str, str, str]]:
    """Each interview with its respondent's pseudonym, cluster and role."""
    for interview, respondent in respondents.items():
        row = register.of_interview(interview) if register else None
        yield interview, respondent, row.cluster if row else "", row.function if row else ""


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
