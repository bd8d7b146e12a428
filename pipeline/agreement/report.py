"""The report of agreement: from an output folder to tables, a picture and a paragraph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.agreement.choosing import choose
from pipeline.agreement.coders import read_coders
from pipeline.agreement.confusion import NOTHING, NOTHING_ELSE, confuse
from pipeline.agreement.measure import Measured, measure, rows_of
from pipeline.agreement.paragraph import Study, write_paragraph
from pipeline.agreement.picture import draw
from pipeline.agreement.sheets import agreement_csv, confusion_csv, workbook
from pipeline.agreement.units import Coder, count_units, joint, silent_codes
from pipeline.codebook import Codebook
from pipeline.errors import CodeboomError
from pipeline.files import write_atomic
from pipeline.records import Segment
from pipeline.tables import read_segments

FILES = ("agreement.csv", "agreement.xlsx", "confusion.csv", "confusion.png", "methodeparagraaf.md")


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and the bytes of each file."""

    study: Study
    files: dict[str, bytes]


def compare(
    out: Path,
    codebook: Codebook,
    names: Sequence[str] | None = None,
    codings: Sequence[Path] = (),
    blind: bool = False,
    learnt: Mapping[str, frozenset[str]] | None = None,
) -> Report:
    """Compare coders on the segments of the output folder `out`: those called `names`, or all; with `blind`, persons
    only on what they judged blind. `learnt` are the interviews that models were trained on, by the model's name.
    Raises CodeboomError where there is nothing to compare."""
    table = out / "segments.csv"
    if not table.exists():
        raise CodeboomError(f"{table}: no such table. Give the output folder of `codeboom run`.")
    segments = read_segments(table)
    coders = choose(read_coders(out, segments, codebook, codings, blind), names, blind)
    judged = joint(segments, coders)
    silent = [silent_codes(segment.segment_id, coders) for segment in judged]
    nowhere, somewhere = frozenset.intersection(*silent), frozenset().union(*silent)
    codes = [code for code in codebook.codes if code.id not in nowhere]
    rows = rows_of(codes)
    once, every, coded = (count_units(segments, coders, counting) for counting in ("once", "all", "coded"))
    if not len(coded):
        raise CodeboomError(
            f"None of the coders gave a code that counts to any of the {len(judged)} segments that all of them judged, "
            "so that there is nothing to compare. Validate more, or choose other coders with --coders."
        )
    study = Study(
        coders,
        tuple(segment.segment_id for segment in judged),
        tuple(dict.fromkeys(segment.interview for segment in judged)),
        len({segment.interview for segment in judged if segment.role == "document"}),
        len(every) - len(coded),
        measure(once, rows, "once"),
        measure(every, rows, "all"),
        measure(coded, rows, "coded"),
        tuple(code.name for code in codebook.codes if code.id in nowhere),
        tuple(code.name for code in codes if code.id in somewhere),
        _seen_before(coders, judged, learnt or {}),
    )
    callers = [coder.name for coder in coders]
    confusion = confuse(tuple(callers), coded)
    labels = {code.id: code.name for code in codes} | {NOTHING: NOTHING, NOTHING_ELSE: NOTHING_ELSE}
    counted = {"once": study.once, "all": study.all, "coded": study.coded}
    contents = (
        agreement_csv([m for measured in counted.values() for m in measured], callers),
        workbook(counted, confusion, labels, callers),
        confusion_csv(confusion, labels),
        draw(confusion, codes),
        write_paragraph(study).encode(),
    )
    return Report(study, dict(zip(FILES, contents, strict=True)))


def write_report(folder: Path, report: Report) -> None:
    """Write the files beside each other, each as it was or wholly new. Raises OutputError."""
    for name, content in report.files.items():
        write_atomic(folder / name, content)


def _seen_before(
    coders: Sequence[Coder], judged: Sequence[Segment], learnt: Mapping[str, frozenset[str]]
) -> tuple[str, ...]:
    """The interviews that were coded by a model that had learnt from them: there it is no second coder."""
    models = [part for coder in coders if coder.kind == "model" for part in coder.parts or (coder,)]
    found = (
        segment.interview
        for segment in judged
        for model in models
        if segment.segment_id in model.codes and segment.interview in learnt.get(model.name, ())
    )
    return tuple(dict.fromkeys(found))


def headline(measured: Sequence[Measured]) -> list[Measured]:
    """The rows to print: the mean over codes, any code, and the variables."""
    return [m for m in measured if m.row.level in ("codes", "any", "variable")]
