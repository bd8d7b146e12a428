"""Suggest, doubt or none, and the agreement that is to be expected: where the limits lie, and who shows them."""

import io
import json
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from review_study import manifest, open_review, write_codebook, write_tables

from pipeline import calibration, training
from pipeline.answers import FAIR, HALF, UNMEASURED, Agreement, Limits, read_agreement, write_agreement
from pipeline.calibration import fit_limits
from pipeline.classifier import load, save
from pipeline.codebook import read_codebook
from pipeline.evaluation import shares
from pipeline.expected import cross_fit, expected_agreement
from pipeline.files import sha256
from pipeline.manifest import write_manifest
from pipeline.review.queue import Filter
from pipeline.review.study import load_study, with_codebook
from pipeline.tables import read_codings, write_codings
from pipeline.training import Labelled, expect, train
from tests.made_rows import WORDS, made_rows

rows = partial(made_rows, WORDS)


@pytest.fixture(scope="module")
def model():
    return train("proef 1", rows(), list(WORDS))


# --- the definition ----------------------------------------------------------------------------------------


def test_doubt_is_below_one_limit_where_it_is_suggested_and_from_the_other_on_where_it_is_not():
    limits = Limits(np.float32([0.2, 0.1]), np.float32([0.5, 0.9]))
    scores = np.float32([[0.6, 0.6], [0.4, 0.4], [0.15, 0.15], [0.2, 0.05]])
    assert limits.doubt(scores, np.ones((4, 2), bool)).tolist() == [
        [False, True],
        [True, True],
        [True, True],
        [True, True],
    ]
    assert limits.doubt(scores, np.zeros((4, 2), bool)).tolist() == [
        [True, True],
        [True, True],
        [False, True],
        [True, False],
    ]
    assert limits.doubt(scores[:0], np.zeros((0, 2), bool)).shape == (0, 2)


def test_a_model_without_limits_takes_a_score_at_its_word():
    scores = np.float32([[0.14, 0.16, 0.49, 0.51]])
    assert UNMEASURED.doubt(scores, np.array([[False, False, True, True]])).tolist() == [[False, True, True, False]]


@pytest.mark.parametrize(
    ("kappa", "positives", "word"),
    [
        (0.6, 5, "goed"),
        (0.598, 5, "goed"),
        (0.594, 9, "matig"),
        (0.4, 9, "matig"),
        (0.39, 9, "laag"),
        (1, 4, "onbekend"),
    ],
)
def test_the_word_is_that_of_the_figure_as_it_is_shown(kappa, positives, word):
    assert Agreement(kappa, positives).word == word


def test_agreement_survives_being_written():
    found = {"a/b/c": Agreement(0.1234, 7), "a/b/d": Agreement(-0.02, 1)}
    assert read_agreement(json.loads(json.dumps(write_agreement(found)))) == found
    for nothing in ({}, [], None, {"a": 0.5}, {"a": {"kappa": "x", "positives": 1}}, {"a": {"kappa": 0.5}}):
        assert read_agreement(nothing) == {}


# --- where the limits lie ----------------------------------------------------------------------------------


def made_scores(rng, size, honest=1.0):
    """Scores of one code, its truth (for suggestions only a share `honest` of what they say), and suggestions."""
    scores = rng.beta(0.5, 2, (size, 1)).astype(np.float32)
    suggested = scores >= 0.35
    return scores, suggested, rng.random(scores.shape) < np.where(suggested, scores * honest, scores)


def test_where_scores_are_true_the_limits_are_the_chances():
    scores, suggested, truth = made_scores(np.random.default_rng(1), 20_000)
    limits = fit_limits(scores, suggested, truth, np.ones_like(truth))
    assert limits.low == pytest.approx([FAIR], abs=0.04)
    assert limits.high == pytest.approx([HALF], abs=0.04)


def test_where_suggestions_promise_too_much_more_of_them_are_in_doubt():
    rng = np.random.default_rng(2)
    scores, suggested, truth = made_scores(rng, 20_000, honest=0.7)
    limits = fit_limits(scores, suggested, truth, np.ones_like(truth))
    assert limits.high == pytest.approx([HALF / 0.7], abs=0.05)
    scores, suggested, truth = made_scores(rng, 20_000, honest=0.7)
    found = shares(truth, suggested, limits.doubt(scores, suggested))
    assert found["doubt, suggested"][1] < HALF < found["suggest"][1]
    assert found["none"][1] < FAIR < found["doubt, not suggested"][1]
    assert sum(number for number, _ in found.values()) == truth.size


