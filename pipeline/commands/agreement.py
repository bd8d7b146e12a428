"""The command that measures how far coders agree: agreement."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.shared import Add, refuse_overwrite

if TYPE_CHECKING:
    from pipeline.agreement.measure import Estimate, Measured
    from pipeline.agreement.report import Report


def register(add: Add) -> None:
    """Add the commands of this module."""
    agreement = add("agreement", _agreement, "measure how far coders agree, the model among them")
    # OUT first: after --coders it would be taken for one more coder.
    agreement.usage = "codeboom agreement [OUT] [--coders NAME ...] [--codings FILE.csv ...] [options]"
    agreement.add_argument(
        "out", nargs="?", type=Path, default=Path("output"), metavar="OUT", help="the output folder (default: output)"
    )
    agreement.add_argument(
        "--coders", nargs="+", metavar="NAME", help='whom to compare; "model" is the model (default: all)'
    )
    agreement.add_argument(
        "--codings",
        nargs="+",
        type=Path,
        default=[],
        metavar="FILE.csv",
        help="codings from elsewhere: segment_id,code,coder",
    )
    agreement.add_argument("--blind", action="store_true", help="of persons, only what they judged without suggestions")
    agreement.add_argument("--study", type=Path, help="the study's settings, a YAML file")
    agreement.add_argument("--to", type=Path, metavar="FOLDER", help="where to write (default: OUT/agreement)")


def _agreement(options: argparse.Namespace) -> int:
    from pipeline.agreement.report import FILES, compare, write_report
    from pipeline.codebook import read_codebook
    from pipeline.retraining.versions import all_learnt_from
    from pipeline.settings import read_settings

    folder = options.to or options.out / "agreement"
    for name in FILES:
        refuse_overwrite(folder / name, *options.codings)
    settings = read_settings(options.study)
    codebook = read_codebook(settings.codebook, options.out)
    learnt = all_learnt_from(settings, options.out)
    report = compare(options.out, codebook, options.coders, options.codings, options.blind, learnt)
    write_report(folder, report)
    _tell(report)
    print(f"Written to {folder}: {', '.join(FILES)}.")
    return 0


def _tell(report: "Report") -> None:
    from pipeline.agreement.measure import FEWEST
    from pipeline.agreement.report import headline

    study = report.study
    print(f"Coders: {', '.join(coder.name for coder in study.coders)}.")
    print(
        f"{len(study.segments)} segments of {len(study.interviews)} interviews judged by all; nobody coded "
        f"{study.uncoded} of them. With each run of uncoded talk counted once: {study.once[0].units} units."
    )
    print(f"{'':34}{'kappa':>20}{'alpha':>20}{'AC1':>20}{'overlap':>9}")
    for measured in headline(study.once):
        values = "".join(f"{_estimate(measured.statistics[name]):>20}" for name in ("kappa", "alpha", "ac1"))
        print(f"{_label(measured):34}{values}{_percent(measured.statistics['overlap']):>9}")
    for measured in study.once:
        if measured.row.level == "any" and "masi" in measured.statistics:
            print(f"Alpha with MASI distance, on the sets of codes: {_estimate(measured.statistics['masi'])}.")
    if study.partly:
        print(f"Counted only on segments where every coder judged them: {', '.join(study.partly)}.")
    if study.left_out:
        print(f"Left out, because there is no such segment: {', '.join(study.left_out)}.")
    if len(study.coders) > 2:
        print("Kappa is the mean over all pairs of coders.")
    if len(study.interviews) < FEWEST:
        print(f"No intervals: they are drawn by interview, and there are fewer than {FEWEST}.")
    for coder in study.coders:
        if coder.kind == "person" and (seen := sum(s not in coder.blind for s in study.segments)):
            print(
                f"{coder.name} judged {seen} of these segments with the suggestions in view: there, agreement is not "
                "independent."
            )
    for coder in study.coders:
        if coder.parts:
            counts = ((part.name, sum(s in part.codes for s in study.segments)) for part in coder.parts)
            print(
                f"The model is more than one version: {', '.join(f'{name} coded {n} segments' for name, n in counts)}."
            )
    if study.learnt:
        print(
            f"The model learnt from {', '.join(study.learnt)}: there it is no second coder, and figures with it are "
            "too high to use. Take a model that did not see them into use, run again, and compare again."
        )
    elif any(coder.kind == "model" for coder in study.coders):
        print("The model counts as independent only on interviews that it was not trained on.")


def _label(measured: "Measured") -> str:
    row = measured.row
    return {"codes": "mean over codes", "any": "any code"}.get(row.level, f"{row.variable} (any code)")[:33]


def _estimate(estimate: "Estimate") -> str:
    if math.isnan(estimate.value):
        return "-"
    limits = "" if math.isnan(estimate.low) else f" [{_number(estimate.low)}, {_number(estimate.high)}]"
    return f"{_number(estimate.value)}{limits}"


def _number(value: float) -> str:
    """Two decimals, cut and not rounded where rounding would make 1 of what is not."""
    from pipeline.agreement.numbers import rounded

    return "0.99" if 0.99 <= value < 1 - 1e-12 else rounded(value)


def _percent(estimate: "Estimate") -> str:
    if math.isnan(estimate.value):
        return "-"
    return "99%" if 0.99 <= estimate.value < 1 - 1e-12 else f"{estimate.value:.0%}"
