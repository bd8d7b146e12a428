"""How well the classifier agrees with the gold codings, beside all that it has to beat: `make benchmark-classifier`.

    python -m benchmarks.classifier.main                # half an hour on two quiet cores; writes docs/classifier.*
    python -m benchmarks.classifier.main --quick        # four interviews, a tenth of the passages: only to try it out
    python -m benchmarks.classifier.main --untouched    # the untouched interviews too: once, at the end

One run: leave one interview out over the interviews to train and to choose, a learning curve, robustness, time, memory.
"""

import argparse
import hashlib
import inspect
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.classifier import curve, folds, jobs, prose, robust, speed, table
from benchmarks.classifier.folds import DEEP, FAST, GEMMA, HARDER, MAJORITY, PLAIN_FAST, TEXTBOOK
from benchmarks.classifier.material import Material, coded_twice, read_material
from benchmarks.classifier.picture import draw
from pipeline import baselines, features, training
from pipeline.encoder import load_encoder
from pipeline.errors import ModelError
from pipeline.settings import ROOT, shipped
from pipeline.training import Labelled
from pipeline.transformer import gemma, logistic

ORDERS = 3
ROWS = (DEEP, GEMMA, FAST, *HARDER, PLAIN_FAST, *TEXTBOOK, MAJORITY)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--untouched", action="store_true", help="read the untouched interviews too: once, at the end")
    parser.add_argument("--quick", action="store_true", help="little of everything, to try it out")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="fits at the same time")
    parser.add_argument(
        "--out", type=Path, help="the folder of classifier.md and .png (default: docs; quick: a temporary)"
    )
    parser.add_argument("--orders", type=int, default=ORDERS, help="of the learning curve (default: %(default)s)")
    parser.add_argument("--keep", type=Path, help="keep what was computed here, and go on from there another time")
    options = parser.parse_args()
    default = Path(tempfile.gettempdir()) / "benchmark-classifier" if options.quick else ROOT / "docs"
    out = options.out or default
    start, before, made_by = time.perf_counter(), prose.load(), prose.commit()
    with tempfile.TemporaryDirectory() as temporary:
        material = read_material(options.untouched, options.quick)
        folder = (options.keep or Path(temporary)).resolve() / digest(material)
        (folder / "vectors").mkdir(parents=True, exist_ok=True)
        text, found = run(material, folder, options)
    draw(found, out / "classifier.png")
    minutes = (time.perf_counter() - start) / 60
    took = f"The run took {minutes:.0f} minutes; load of the machine before {before}, after {prose.load()}."
    flags = " ".join(f"--{name}" for name in ("quick", "untouched") if getattr(options, name))
    flags += f" --orders {options.orders}" * (options.orders != ORDERS)
    text = f"{prose.head(material, flags, made_by, took)}\n\n{text}"
    (out / "classifier.md").write_text(text, encoding="utf-8")
    print(text)


def run(material: Material, folder: Path, options: argparse.Namespace) -> tuple[str, curve.Curve]:
    """All stages; the text below the head, and the curve."""
    absent = no_deep()
    rows, steps = (
        tuple(way for way in ways if not (absent and "gemma" in way.layers))
        for ways in (ROWS, (*curve.WAYS, *curve.AT_ZERO))
    )
    count = 1 if options.quick else options.orders
    say("time and memory")
    speed.hand_over(material, folder, options.quick)
    figures = speed.run_jobs([name for name in jobs.NAMES if not (absent and "deep" in name)], folder)
    speeds = speed.speed_table(material, folder, os.cpu_count() or 1, not absent, 16 if options.quick else speed.SOME)
    say("vectors")
    versions = robust.altered(material.talk)
    make_vectors(material, versions, folder / "vectors", not absent)
    say("fits")
    hard = [way for way in (FAST, DEEP) if way in rows]
    left_out = [way for way in dict.fromkeys((*rows, *steps)) if way not in curve.AT_ZERO]
    wanted = table.tasks(material, left_out, robust.chosen(material), hard)
    wanted += curve.tasks(material, steps, count)
    answers = folds.solve_all(wanted, material, versions, folder, options.jobs)
    say("tables")
    coded = {way: table.leave_one_out(answers, material, way) for way in rows}
    twice = coded_twice(material)
    found = curve.curve(answers, material, steps, count)
    parts = [
        "## Leave one interview out", table.main_table(coded, material.codes), absent, prose.NOTES,
        "### Beside a second coder", prose.second(twice.interviews), table.human_table(coded, twice, material),
        "### κ of each code", table.code_table(coded, twice, material),
        "\\* Against the gold, on the interviews that were coded twice.",
        "## Learning curve", "![The learning curve](classifier.png)", prose.orders(material, count),
        "κ code:", curve.curve_table(found, "mean_kappa"), "Top 3:", curve.curve_table(found, "top3"),
        curve.verdict(found),
        "## Robustness", prose.altered(material, versions), robust.robust_table(answers, material, hard),
        "## Time and memory", prose.TIME, speed.job_table(figures), prose.SPEED, speeds,
    ]  # fmt: skip
    if material.untouched:
        last = {way: curve.on_untouched(answers, material, way) for way in rows if way != GEMMA}
        parts += ["## The untouched interviews", prose.UNTOUCHED, table.main_table(last, material.codes)]
    return "\n\n".join(part for part in parts if part) + "\n", found


def digest(material: Material) -> str:
    """A hash of all rows and of what learns from them: what was kept of an earlier run holds for these alone."""
    rows = [[row.text, row.question, sorted(row.codes), row.interview] for row in material.rows]
    sources = [inspect.getsource(module) for module in (training, features, baselines, logistic, gemma, folds, robust)]
    return hashlib.sha256(json.dumps([rows, material.held, material.codes, sources]).encode()).hexdigest()[:12]


def no_deep() -> str:
    """Why deep cannot be measured; "" when it can. Unpacks Gemma where that was not done."""
    try:
        gemma.load_gemma()
    except ModelError as error:
        return f"deep: not installed ({error})"
    return ""


def make_vectors(material: Material, versions: dict[str, list[Labelled]], folder: Path, deep: bool) -> None:
    """What the frozen encoder makes of all rows, and Gemma of the altered talk that is tested."""
    if not (folder / "encoder.npy").is_file():
        encoder = load_encoder(shipped("models") / "encoder-nl")
        asked = np.array([bool(row.question) for row in material.rows], np.float32)[:, None]
        both = encoder.encode(_texts(material.rows)), encoder.encode([row.question or "." for row in material.rows])
        np.save(folder / "encoder.npy", np.hstack([both[0], both[1] * asked]))
    chosen = np.flatnonzero(np.isin(material.of[: len(material.talk)], robust.chosen(material)))
    if deep and any(not (folder / f"gemma {name}.npy").is_file() for name in versions):
        reader = gemma.load_gemma()
        for name, rows in versions.items():
            read = [rows[i] for i in chosen]
            vectors = np.zeros((len(material.talk), gemma.DIMENSIONS), np.float32)
            vectors[chosen] = reader.features(_texts(read), [row.question for row in read])
            np.save(folder / f"gemma {name}.npy", vectors)


def _texts(rows: Sequence[Labelled]) -> list[str]:
    return [row.text for row in rows]


def say(stage: str) -> None:
    """Which stage begins."""
    print(f"{time.strftime('%H:%M:%S')} {stage}", flush=True)


if __name__ == "__main__":
    main()
