"""The replay of the loop: its cached fits are the models of the house, and a replay that stopped goes on."""

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from made_rows import made_rows

from pipeline.settings import ROOT
from pipeline.training import Labelled, targets, train

WORDS = {
    "a/x/geld": "budget euro subsidie betalen",
    "a/x/tijd": "agenda uren drukte dinsdag",
    "b/y/huis": "woning sleutel flat trap",
}
CODES = tuple(WORDS)
BOOK = [Labelled(words, "", frozenset([code]), None) for code, words in WORDS.items()]
PASSAGES = [Labelled(row.text, row.question, row.codes, None) for row in made_rows(WORDS, ("P",), 10, seed=5)]
HERS = made_rows(WORDS, ("R01", "R02", "R03"), 5, seed=1)


@pytest.fixture
def bench(monkeypatch):
    """The modules of the benchmark, which make their fits in this process."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    monkeypatch.setattr(sys, "path", list(sys.path))  # what the script adds goes again
    fits, loop = importlib.import_module("fits"), importlib.import_module("loop")
    monkeypatch.setattr(fits, "ProcessPoolExecutor", ThreadPoolExecutor)
    monkeypatch.setattr(fits.training, "THREADS", 1)
    return fits, loop


def place(*names):
    return frozenset(i for i, row in enumerate(HERS) if row.interview in names)


def test_a_cached_model_is_what_training_makes(bench, tmp_path):
    found = bench[0].cached(BOOK, PASSAGES, HERS, CODES, tmp_path)
    seen = place("R01", "R02")
    scores, suggested, sure = found.predict(seen)
    model = train("x", [*BOOK, *PASSAGES, *(HERS[i] for i in sorted(seen))], CODES)
    by_training = model.predict([row.text for row in HERS], [row.question for row in HERS])
    assert np.allclose(scores, by_training[0], atol=1e-3)
    assert (suggested == by_training[1]).all() and suggested.any()
    assert (sure == (suggested & ~model.limits.doubt(*by_training))).all()


def test_no_model_is_measured_on_what_it_saw(bench, tmp_path, monkeypatch):
    fits, loop = bench
    found = fits.cached(BOOK, PASSAGES, HERS, CODES, tmp_path)
    asked = []

    def predict(self, seen):
        asked.append(seen)
        return fits.Said(None, np.tile([len(seen) % 2 == 0], (len(HERS), 3)), None)

    monkeypatch.setattr(fits.Fits, "predict", predict)
    loop.unseen(found, place("R01", "R02"), place("R01", "R02", "R03"))
    assert asked == [place("R02"), place("R01"), place("R01", "R02")]


def test_what_is_counted(bench):
    fits, loop = bench
    rows = [Labelled(str(n), "", frozenset(given), "R01") for n, given in enumerate((CODES[:2], CODES[2:], (), ()))]
    suggested = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 0]], bool)
    sure = np.array([[1, 0, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]], bool)
    step = loop.measure(fits.Said(None, suggested, sure), [0, 1, 2, 3], rows, CODES, 0)
    assert (step.share, step.sure) == (2 / 5, 1 / 2)
    assert step.from_nothing == 3 + 4, "the codes that were given, and each segment"
    # All right: one. All wrong: one, which rejects what is left, and one to add. All wrong: one. None, rightly: one.
    assert step.decisions == 1 + 2 + 1 + 1 and step.least == 4


def test_a_replay_counts_all_and_goes_on_where_it_stopped(bench, tmp_path, monkeypatch):
    fits, loop = bench
    found = fits.cached(BOOK, PASSAGES, HERS, CODES, tmp_path)
    parts = [place(name) for name in ("R02", "R01", "R03")]
    newest, used, decisions = loop.replay(found, parts)
    assert [step.interview for step in newest] == ["R02", "R01", "R03"]
    for step, part in zip(newest, parts, strict=True):
        truth = targets([HERS[i] for i in sorted(part)], CODES)
        assert step.from_nothing == truth.sum() + len(part)
        assert step.least == len(part) <= step.decisions
    assert len(decisions) == 1 and len(used) == 3
    assert "| after |" in loop.tables(newest, used, decisions, {})

    monkeypatch.setattr(fits, "_fit", lambda wanted: pytest.fail("made again"))
    again = fits.cached(BOOK, PASSAGES, HERS, CODES, tmp_path)
    assert loop.replay(again, parts) == (newest, used, decisions)
    assert fits.cached(BOOK, PASSAGES[1:], HERS, CODES, tmp_path).folder != again.folder
