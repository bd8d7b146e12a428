"""The command line: the one room that prints and exits.

Exit codes: 0 done; 1 done, but some input could not be read (it is named); 2 nothing was done, and why; 3 a known
name would have reached the output; 130 stopped by the user. Heavy imports stand inside the commands, so that
`codeboom --help` answers at once.
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline import __version__
from pipeline.errors import CodeboomError, LeakError

if TYPE_CHECKING:
    from pipeline.run import Report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")  # a Windows console is not UTF-8 by itself
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except CodeboomError as error:
        print(f"codeboom: {error}", file=sys.stderr)
        return 3 if isinstance(error, LeakError) else 2
    except KeyboardInterrupt:
        print("\ncodeboom: stopped. Nothing is half-written; run again to finish.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, MemoryError) as error:
        # A full disk, a folder that went away. The text of an OSError holds a path and never transcript text.
        reason = getattr(error, "strerror", None) or type(error).__name__
        where = getattr(error, "filename", None)
        print(f"codeboom: {f'{where}: ' if where else ''}{reason}. Nothing is half-written.", file=sys.stderr)
        return 2

    except Exception as error:  # the text of an unforeseen error could hold talk or a name: only its kind is told
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        print(f"codeboom: unforeseen {type(error).__name__} in {where}. Please report this line.", file=sys.stderr)
        return 2


def _other_file(out: Path, *inputs: Path) -> None:
    """Refuse to write over what is read."""
    if any(out.resolve() == path.resolve() for path in inputs):
        raise CodeboomError(f"{out}: would be written over what is read. Give another --out.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="codeboom",
        description="Codes interview transcripts into an a priori codebook, on this computer, offline.",
        epilog="Start with: codeboom run FOLDER. Everything stays on this computer.",
    )
    parser.add_argument("--version", action="version", version=f"codeboom {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], about: str, to: Any = commands) -> Any:
        command = to.add_parser(name, help=about, description=about[:1].upper() + about[1:] + ".")
        command.set_defaults(command=run)
        return command

    run = add("run", _run, "code a folder of transcripts: pseudonymise, cut, classify, write tables")
    run.add_argument("interviews", type=Path, help="the folder with the transcripts")
    run.add_argument("--out", type=Path, default=Path("output"), help="the folder for the tables (default: output)")
    run.add_argument("--study", type=Path, help="the study's settings, a YAML file")

    parse = add("parse", _parse, "read transcripts of any variant and write one JSON object an utterance")
    parse.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parse.add_argument("--out", type=Path, required=True, help="the JSONL file to write; holds real names")

    classify = add("classify", _classify, "score any table with columns id, text (and question) on every code")
    classify.add_argument("table", type=Path, metavar="TABLE.csv")
    classify.add_argument("--out", type=Path, required=True, help="the CSV file to write")
    classify.add_argument("--study", type=Path, help="the study's settings, a YAML file")

    book = add("codebook", _codebook_check, "check the codebook").add_subparsers(required=True, metavar="check")
    check = add("check", _codebook_check, "read the codebook strictly and say everything that is wrong", book)
    check.add_argument("folder", nargs="?", type=Path, help="the folder with the YAML files")

    names = add("names", _names, "find the names of persons in any text, with the trained name finder")
    names.add_argument("file", type=Path, metavar="FILE.jsonl", help='one {"id", "text"} a line')
    names.add_argument("--out", type=Path, required=True, help='one {"id", "spans": [[start, end, "PER"], ...]} a line')

    corpus = add("corpus", _corpus_check, "check the sample corpus").add_subparsers(required=True, metavar="check")
    corpus_check = add("check", _corpus_check, "prove that every gold span is found, and count", corpus)
    corpus_check.add_argument("folder", nargs="?", type=Path, help="the corpus (default: data/sample)")
    return parser


def _progress(what: str, total: int) -> AbstractContextManager[Any]:
    """A progress bar on a terminal; nothing in CI or a pipe."""
    from tqdm import tqdm

    return tqdm(total=total, desc=what, disable=None if not os.environ.get("CI") else True, leave=False)


def _run(options: argparse.Namespace) -> int:
    from pipeline.run import run
    from pipeline.settings import read_settings

    _other_file(options.out, options.interviews)
    report = run(options.interviews, options.out, read_settings(options.study), _progress)
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

    _other_file(options.out, *options.files)
    lines: list[str] = []
    bad = 0
    with _progress("reading", len(options.files)) as bar:
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
    from pipeline.records import Coding
    from pipeline.run import load_classifier
    from pipeline.settings import read_settings
    from pipeline.tables import read_table, write_classified

    _other_file(options.out, options.table)
    settings = read_settings(options.study)
    wanted = set(read_codebook(settings.codebook).ids)
    rows = read_table(options.table)
    model = load_classifier(settings)
    with _progress("classifying", len(rows)) as bar:
        scores = model.probabilities([row.text for row in rows], [row.question for row in rows], bar.update)
    codings = (
        Coding(row.id, code, score, score >= threshold, model.name)
        for row, line in zip(rows, scores.tolist(), strict=True)
        for code, score, threshold in zip(model.codes, line, model.thresholds.tolist(), strict=True)
        if code in wanted
    )
    write_classified(options.out, codings)
    print(f"Scored {len(rows)} rows on {len(wanted & set(model.codes))} codes with {model.name}: {options.out}")
    return 0


def _names(options: argparse.Namespace) -> int:
    import json

    from pipeline.files import write_atomic
    from pipeline.persons.finder import load_finder
    from pipeline.settings import shipped

    _other_file(options.out, options.file)
    try:
        rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
        ids, texts = [row["id"] for row in rows], [str(row["text"]) for row in rows]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CodeboomError(f'{options.file}: expected one {{"id": ..., "text": ...}} a line, in UTF-8.') from error
    found = load_finder(shipped("models") / "names-nl").find_all(texts)
    lines = [
        json.dumps({"id": id_, "spans": [[span.start, span.end, "PER"] for span in spans]}, ensure_ascii=False)
        for id_, spans in zip(ids, found, strict=True)
    ]
    write_atomic(options.out, "".join(line + "\n" for line in lines).encode())
    return 0


def _codebook_check(options: argparse.Namespace) -> int:
    from pipeline.codebook import read_codebook
    from pipeline.settings import Settings

    codebook = read_codebook(options.folder or Settings().codebook)
    variables = {code.variable for code in codebook.codes}
    dimensions = {(code.variable, code.dimension) for code in codebook.codes}
    print(
        f"The codebook is sound: {len(variables)} variables, {len(dimensions)} dimensions, {len(codebook.codes)} codes."
    )
    return 0


def _corpus_check(options: argparse.Namespace) -> int:
    from pipeline.corpus.check import check
    from pipeline.settings import ROOT

    report = check(options.folder or ROOT / "data" / "sample")
    for line in report.lines():
        print(line)
    return 0 if report.sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
