"""How fast the review page answers on this machine: a made-up study of 10,000 segments, every action over HTTP.

`python benchmarks/review.py` prints the median and the 95th percentile of each action, from the question to the whole
answer; `--kills 200` also kills the page that often while decisions come in, and counts what was acknowledged and lost;
`--browser` also measures a key in headless Chromium, from the key to the page drawn anew.
"""

import argparse
import http.client
import json
import os
import random
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from itertools import cycle
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from review_study import open_review, wish, write_tables  # noqa: E402

from pipeline.codebook import read_codebook  # noqa: E402
from pipeline.decisions import open_store  # noqa: E402
from pipeline.review.adding import add_code  # noqa: E402
from pipeline.review.server import SECRET, ReviewServer  # noqa: E402
from pipeline.settings import Settings  # noqa: E402
from pipeline.tables import read_segments  # noqa: E402

INTERVIEWS, EACH = 40, 250
REPEATS = 200


class Page:
    """A client that asks as the page does, over one connection that stays open."""

    def __init__(self, link):
        address, self.secret = link.split("/#")
        self.host = address.removeprefix("http://")
        self.connection = http.client.HTTPConnection(self.host, timeout=60)

    def ask(self, path, body=None):
        headers = {SECRET: self.secret}
        if body is not None:
            headers |= {"Origin": f"http://{self.host}", "Content-Type": "application/json"}
        self.connection.request(
            "GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers
        )
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path.partition('?')[0]}: {answer.status}")
        return content


def actions(page, review, fill):
    """Each action by name, as a function to call again and again."""
    ids = cycle(random.Random(1).sample(list(review.study.rows), 5000))
    names = cycle(review.study.interviews)
    codes = cycle(review.study.codebook.ids)
    texts = cycle(["overleg", "café één", "samen doel", "q"])

    def decide(*events):
        page.ask("/api/decide", {"events": list(events)})

    def queue(**asked):
        page.ask("/api/queue?" + urlencode(asked))

    number = fill

    def finish():
        segment = next(ids)
        decide(*[wish(segment, code=next(codes), value="no") for _ in range(3)], wish(segment, "done"))

    def similar():
        page.ask("/api/similar?" + urlencode({"segment": next(ids), "code": next(codes)}))

    def memo():
        nonlocal number
        number += 1
        page.ask("/api/memo", {"interview": next(names), "value": f"een gedachte {number}"})

    def open_code():
        nonlocal number
        number += 1
        asked = {"definition": "x", "include": ["x"], "exclude": ["y"], "name": f"Open {number}"}
        page.ask("/api/code", asked)

    return {
        "open the page": (lambda: page.ask("/api/study"), REPEATS),
        "accept or reject": (lambda: decide(wish(next(ids), code=next(codes))), REPEATS),
        "done (three codes refused)": (finish, REPEATS),
        "doubt": (lambda: decide(wish(next(ids), "doubt")), REPEATS),
        "what it resembles": (similar, REPEATS),
        "memo": (memo, REPEATS),
        "remark": (lambda: decide(wish(next(ids), "remark", "een idee om te onthouden")), REPEATS),
        "undo": (lambda: page.ask("/api/undo", {}), REPEATS),
        "another interview": (lambda: page.ask("/api/interview?" + urlencode({"name": next(names)})), REPEATS),
        "all, as spoken": (queue, REPEATS),
        "informative order": (lambda: queue(order="informative"), REPEATS),
        "search": (lambda: queue(text=next(texts)), REPEATS),
        "filter by code": (lambda: queue(code=next(codes)), REPEATS),
        "filter by doubt": (lambda: queue(state="close"), REPEATS),
        "done before a new code": (lambda: queue(state="again"), REPEATS),
        "open code": (open_code, 10),
    }


def measure(page, review, fill):
    """Print the table, with `fill` segments judged before."""
    ids = list(review.study.rows)[:fill]
    book = review.study.codebook.ids
    codes = cycle(
        [book[i : i + 3] for i in range(0, 12, 3)]
    )  # a quarter of what is judged carries each of twelve codes
    for start in range(0, fill, 50):
        some = ids[start : start + 50]
        given = [wish(name, code=code) for name in some for code in next(codes)]
        page.ask("/api/decide", {"events": [*given, *(wish(name, "done") for name in some)]})
    print(f"\n{len(review.study.segments):,} segments, {len(review.study.codebook.ids)} codes, {fill:,} judged before, "
          f"{os.cpu_count()} cores\n\n| action | median, ms | 95 %, ms | most, ms |\n|---|---|---|---|")  # fmt: skip
    for name, (act, repeats) in actions(page, review, fill).items():
        taken = []
        for _ in range(repeats):
            start = time.perf_counter()
            act()
            taken.append((time.perf_counter() - start) * 1000)
        taken.sort()
        print(f"| {name} | {statistics.median(taken):.1f} | {taken[int(len(taken) * 0.95)]:.1f} | {taken[-1]:.1f} |")


