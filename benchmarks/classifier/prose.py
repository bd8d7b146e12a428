"""What the document says around its tables."""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from benchmarks.classifier import curve, robust
from benchmarks.classifier.material import Material
from pipeline.agreement import measure
from pipeline.settings import ROOT
from pipeline.training import Labelled

NOTES = """κ is Cohen's, the mean over the variables, dimensions or codes that occur; in brackets the 95 % limits by
bootstrap over the interviews, which with ten interviews are somewhat too narrow (`python benchmarks/intervals.py`).
Top 1 and top 3: of the segments with a code, how often one of the one or three best-scored is right. Rows learn from
the other interviews, the codebook and, unless it says otherwise, the passages. All share folds; calibration and
thresholds come from the scores out of interview of the other interviews. (The layers that score those did learn from
the interview that is tested. This is so for all rows.) The fits hardly differ from run to run: what is drawn by
chance is which interviews there are (the limits) and their order (the learning curve)."""

CURVE = """One random order of the interviews, begun at {orders}; each model of the first so many is tested on all the
others, with thresholds from its own interviews alone. Means; the bands in the picture are the range. 0 is the codebook,
with the passages where the row has them: a row "without the passages" has the codebook alone there. The point {most} is
the table above. Thresholds come from up to five groups of interviews; in rows with passages from two, to save time."""

TIME = """Training as `make model` and `models/deep_model.py` do it, with all folds; a process each. Deep stands on a
fast model that was trained before; its time includes reading every text with Gemma."""

SPEED = """The transformer has BERT-base's shape and random weights. All by turns; the median of three rounds. The
transformer's texts were cut into pieces beforehand, which is not counted against it."""

UNTOUCHED = """Learned from all interviews above; calibrated on their scores out of interview."""


def commit() -> str:
    """The commit of the working tree, and whether it has changes."""
    git = ["git", "-C", str(ROOT)]
    try:
        name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True).stdout.strip()
    except OSError:
        return "unknown"
    return (name or "unknown") + (" with changes" if changed else "")


def load() -> str:
    """How busy the machine is."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def head(material: Material, flags: str, made_by: str, took: str) -> str:
    """What was measured, when, on what. `made_by` is the commit."""
    learned = sum(row.interview in material.interviews for row in material.talk)
    untouched = "are not in it"
    if material.untouched:
        untouched = f"({', '.join(material.untouched)}) are in the last section and the last point of the curve alone"
    return f"""# The classifier, measured

`make benchmark-classifier`{f" ({flags})" if flags else ""}, {date.today()}, commit {made_by}; {_machine()}. {took}

{len(material.interviews)} interviews ({", ".join(material.interviews)}) with {learned:,} segments,
{len(material.passages):,} single passages, {len(material.book)} rows from the codebook ({len(material.codes)} codes).
All of it is invented talk, written and coded by language models: the figures say how the method works on such talk.
The untouched interviews {untouched}.

Seeds: bootstrap {measure.SEED}, order of interviews {curve.SEED}, recogniser errors {robust.SEED}."""


def _machine() -> str:
    import sklearn

    info = Path("/proc/cpuinfo")
    names = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.is_file() else []
    chip = names[0].split(":", 1)[1].strip() if names else platform.machine()
    return f"{chip}, {os.cpu_count()} cores, Python {platform.python_version()}, scikit-learn {sklearn.__version__}"


def second(interviews: Sequence[str]) -> str:
    """Above the table of the second coder."""
    return (
        f"On {', '.join(interviews)}, which two coders coded, each alone. Both coders, and whoever settled their "
        "differences (the gold), are language models of one make and read alike: this is no figure for two people."
    )


def altered(material: Material, versions: Mapping[str, Sequence[Labelled]]) -> str:
    """Above the table of robustness."""
    same = 1 - robust.share_changed(material.talk, versions)
    return (
        f"On {', '.join(robust.chosen(material))}, segments and questions altered after cutting; the models were "
        "trained and given thresholds on the talk as it is. Recogniser errors (words joined, cut, lost, sounding "
        f"alike) leave {same:.0%} of the words as they were."
    )


def orders(material: Material, count: int) -> str:
    """Under the picture."""
    places = f"{count} places, so that none is first or last twice" if count > 1 else "one place"
    return CURVE.format(orders=places, most=len(material.interviews) - 1)
