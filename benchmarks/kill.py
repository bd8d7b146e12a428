"""Kills a process that writes decisions with SIGKILL at random moments, and looks at what is left.

After each kill the store must open, be sound, hold every batch that was acknowledged, and no half one. Three writers:
`append` (as the review page does), `import` (whole workbooks) and `forget` (deletes, between decisions that stay).
Needs a system with fork. Ends with code 1 at the first thing that was lost.
"""

import argparse
import functools
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.codebook import Code, Codebook  # noqa: E402
from pipeline.decisions import (  # noqa: E402
    Event,
    Judged,
    importing,
    open_store,
    store_path,
)
from pipeline.records import Coding, Segment  # noqa: E402
from pipeline.tables import write_codings, write_segments  # noqa: E402
from pipeline.workbook import build_workbook  # noqa: E402

SEGMENTS = 40
LONGEST = 0.25  # seconds before the kill
ROUNDS = 5  # kills for each folder: the first of them may strike while the store is made


def append(out, acknowledge):
    for number in range(1_000_000):
        with open_store(out) as store:
            for step in range(20):
                name = f"{os.getpid()}-{number}-{step}"
                events = [Event(name, "code", f"a/b/c{n}", "yes") for n in range(3)]
                acknowledge(store.append("writer", "review", events, [Judged(name, "stays", "woorden " * 50, "?")]))


def validate(out, acknowledge):
    """Import two workbooks in turn, each of which changes every verdict of the other. Each is parsed once, so that a
    kill strikes in the writing more often."""
    importing.read_filled = functools.cache(importing.read_filled)
    for number in range(1_000_000):
        imported = importing.import_validated(out / f"filled-{number % 2}.xlsx", out, BOOK, "writer")
        if imported.counts:  # the first after a kill may find that it was done
            with open_store(out) as store:
                acknowledge(store.batches()[-1])


def forget(out, acknowledge):
    for number in range(1_000_000):
        with open_store(out) as store:
            name = f"{os.getpid()}-{number}"
            stays = [Judged(f"{name}-stays", "stays", "woorden " * 50, "?")]
            events = [Event(stays[0].segment_id, "code", f"a/b/c{n}", "yes") for n in range(3)]
            acknowledge(store.append("writer", "review", events, stays))
            goes = [Judged(f"{name}-goes", name, "weg " * 50, "?")]
            store.append("writer", "review", [Event(goes[0].segment_id, "code", "a/b/c", "yes")], goes)
            store.forget(name)
            acknowledge(-number - 1)


WRITERS = {"append": append, "import": validate, "forget": forget}


def prepare(out):
    """Tables for the importing writer, and its two workbooks."""
    from openpyxl import load_workbook

    codes = [code.id for code in BOOK.codes]
    segments = [
        Segment(f"s{n}", "R1", "Respondent 1", "respondent", None, None, f"Fragment {n}.", "?", ())
        for n in range(SEGMENTS)
    ]
    codings = [Coding(s.segment_id, code, 0.9, True, "model") for s in segments for code in codes]
    write_segments(out / "segments.csv", segments)
    write_codings(out / "codings.csv", codings)
    for turn, verdict in enumerate(("akkoord", "afwijzen")):
        path = out / f"filled-{turn}.xlsx"
        build_workbook(path, segments, codings, BOOK, {})
        book = load_workbook(path)
        sheet = book["Valideren"]
        for cell in sheet[1]:
            if str(cell.value).startswith("Oordeel"):
                for row in range(2, SEGMENTS + 2):
                    sheet.cell(row, cell.column, verdict)
        book.save(path)


BOOK = Codebook(
    tuple(Code(f"a/b/c{n}", f"code {n}", "A", "B", "x", ("x",), (), (), (), "a priori", None, None) for n in range(3)),
    "sha",
)


def killed(writer, out, delay):
    """Start `writer`, kill it after `delay` seconds, and return its process id and what it had acknowledged."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            writer(out, lambda number: os.write(write, f"{number}\n".encode()))
        except BaseException as error:  # the parent must hear of it, and a child may not return
            os.write(write, f"failed {type(error).__name__}: {error}\n".encode())
        os._exit(1)
    os.close(write)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        lines = stream.read().splitlines()
    failed = [line for line in lines if line.startswith("failed")]
    assert not failed, failed
    return child, [int(line) for line in lines]


def inspect(what, out, acknowledged, forgotten):
    """Refuse a store that is not sound, or where something acknowledged is lost, half or back again."""
    with open_store(out) as store:
        whole = Counter()
        for segment_id in store.judged():
            whole.update(past.batch for past in store.history(segment_id))
        batches, mine = store.batches(), {past.batch for past in store.history("after")}
        assert set(whole) == set(batches), "a batch without decisions"
        assert not {number for number in acknowledged if number > 0} - set(batches), "an acknowledged batch is lost"
        sizes = {size for batch, size in whole.items() if batch not in mine}
        if what == "append":
            assert sizes <= {3}, "half a batch"
        if what == "import":
            # The first import also says of each segment that it was judged as a whole.
            assert sizes <= {3 * SEGMENTS, 4 * SEGMENTS}, "half an import"
        if what == "forget":
            interviews = {text.interview for text in store.judged().values()}
            assert not interviews & forgotten, "what was forgotten is there"
        store.append("after", "review", [Event("after", "done", value="yes")], [Judged("after", "stays", "x", "")])
        store.undo("after")
    with sqlite3.connect(store_path(out)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert plain.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger'").fetchone() == (6,)
    plain.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--only", choices=WRITERS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    for what, writer in WRITERS.items():
        if options.only not in (None, what):
            continue
        total = 0
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            acknowledged, forgotten = [], set()
            for number in range(options.kills):
                out = Path(folder) / str(number // ROUNDS)
                if not out.exists():
                    out.mkdir()
                    acknowledged = []
                    if what == "import":
                        prepare(out)
                child, said = killed(writer, out, chance.uniform(0, LONGEST))
                acknowledged += said
                forgotten |= {f"{child}-{-n - 1}" for n in said if n < 0}
                inspect(what, out, acknowledged, forgotten)
                if (number + 1) % ROUNDS == 0:
                    total += len(acknowledged)
        print(f"{what}: {options.kills} kills, {total} acknowledged writes, none lost, none half")


if __name__ == "__main__":
    main()
