"""The commands for other programs: export, import, export-codebook, import-codebook."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.shared import Add, refuse_overwrite, score
from pipeline.errors import CodeboomError

if TYPE_CHECKING:
    from pipeline.qda.importing import Imported
    from pipeline.qda.study import Study
    from pipeline.settings import Settings

_PROGRAMS = "ATLAS.ti, NVivo, MAXQDA or QualCoder"


def register(add: Add) -> None:
    """Add the commands of this module."""
    out = add("export", _export, f"write the codings for {_PROGRAMS} (.qdpx), as tables (.xlsx) or as quotes (.docx)")
    out.add_argument("out", type=Path, metavar="OUT", help="the folder with the tables of a run")
    out.add_argument("file", type=Path, metavar="FILE", help="what to write: .qdpx, .xlsx or .docx")
    out.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    out.add_argument("--validated", action="store_true", help="only what persons decided, nothing of the model")
    out.add_argument("--above", type=score, default=0.0, metavar="SCORE", help="only suggestions from this score (0-1)")
    out.add_argument("--flat", action="store_true", help="all codes on one level, for ATLAS.ti")
    out.add_argument("--crlf", action="store_true", help="line ends of Windows, counted as two characters")

    take = add("import", _import, f"take what was coded in {_PROGRAMS} to the store of decisions")
    take.add_argument("file", type=Path, metavar="FILE.qdpx", help="the project that the other program exported")
    take.add_argument("--out", type=Path, default=Path("output"), help="the folder with the tables (default: output)")
    take.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    take.add_argument("--coder", default="", metavar="NAME", help="who coded, where the project does not say")
    take.add_argument(
        "--corrected-by",
        default="",
        metavar="NAME",
        help="NAME corrected the model's codings in place: those left are accepted, those taken away are refused",
    )
    take.add_argument(
        "--above", type=score, default=0.0, metavar="SCORE", help="with --corrected-by: the --above of the export"
    )
    take.add_argument("--withdraw", action="store_true", help="take back codes that a coder has taken away there")
    take.add_argument("--own", action="store_true", help="all is the work of who it is named after, not the model's")
    take.add_argument(
        "--reading", default="", metavar="HOW", help="how the program counts positions, such as utf16,newline2"
    )
    take.add_argument(
        "--as-training",
        type=Path,
        metavar="TABLE.csv",
        help="a project that Codeboom never made: write it as a table to train on, and leave the store alone",
    )

    book = add("export-codebook", _export_codebook, f"write the codebook for {_PROGRAMS} (.qdc)")
    book.add_argument("file", type=Path, metavar="FILE.qdc", help="the file to write")
    book.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    book.add_argument("--out", type=Path, help="the folder with decisions, to take open codes from there too")
    book.add_argument("--flat", action="store_true", help="all codes on one level, for ATLAS.ti")

    back = add("import-codebook", _import_codebook, f"make a codebook of one of {_PROGRAMS} (.qdc)")
    back.add_argument("file", type=Path, metavar="FILE.qdc", help="the codebook that the other program exported")
    back.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder for the YAML files")


def _export(options: argparse.Namespace) -> int:
    from pipeline.qda.study import read_study
    from pipeline.settings import read_settings

    kind = options.file.suffix.lower()
    if kind not in (".qdpx", ".xlsx", ".docx"):
        raise CodeboomError(f"{options.file}: give a name that ends in .qdpx, .xlsx or .docx.")
    if options.file.resolve() in {(options.out / name).resolve() for name in ("coded.xlsx", "segments.csv")}:
        raise CodeboomError(f"{options.file}: is a table of the run itself. Give another name.")
    settings = read_settings(options.study)
    study = read_study(options.out, settings.codebook)
    if options.validated and not study.persons:
        raise CodeboomError(f"{options.out}: nobody decided anything yet, so --validated leaves nothing to export.")
    _refuse_names(study, settings, options.out)
    name = settings.study or "Codeboom"
    for note in _foreign_codes(study.codebook.ids, [coding.code for coding in study.suggestions]):
        print(note)
    if kind == ".qdpx":
        _write_project(options, study, name)
        return 0
    from pipeline.qda.quotes import quotes

    rows = quotes(study, options.validated, options.above)
    if kind == ".xlsx":
        from pipeline.qda.table import write_tables

        write_tables(options.file, study, rows)
    else:
        from pipeline.qda.document import write_quotes

        write_quotes(options.file, study, rows, name)
    print(f"{len(rows)} quotations: {options.file}")
    return 0


def _refuse_names(study: "Study", settings: "Settings", out: Path) -> None:
    """Raise LeakError when a coder wrote a name that the study's key knows; tables without a run's record have none."""
    from pipeline.manifest import NAME
    from pipeline.persons.keyfile import key_path, load_key
    from pipeline.persons.leakcheck import check_written, named_in
    from pipeline.persons.people import listed_names
    from pipeline.retraining.versions import study_of

    written = [(memo.code or memo.interview, memo.text) for memo in study.memos]
    for judged in study.persons.values():
        written += [(segment_id, judgement.remark) for segment_id, judgement in judged.items() if judgement.remark]
    if written and (out / NAME).is_file():
        name = study_of(settings, out)
        path = key_path(name, out, settings.key)
        if not path.is_file():
            print(f"{path}: no key of the study here, so remarks and memos were not searched for names. Read them.")
        check_written(written, named_in(load_key(path, name), listed_names(settings)))


def _write_project(options: argparse.Namespace, study: "Study", name: str) -> None:
    import datetime

    from pipeline.qda.export import Choice, export
    from pipeline.qda.study import Study
    from pipeline.qda.write import write_project

    assert isinstance(study, Study)
    made = export(study, Choice(options.validated, options.above, options.flat), name)
    write_project(options.file, made.project, datetime.datetime.now(datetime.UTC), "\r\n" if options.crlf else "\n")
    for note in made.notes:
        print(note)
    project = made.project
    print(f"{len(project.sources)} texts, {made.codings} codings by {len(project.users)} coder(s): {options.file}")


def _foreign_codes(known: tuple[str, ...], used: list[str]) -> Iterator[str]:
    gone = set(used) - set(known)
    if gone:
        yield f"{len(gone)} code(s) of the run are not in this codebook. If it is another one, give --study."


def _import(options: argparse.Namespace) -> int:
    from pipeline.qda.importing import Wish, import_project
    from pipeline.qda.positions import parse_reading
    from pipeline.settings import read_settings

    settings = read_settings(options.study)
    reading = parse_reading(options.reading) if options.reading else None
    if options.as_training:
        from pipeline.qda.training import write_training

        refuse_overwrite(options.as_training, options.file)
        archive = write_training(options.file, options.as_training, settings, reading, options.coder)
        print(
            f"{archive.rows} rows of {archive.texts} texts, {archive.codings} codes given, {archive.unplaced} codings "
            f"found no place: {options.as_training}"
        )
        for number in archive.unreadable:
            print(f"Text {number} of the project could not be read as a transcript and was left out.")
        _tell_new(archive.new_codes)
        return 1 if archive.unreadable else 0
    wish = Wish(options.coder, options.corrected_by, options.above, options.withdraw, options.own, reading)
    _tell(import_project(options.file, options.out, settings.codebook, wish), options)
    return 0


def _tell(done: "Imported", options: argparse.Namespace) -> None:
    from collections import Counter

    said = done.said
    print(
        f"{len(said.recognised)} of {done.texts} texts recognised by their words; positions read as "
        f"{done.reading.name}."
    )
    print(
        f"{said.exact} codings exactly on a segment, {said.overlapping} overlapping, "
        f"{len(said.unplaced)} without a segment."
    )
    for coder, number in done.added.items():
        print(f"  {coder}: {number} new decisions" + (", of which some take a code back" * options.withdraw) + ".")
    print(f"{done.known} decisions stood already.")
    if done.unplaced is not None:
        for reason, number in Counter(row.reason for row in said.unplaced).most_common():
            print(f"  without a segment: {number}, {reason}")
        print(f"They are listed in {done.unplaced}; the project file keeps them.")
    _tell_new(said.new_codes)
    if done.absent and not options.withdraw:
        print(
            f"{done.absent} codes that the store has on these texts are not in the project; they were left as they "
            "are. With --withdraw they are taken back."
        )
    if said.by_model and not options.corrected_by:
        number = sum(map(len, said.by_model.values()))
        print(
            f"{number} codings on the name of a model are no decisions. Did somebody correct them? Use --corrected-by."
        )
    if done.misfits:
        print(f"{done.misfits} selections lie outside their text and were passed over.")
    for what, number in done.skipped.items():
        print(f"Not text, so passed over: {number} x {what}.")


def _tell_new(codes: Mapping[str, int]) -> None:
    if codes:
        print(f"{len(codes)} code(s) are not in the codebook. Add them there, then import again:")
        for path, number in sorted(codes.items(), key=lambda pair: -pair[1]):
            print(f"  {path} ({number}x)")


def _export_codebook(options: argparse.Namespace) -> int:
    from pipeline.codebook import read_codebook
    from pipeline.qda.qdc import write_qdc
    from pipeline.qda.tree import read_definitions, tree
    from pipeline.settings import read_settings

    folder = read_settings(options.study).codebook
    codebook = read_codebook(folder, options.out)
    write_qdc(options.file, tree(codebook, read_definitions(folder), options.flat))
    print(f"{len(codebook.codes)} codes with their criteria: {options.file}")
    return 0


def _import_codebook(options: argparse.Namespace) -> int:
    from pipeline.qda.qdc import read_qdc
    from pipeline.qda.restore import FILL_IN, restore, write_restored

    restored = restore(read_qdc(options.file))
    codebook = write_restored(options.out, restored)
    print(f"{restored.codes} codes in {len(restored.variables)} variables: {options.out}")
    if restored.to_fill_in:
        print(f"{len(restored.to_fill_in)} thing(s) to fill in first; the list is {options.out / FILL_IN}.")
    if codebook is None:
        print(f"When that is done: codeboom codebook check {options.out}")
    return 0