def test_a_rare_code_leans_on_the_others(monkeypatch):
    rng = np.random.default_rng(3)
    pairs = zip(*(made_scores(rng, 2000) for _ in range(2)), strict=True)
    scores, suggested, truth = (np.hstack(pair) for pair in pairs)
    rare = truth.copy()
    rare[np.flatnonzero(rare[:, 1])[4:], 1] = False  # the second code is hardly ever right
    everyone = fit_limits(scores, suggested, truth, np.ones_like(truth)).high[1]
    leaning = fit_limits(scores, suggested, rare, np.ones_like(rare)).high[1]
    monkeypatch.setattr(calibration, "SHRINKAGE", 0)
    alone = fit_limits(scores, suggested, rare, np.ones_like(rare)).high[1]
    assert everyone + 0.02 < leaning < alone - 0.02


def test_what_is_unknown_sets_no_limit():
    scores, suggested, truth = made_scores(np.random.default_rng(4), 4000)
    shrugged = np.random.default_rng(5).random(truth.shape) < 0.5
    limits = fit_limits(scores, suggested, truth & ~shrugged, ~shrugged)
    assert limits.low == pytest.approx([FAIR], abs=0.06)


@pytest.mark.parametrize("truth", [True, False])
def test_where_everything_or_nothing_is_right_a_score_is_taken_at_its_word(truth):
    scores = np.float32([[0.1, 0.9], [0.2, 0.8]])
    limits = fit_limits(scores, scores > 0.5, np.full((2, 2), truth), np.ones((2, 2), bool))
    assert limits.low == pytest.approx([FAIR] * 2) and limits.high == pytest.approx([HALF] * 2)
    nothing = fit_limits(scores, np.zeros((2, 2), bool), scores > 0.5, np.ones((2, 2), bool))
    assert nothing.high == pytest.approx([HALF] * 2)


# --- what is expected --------------------------------------------------------------------------------------


def test_each_interview_is_decided_on_by_the_others():
    made = [Labelled("", "", frozenset(), f"R{n % 7}") for n in range(30)]
    logits = np.arange(30, dtype=np.float32)[:, None]
    seen = []

    def settle(part, of):
        known = {row.interview for row in of}
        seen.append(known)
        return lambda held: (held, np.array([[f"R{int(n) % 7}" in known] for n in held[:, 0]]))

    scores, leaked = cross_fit(logits, made, settle)
    assert (scores == logits).all(), "in the order of the rows"
    assert not leaked.any(), "no interview is decided on by itself"
    assert len(seen) == 5


def test_what_cannot_be_measured_is_not_made_up(monkeypatch):
    made = [Labelled("", "", frozenset(["a"] * (n == 0)), f"R{n}") for n in range(4)]  # one interview has all there is
    monkeypatch.setattr(training, "decide", lambda *_: pytest.fail("not asked"))
    limits, agreement = expect(np.zeros((4, 2, 1), np.float32), made, ["a"])
    assert limits is UNMEASURED and agreement == {}
    alone = [Labelled("", "", frozenset(["a"] * (n % 2)), "R1") for n in range(4)]
    assert expect(np.zeros((4, 2, 1), np.float32), alone, ["a"])[1] == {}


def test_expected_agreement_is_kappa_over_what_is_known():
    labels = np.repeat([True, False, True, False], [20, 5, 10, 15])
    suggested = np.repeat([True, True, False, False], [20, 5, 10, 15])
    columns = np.stack([labels, labels, np.zeros(50, bool)], 1)
    sure = np.ones((50, 3), bool)
    sure[:, 1] = labels == suggested
    found = expected_agreement(columns, sure, np.stack([suggested] * 3, 1), ["a", "b", "never"])
    assert found["a"].kappa == pytest.approx(0.4) and found["a"].positives == 30
    assert found["b"] == (1.0, 20)
    assert "never" not in found


def test_agreement_of_chance_is_not_praised():
    """Thresholds chosen on the same rows would find some agreement in noise."""
    rng = np.random.default_rng(6)
    made = [
        Labelled(
            " ".join(rng.choice(list("abcdefghij"), 6)), "", frozenset(["x"] * int(rng.random() < 0.3)), f"R{n % 6}"
        )
        for n in range(240)
    ]
    found = train("ruis", made, ["x"]).agreement["x"]
    assert abs(found.kappa) < 0.15 and found.positives == sum(bool(row.codes) for row in made)


