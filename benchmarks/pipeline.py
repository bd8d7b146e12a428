"""How long the main job takes on this machine: the sample, first run and second, and the help. Medians of repeats."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 5


def seconds(home, *arguments):
    start = time.perf_counter()
    environment = {**os.environ, "HOME": str(home), "CI": "true"}
    subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments], check=True, capture_output=True, cwd=ROOT, env=environment
    )
    return time.perf_counter() - start


def main():
    sample = ROOT / "data" / "sample"
    times = {"codeboom --help": [], "codeboom run, everything new": [], "codeboom run, nothing changed": []}
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory() as folder:
            run = ["run", sample / "interviews", "--out", Path(folder) / "out", "--study", sample / "study.yaml"]
            times["codeboom --help"].append(seconds(folder, "--help"))
            times["codeboom run, everything new"].append(seconds(folder, *run))
            times["codeboom run, nothing changed"].append(seconds(folder, *run))
    print(
        f"\nThe main job on the sample: {os.cpu_count()} cores, {REPEATS} repeats, median\n\n| | seconds |\n|---|---|"
    )
    for name, taken in times.items():
        print(f"| {name} | {statistics.median(taken):.2f} |")


if __name__ == "__main__":
    main()
