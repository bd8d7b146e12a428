"""Kills a retraining with SIGKILL at random moments, and looks at what is left: no half model, the one in use whole.

Runs on the tiny study of tests/test_retraining.py. Between kills something new is validated, so that there is always
something to do. Needs a system with fork. Ends with an error at the first thing that is wrong.
"""

import argparse
import multiprocessing
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ["CI"] = "true"  # no progress bars

import pytest  # noqa: E402
from test_retraining import STUDY, Study  # noqa: E402

from pipeline.classifier import load  # noqa: E402
from pipeline.decisions import Event, Judged, open_store  # noqa: E402
from pipeline.retraining import compare, versions  # noqa: E402


def judge_anew(study, number):
    """Give or refuse a code on ten segments, as the bits of `number` say: labels that no version learnt from yet."""
    mine = [segment for segment in study.segments if segment.interview == "R03"][:10]
    verdicts = ["yes" if number >> bit & 1 else "no" for bit in range(len(mine))]
    events = [
        Event(segment.segment_id, "code", "samen/begin/geld", verdict)
        for segment, verdict in zip(mine, verdicts, strict=True)
    ]
    judged = [Judged(segment.segment_id, "R03", segment.text, segment.question) for segment in mine]
    with open_store(study.out) as store:
        store.append("A", "review", events, judged)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance, context = random.Random(options.seed), multiprocessing.get_context("fork")
    made = cleared = in_use = 0
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
            patch.setenv(variable, str(Path(folder) / "home"))
        patch.setattr(compare, "MARGIN", -2)  # any model is taken into use, so that kills fall there too
        study = Study(Path(folder), patch)
        study.validate("R01", "R02")
        study.retrain()
        study.validate("R03")
        start = time.monotonic()
        study.retrain()
        takes = time.monotonic() - start
        before = study.in_use()
        for number in range(options.kills):
            judge_anew(study, number)
            child = context.Process(target=study.retrain)
            child.start()
            time.sleep(chance.uniform(0, takes * 1.5))
            takes *= 1.1 if child.is_alive() else 0.8  # the machine may be faster or slower than it was at first
            child.kill()
            child.join()
            cleared += bool(list(study.models.glob(".building-*")))
            found = versions.read_versions(study.settings, STUDY, study.out)
            for version in found:
                load(version.folder)  # each that is there is whole: its hashes fit
            now = study.in_use()
            said = [version.name for version in found if version.record.get("promoted")]
            assert now == said[-1], "a version says that it was taken into use, and is not"
            in_use += now != before
            before, made = now, len(found) - 1
        study.validate("R04")
        study.retrain()
        assert not list(study.models.glob(".building-*")), "what a kill left was not cleared"
    print(
        f"{options.kills} kills in retrainings of {takes:.1f} s: {cleared} left a folder half built, which the next "
        f"start cleared; {made} versions, all whole; another model came in use {in_use} times, always a whole one"
    )


if __name__ == "__main__":
    main()
