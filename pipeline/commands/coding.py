"""The commands that read transcripts and code them: run, parse, classify."""

import argparse
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.shared import Add, add_model, progress, refuse_overwrite, settings_of

if TYPE_CHECKING:
    from pipeline.run import Report


def register(add: Add) -> None:
    """Add the commands of this module."""
    run = add("run", _run, "code a folder of transcripts: pseudonymise, cut, classify, write tables")
    run.add_argument("interviews", type=Path, help="the folder with the transcripts")
    run.add_argument("--out", type=Path, default=Path("output"), help="the folder for the tables (default: output)")
    run.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    add_model(run)

    parse = add("parse", _parse, "read transcripts of any variant and write one JSON object an utterance")
    parse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parse.add_argument("--out", type=Path, required=True, help="the JSONL file to write; holds real names")

    classify = add("classify", _classify, "score any table with columns id, text (and question) on every code")
    classify.add_argument("table", type=Path, metavar="TABLE.csv")
    classify.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    classify.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    add_model(classify)


def _run(options: argparse.Namespace) -> int:
    from pipeline.run import run

    refuse_overwrite(options.out, options.interviews)
    report = run(options.interviews, options.out, settings_of(options), progress)
    _summarise(report, options.out)
    return 1 if report.unreadable else 0


def _summarise(report: "Report", out: Path) -> None:
    from pipeline.persons.keyfile import describe

    for problem in report.unreadable:
        print(f"codeboom: {problem}", file=sys.stderr)
    for note in report.notes:
        print(note)
    counts = report.manifest.counts
    segments, suggested = counts["segments"], counts["segments with a suggestion"]
    if report.workbook is None:
        print("Nothing has changed since the last run; nothing was done.")
    else:
        for name, row in report.manifest.interviews.items():
            again = "coded" if name in report.recoded else "as before"
            dropped = ", ".join(f"{n} {reason}" for reason, n in row.get("dropped", {}).items())
            print(
                f"  {name}  {row['variant']}, {row['segments']} segments, {again}"
                + (f" (dropped: {dropped})" * bool(dropped))
            )
        print(f"Replaced {counts['names and identifiers replaced']} names and identifiers in the talk.")
        if report.key is not None:
            print(describe(report.key))
    share = suggested / segments if segments else 0
    print(f"{counts['interviews']} interviews, {segments} segments, {suggested} ({share:.0%}) with a suggestion.")
    quality = report.manifest.quality
    if quality:
        print(
            f"Model {report.manifest.model}: on interviews that it did not know it agreed with a human coder at a mean "
            f"kappa of {quality['mean_kappa']:.2f} per code. Its suggestions are a proposal; you decide."
        )
    if report.workbook is not None and report.workbook.carried:
        print(f"What you had filled in was carried over: {report.workbook.carried} cells.")
    if report.workbook is not None and report.workbook.aside:
        print(f"{report.workbook.kept_aside} cells found no place any more; they are in {report.workbook.aside}.")
    print(f"Next: open {out / 'coded.xlsx'} and validate the suggestions (sheet Valideren).")


def _parse(options: argparse.Namespace) -> int:
    import json
    from dataclasses import asdict

    from pipeline.errors import TranscriptError
    from pipeline.files import write_atomic
    from pipeline.transcripts import read_transcript

    refuse_overwrite(options.out, *options.files)
    lines: list[str] = []
    bad = 0
    with progress("reading", len(options.files)) as bar:
        for path in options.files:
            try:
                transcript = read_transcript(path)
            except TranscriptError as error:
                bad += 1
                print(f"codeboom: {error}", file=sys.stderr)
                continue
            finally:
                bar.update(1)
            lines += [json.dumps(asdict(utterance), ensure_ascii=False) for utterance in transcript.utterances]
            reasons = [f"{n} {reason}" for reason, n in {**transcript.dropped, **transcript.notes}.items()]
            print(
                f"{path.name}: {transcript.variant}; {transcript.seen} seen, {transcript.kept} kept in "
                f"{len(transcript.utterances)} utterances" + (f" ({'; '.join(reasons)})" if reasons else ""),
                file=sys.stderr,
            )
    if bad == len(options.files):
        return 2
    write_atomic(options.out, "".join(line + "\n" for line in lines).encode())
    return 1 if bad else 0


def _classify(options: argparse.Namespace) -> int:
    from pipeline.codebook import read_codebook
    from pipeline.coding import load_classifier, scored
    from pipeline.retraining.versions import with_model_in_use
    from pipeline.tables import read_table, write_classified

    refuse_overwrite(options.out, options.table)
    settings = settings_of(options)
    if settings.study:  # the model that this study retrained, where it has one
        settings = with_model_in_use(settings, settings.study, options.out)
    wanted = set(read_codebook(settings.codebook).ids)
    rows = read_table(options.table)
    model = load_classifier(settings)
    with progress("classifying", len(rows)) as bar:
        codes = [code for code in model.codes if code in wanted]
        found = scored(model, [(row.id, row.text, row.question) for row in rows], codes, bar.update)
    write_classified(options.out, chain.from_iterable(found))
    print(f"Scored {len(rows)} rows on {len(codes)} codes with {model.name}: {options.out}")
    return 0