def test_training_expects_and_measures(model):
    assert model.agreement.keys() == WORDS.keys()
    assert all(found.kappa > 0.9 and found.word == "goed" for found in model.agreement.values())


def test_limits_and_agreement_change_no_score_and_no_suggestion(model):
    texts, questions = [row.text for row in rows(["R09"])], [""] * 48
    other = replace(model, limits=Limits(np.float32(0), np.float32(1)), agreement={})
    for one, two in zip(model.predict(texts, questions), other.predict(texts, questions), strict=True):
        assert (one == two).all()


# --- the folder of a model ---------------------------------------------------------------------------------


def test_a_saved_model_doubts_the_same(model, tmp_path):
    low, high = np.float32([0.1, 0.2, 0.3]), np.float32([0.4, 0.5, 0.6])
    save(replace(model, limits=Limits(low, high)), tmp_path, "kaart")
    again = load(tmp_path)
    assert (again.limits.low == low).all() and (again.limits.high == high).all()
    assert {c: (round(a.kappa, 4), a.positives) for c, a in model.agreement.items()} == again.agreement


def test_a_model_of_before_the_limits_can_be_read(model, tmp_path):
    save(model, tmp_path, "kaart")
    with np.load(tmp_path / "weights.npz") as stored:
        arrays = {name: stored[name] for name in stored.files if not name.startswith("doubt")}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    (tmp_path / "weights.npz").write_bytes(buffer.getvalue())
    description = json.loads((tmp_path / "model.json").read_text())
    del description["agreement"]
    description["files"]["weights.npz"] = sha256(buffer.getvalue())
    (tmp_path / "model.json").write_text(json.dumps(description))
    again = load(tmp_path)
    assert again.limits.low == pytest.approx([FAIR] * 3) and again.limits.high == pytest.approx([HALF] * 3)
    assert again.agreement == {}


# --- the page ----------------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path):
    """Tables in which the model doubts: of what it suggests below .7, of what it does not from .3 on."""
    book = write_codebook(tmp_path / "book")
    codebook, out = read_codebook(book), tmp_path / "out"
    segments = write_tables(out, codebook)
    codings = read_codings(out / "codings.csv")
    doubtful = [replace(c, doubt=c.score < 0.7 if c.suggested else c.score >= 0.3) for c in codings]
    write_codings(out / "codings.csv", doubtful)
    agreement = {codebook.ids[0]: Agreement(0.71, 12)}
    write_manifest(out, replace(manifest(out, codebook, segments), agreement=write_agreement(agreement)))
    return out, book, doubtful


def test_the_page_doubts_where_the_tables_do(study):
    out, book, codings = study
    shown = load_study(out, read_codebook(book))
    ours, others = set(), set()
    for row, segment in enumerate(shown.segments):
        ours |= {(segment.segment_id, s.code) for s in shown.suggestions(row) if s.close}
        others |= {(segment.segment_id, s.code) for s in shown.maybe(row)}
        assert [s.score for s in shown.maybe(row)] == sorted((s.score for s in shown.maybe(row)), reverse=True)
    assert ours == {(c.segment_id, c.code) for c in codings if c.answer == "doubt" and c.suggested} != set()
    assert others == {(c.segment_id, c.code) for c in codings if c.answer == "doubt" and not c.suggested} != set()
    review = open_review(out, book)
    assert set(review.queue(Filter(state="close"))["ids"]) == {segment for segment, _ in ours}
    review.store.close()


def test_the_page_knows_the_agreement_and_a_new_code_is_not_in_doubt(study):
    out, book, _ = study
    shown = load_study(out, read_codebook(book))
    assert shown.agreement == {shown.codebook.ids[0]: (0.71, 12)}
    shutil.rmtree(book)
    wider = with_codebook(shown, read_codebook(write_codebook(book, ("Nieuw", "Motief", "Doel"))))
    assert not wider.doubts[:, wider.columns["samen/begin/nieuw"]].any()
    motive = "samen/begin/motief"
    assert (wider.doubts[:, wider.columns[motive]] == shown.doubts[:, shown.columns[motive]]).all()
