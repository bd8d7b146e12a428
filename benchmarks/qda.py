"""How long 200,000 codings take to another program and back, and how much memory: `python benchmarks/qda.py`.

The study is made up: 100 interviews of 400 segments, as a run writes them (each code has a row for each segment), with
suggestions of a model and decisions of two persons. Export and import each run as a command of their own.
"""

import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.codebook import read_codebook
from pipeline.decisions import Event, Judged, open_store
from pipeline.records import Coding, Segment
from pipeline.settings import shipped
from pipeline.tables import write_codings, write_segments

INTERVIEWS, SEGMENTS, SUGGESTED, PERSONS = 100, 400, 3, ("Anna", "Zoë")
WORDS = (
    "ja nee dus toen samen plan wijk team beleid uitvoering overleg afspraak doel belang geld mensen vraag gesprek "
    "één écht nou eh omdat terwijl altijd nooit misschien collega gemeente bewoner dossier aanvraag brief maandag"
).split()


def make(out: Path) -> int:
    """Write the study to `out`; returns how many codings it has."""
    rng = random.Random(7)
    codes = read_codebook(shipped("codebook")).ids
    segments = [
        Segment(
            f"R{i:03}-{n:010}", f"R{i:03}", f"[Respondent {i}]", "respondent", n * 9000, n * 9000 + 8000,
            " ".join(rng.choices(WORDS, k=rng.randint(12, 70))) + ".", " ".join(rng.choices(WORDS, k=8)) + "?", (),
        )
        for i in range(INTERVIEWS)
        for n in range(SEGMENTS)
    ]  # fmt: skip
    write_segments(out / "segments.csv", segments)
    chosen = [set(rng.sample(codes, SUGGESTED)) for _ in segments]
    write_codings(
        out / "codings.csv",
        (
            Coding(segment.segment_id, code, 0.8 if code in mine else 0.1, code in mine, "fast-nl 1")
            for segment, mine in zip(segments, chosen, strict=True)
            for code in codes
        ),
    )
    with open_store(out) as store:
        for coder in PERSONS:
            events = [Event(segment.segment_id, "code", rng.choice(codes), "yes") for segment in segments]
            judged = [Judged(s.segment_id, s.interview, s.text, s.question) for s in segments]
            store.append(coder, "benchmark", events, judged)
    return len(segments) * (SUGGESTED + len(PERSONS))


def timed(*arguments: str) -> float:
    """Run a command; returns seconds."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pipeline", *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Make the study, export it, and import it into an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "out").mkdir()
        (base / "new").mkdir()
        codings = make(base / "out")
        for name in ("segments.csv", "codings.csv"):
            (base / "new" / name).write_bytes((base / "out" / name).read_bytes())
        path = base / "project.qdpx"
        seconds = timed("export", str(base / "out"), str(path))
        print(f"export: {codings:,} codings in {seconds:.1f} s, {path.stat().st_size / 1e6:.0f} MB; {_most()}")
        seconds = timed("import", str(path), "--out", str(base / "new"))
        print(f"import: {seconds:.1f} s; {_most()}")
        seconds = timed("import", str(path), "--out", str(base / "new"))
        print(f"import again, with nothing new: {seconds:.1f} s; {_most()}")


def _most() -> str:
    return f"at most {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB of memory so far"


if __name__ == "__main__":
    main()