def in_browser(link):
    """Print how long a key takes in headless Chromium: from the key until the page is drawn with the answer."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1280, "height": 720})
        tab.goto(link)
        tab.wait_for_selector("#judging:not([hidden])")
        taken = tab.evaluate(
            """async () => {
              const { busy } = await import("/later.js");
              const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
              const taken = {};
              for (const [name, key] of [["next", "j"], ["accept", "a"], ["done", "Enter"], ["undo", "u"]]) {
                taken[name] = [];
                for (let i = 0; i < 60; i++) {
                  const start = performance.now();
                  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
                  while (busy()) await new Promise((done) => setTimeout(done));
                  await drawn();
                  taken[name].push(performance.now() - start);
                }
              }
              const talk = document.getElementById("talk");
              taken["a frame while scrolling"] = [];
              for (let i = 0, last = performance.now(); i < 120; i++) {
                talk.scrollTop += 400;
                await new Promise((done) => requestAnimationFrame(done));
                taken["a frame while scrolling"].push(performance.now() - last);
                last = performance.now();
              }
              return taken;
            }"""
        )
        browser.close()
    print("\nIn headless Chromium, until the page is drawn\n\n| key | median, ms | 95 %, ms |\n|---|---|---|")
    for name, times in taken.items():
        times.sort()
        print(f"| {name} | {statistics.median(times):.1f} | {times[int(len(times) * 0.95)]:.1f} |")


def kills(out, study, number):
    """Kill the page `number` times at random moments while decisions come in; print what was acknowledged and lost."""
    chance = random.Random(7)
    acknowledged, lost, unclean = 0, 0, 0
    ids = cycle(segment.segment_id for segment in read_segments(out / "segments.csv"))
    sure = {}  # what stands at least: a kill between the disk and the answer may leave more
    for _ in range(number):
        command = [sys.executable, "-m", "pipeline", "review", str(out), "--study", str(study), "--no-browser"]
        process = subprocess.Popen([*command, "--coder", "K"], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        link = next(found[0] for line in process.stdout if (found := re.search(r"http://\S+", line)))
        timer = threading.Timer(chance.uniform(0.005, 0.25), process.kill)
        timer.start()
        page = Page(link)
        try:
            while True:
                segment, value = next(ids), f"{acknowledged:09}"
                page.ask("/api/decide", {"events": [wish(segment, "done"), wish(segment, "remark", value)]})
                sure[segment] = value
                acknowledged += 1
        except (OSError, http.client.HTTPException):
            pass
        timer.join()
        process.wait()
        process.stdout.close()
        try:
            with open_store(out) as store:
                standing = store.judgements("K")
        except Exception as error:
            unclean += 1
            print(f"the store does not open: {type(error).__name__}")
            continue
        lost += sum(name not in standing or standing[name].remark < value for name, value in sure.items())
        lost += sum(not judgement.done or not judgement.remark for judgement in standing.values())  # half a decision
    print(f"\n{number} kills of the page: {acknowledged} decisions acknowledged, {lost} lost or half there, {unclean} "
          "unclean starts")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--browser", action="store_true")
    options = parser.parse_args()
    book = Settings().codebook
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        write_tables(out, read_codebook(book), INTERVIEWS, EACH)
        start = time.perf_counter()
        review = open_review(out, book)
        print(f"Reading the tables: {time.perf_counter() - start:.1f} s")
        server = ReviewServer(review, 0, lambda asked: add_code(review.store, out, book, asked, "A"))
        threading.Thread(target=server.run, daemon=True).start()
        page = Page(server.address)
        for fill in (0, 5000):
            measure(page, review, fill)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"\nMost memory: {peak:.0f} MB")
        if options.browser:
            in_browser(server.address)
        server.shutdown()
        review.store.close()
        if options.kills:
            small = Path(folder) / "small"
            write_tables(small, read_codebook(book), INTERVIEWS, EACH // 25)
            study = Path(folder) / "study.yaml"
            study.write_text(f"codebook: {book}\n", encoding="utf-8")
            kills(small, study, options.kills)


if __name__ == "__main__":
    main()
