"""Training and coding, each in a process of its own, for their time and the most memory that they take.

    python -m benchmarks.classifier.jobs train-fast FOLDER     # as `speed.py` starts it

FOLDER holds `rows.json`; models and what Gemma made of the rows are left in it.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.classifier import Classifier, load, save
from pipeline.training import Labelled, held_out, train

NAMES = ("train-fast", "code-fast", "train-deep", "code-deep")


def peak() -> float:
    """The most memory of this process, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage would count what the parent held before this process began its own program
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes, on a Mac


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and how long it takes."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def train_fast(folder: Path, rows: list[Labelled], choice: list[Labelled], codes: list[str]) -> float:
    """As `models/build_model.py` trains it."""
    model, seconds = timed(lambda: train("fast", rows, codes, choice))
    save(model, folder / "fast", "")
    return seconds


def train_deep(folder: Path, rows: list[Labelled], choice: list[Labelled], codes: list[str]) -> float:
    """As `models/deep_model.py` trains it, on the fast model that was made before."""
    from pipeline.transformer.deep import save_deep
    from pipeline.transformer.deep import train_deep as run
    from pipeline.transformer.gemma import load_gemma
    from pipeline.transformer.layers import ReadMaker

    fast = load(folder / "fast")
    make = ReadMaker(load_gemma())
    model, seconds = timed(lambda: run("deep", fast, held_out(rows, codes, choice), rows, make, choice))
    save_deep(model, folder / "deep", folder / "fast", "")
    every = read(folder)["rows"]
    # What was read in training is not read again; the rest are untouched interviews, which do not train.
    np.save(folder / "vectors" / "gemma.npy", make.features([row[0] for row in every], [row[1] for row in every]))
    return seconds


def code(model: Classifier, segments: Sequence[Sequence[str]]) -> float:
    """Seconds to code segments."""
    return timed(lambda: model.predict([one[0] for one in segments], [one[1] for one in segments]))[1]


def read(folder: Path) -> Any:
    """What `speed.py` wrote for the jobs."""
    return json.loads((folder / "rows.json").read_text(encoding="utf-8"))


def main() -> None:
    """Do one job and print its figures."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    given = read(folder)
    labelled = [Labelled(text, question, frozenset(codes), of) for text, question, codes, of in given["rows"]]
    if name.startswith("train"):
        rows = [row for row in labelled if row.interview is None or row.interview in given["train"]]
        choice = [row for row in labelled if row.interview in given["choose"]]
        seconds = (train_fast if name == "train-fast" else train_deep)(folder, rows, choice, given["codes"])
        count = len(rows) + len(choice)
    else:
        if name == "code-fast":
            model: Classifier = load(folder / "fast")
        else:
            from pipeline.transformer.deep import load_deep

            model = load_deep(folder / "deep")
        seconds, count = code(model, given["segments"]), len(given["segments"])
    print(json.dumps({"job": name, "texts": count, "seconds": seconds, "peak_mb": peak()}))


if __name__ == "__main__":
    main()
