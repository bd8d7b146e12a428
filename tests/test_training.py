"""Calibration, thresholds and measures, on scores whose truth is known."""

from functools import partial

import numpy as np
import pytest

from pipeline import calibration
from pipeline.baselines import calibrated, majority, tfidf
from pipeline.calibration import calibrate
from pipeline.classifier import load, save
from pipeline.codebook import read_codebook
from pipeline.errors import CodeboomError, ModelError
from pipeline.evaluation import compare, leave_one_interview_out, quality
from pipeline.features import fit_features, words_of
from pipeline.settings import ROOT, shipped
from pipeline.suggesting import sigmoid
from pipeline.training import Labelled, above, codebook_rows, linear, passage_rows, train
from pipeline.tree import Tree
from tests.made_rows import WORDS, made_rows

rows = partial(made_rows, WORDS)


@pytest.fixture(scope="module")
def model():
    return train("proef 1", rows(), list(WORDS))


def test_it_learns_what_is_plain(model):
    new = rows(["R09"], each=5, seed=1)
    found = compare(model.predict, new, model.codes)
    assert found.mean_kappa > 0.95
    assert found.top1 == 1.0


def test_a_saved_model_scores_the_same(model, tmp_path):
    save(model, tmp_path, "kaart", {"mean_kappa": 0.5})
    again = load(tmp_path)
    texts, questions = ["nou dat budget, die subsidie", "ja"], ["Hoe?", ""]
    (scores, suggested), (others, answers) = model.predict(texts, questions), again.predict(texts, questions)
    assert np.abs(scores - others).max() < 1e-3
    assert (suggested == answers).all()
    assert again.codes == model.codes


def test_scores_do_not_depend_on_company(model):
    texts, questions = ["nou dat budget", "de sleutel van de flat", "ja"], ["Hoe?", "", "Hoe?"]
    together = model.predict(texts, questions)[0]
    alone = np.vstack([model.predict([t], [q])[0] for t, q in zip(texts, questions, strict=True)])
    assert np.abs(together - alone).max() < 1e-5


def test_case_and_punctuation_are_not_seen(model):
    loud, plain = "Nou, dat BUDGET: die subsidie!", "nou dat budget die subsidie"
    assert (model.predict([loud], ["Hoe ging dat?"])[0] == model.predict([plain], ["hoe ging dat"])[0]).all()


def test_progress_counts_every_segment(model):
    seen = []
    model.predict(["nou"] * 1200, [""] * 1200, seen.append)
    assert sum(seen) == 1200
    scores, suggested = model.predict([], [])
    assert scores.shape == suggested.shape == (0, 3)


def test_a_text_of_unknown_words_has_no_features():
    features = fit_features(["budget subsidie", "budget woning", "woning budget"], ["", "", ""])
    assert features.matrix(["xyzzy", ""], ["", ""]).nnz == 0
    assert words_of("Ja-nee, één!") == ["ja", "nee", "één"]


def test_what_is_unknown_teaches_nothing():
    known_rows = rows()
    shrugs = [Labelled(r.text, r.question, frozenset(), r.interview, frozenset(WORDS)) for r in rows(seed=5)]
    wrong = [Labelled(r.text, r.question, frozenset(), r.interview) for r in rows(seed=5)]
    new = rows(["R09"], each=5, seed=1)
    assert compare(train("a", known_rows + shrugs, list(WORDS)).predict, new, list(WORDS)).mean_kappa > 0.95
    spoilt = compare(train("a", known_rows + wrong, list(WORDS)).predict, new, list(WORDS))
    assert spoilt.calibration > 0.1


def test_every_interview_is_coded_by_a_model_that_did_not_see_it():
    seen = []

    def trainer(part, codes):
        seen.append({row.interview for row in part})
        return train("x", part, codes).predict

    assert leave_one_interview_out(rows(), list(WORDS), trainer).mean_kappa > 0.95
    assert seen == [{"R02", "R03"}, {"R01", "R03"}, {"R01", "R02"}]


@pytest.mark.parametrize("way", ["svm", "logistic"])
def test_the_baselines_learn_what_is_plain_too(way):
    predict = calibrated(tfidf(way), rows(), list(WORDS))
    assert compare(predict, rows(["R09"], each=5, seed=1), list(WORDS)).mean_kappa > 0.9


CODES = ["a/x/one", "a/x/two", "b/y/three"]


def test_a_variable_that_is_found_gets_its_best_code_and_another_loses_its_codes():
    tree = Tree(np.array([[1, 0, 0], [1, 0, 0]], np.float32), np.array([0.5, 0.5], np.float32))
    probabilities = np.array([[0.2, 0.3, 0.9], [0.2, 0.3, 0.9]], np.float32)
    logits = np.array([[4, -4], [-4, 4]], np.float32)
    found = tree.suggestions(logits, probabilities, np.full(3, 0.5, np.float32), CODES)
    assert found.tolist() == [[False, True, False], [False, False, True]]


def test_a_row_lacks_a_variable_only_where_all_its_codes_are_known():
    labels = np.array([[False, False, True], [True, False, False]])
    sure = np.array([[True, False, True], [True, False, True]])
    both, known_both = above(labels, sure, CODES)
    assert both[:, 3:].tolist() == [[False, True], [True, False]]
    assert known_both[:, 3:].tolist() == [[False, True], [True, True]]


def test_the_levels_are_those_of_the_tree():
    truth = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]], bool)
    said = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]], bool)
    found = quality(truth, said.astype(np.float32), said, CODES)
    assert found.levels["variable"] == 1.0
    assert found.levels["code"] == found.mean_kappa < 0.5


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "words.json").write_text("{}"), "changed since"),
        (lambda folder: (folder / "words.json").unlink(), "not complete"),
        (lambda folder: (folder / "model.json").write_text("{"), "damaged"),
        (lambda folder: (folder / "model.json").write_text('{"format": 0}'), "another version"),
        (lambda folder: (folder / "model.json").unlink(), "no model here"),
    ],
)
def test_a_damaged_model_is_refused(model, tmp_path, damage, said):
    save(model, tmp_path, "kaart")
    damage(tmp_path)
    with pytest.raises(ModelError, match=said):
        load(tmp_path)


def test_calibrated_probabilities_mean_what_they_say():
    rng = np.random.default_rng(3)
    true_logits = rng.normal(-1, 2, (4000, 3)).astype(np.float32)
    labels = rng.random(true_logits.shape) < sigmoid(true_logits)
    noise = rng.normal(0, 1, true_logits.shape)
    layers = np.stack([(true_logits + 3) / 5, noise], axis=2).astype(np.float32)  # one worth all, one worth nothing
    slope, intercept, thresholds = calibrate(layers, labels)
    probabilities = sigmoid(layers @ slope + intercept)
    assert quality(labels, probabilities, probabilities > 0.5, "abc").calibration < 0.02
    assert slope[0] == pytest.approx(5, abs=0.4)
    assert slope[1] < 0.1
    assert ((thresholds > 0.2) & (thresholds < 0.6)).all()


def test_a_rare_code_leans_on_the_shared_threshold(monkeypatch):
    labels = np.zeros((400, 2), bool)
    labels[:285, 0] = True
    labels[:5, 1] = True
    monkeypatch.setattr(calibration, "SHRINKAGE", 15)
    # over all codes the best threshold is .2, for each code by itself it is .8
    monkeypatch.setattr(calibration, "best_threshold", lambda scores, truth: 0.2 if len(truth) == 800 else 0.8)
    _, _, thresholds = calibrate(np.zeros((400, 2, 1), np.float32), labels)
    assert thresholds == pytest.approx([0.95 * 0.8 + 0.05 * 0.2, 0.25 * 0.8 + 0.75 * 0.2])


def test_a_code_without_examples_is_never_suggested():
    labels = np.zeros((50, 2), bool)
    labels[:25, 0] = True
    scores = np.random.default_rng(0).normal(0, 1, (50, 2, 1)).astype(np.float32)
    scores[:, 1] = 0.0
    slope, intercept, thresholds = calibrate(scores, labels)
    assert (sigmoid(scores @ slope + intercept)[:, 1] < thresholds[1]).all()


def test_one_interview_is_not_enough_to_calibrate():
    with pytest.raises(ValueError, match="two interviews"):
        train("x", rows(["R01"]), list(WORDS))


def test_linear_gives_zeros_to_a_code_without_rows():
    labels = np.array([[1, 0], [0, 0], [0, 0], [1, 0]], bool)
    weights = linear(np.eye(4), labels, np.ones_like(labels))
    assert weights.shape == (5, 2)
    assert weights[:, 0].any() and not weights[:, 1].any()


def test_majority_knows_base_rates_only():
    predict = majority(rows(), list(WORDS))
    scores, suggested = predict(["wat dan ook"], [""])
    assert scores[0] == pytest.approx([0.25, 0.25, 0.25])
    assert not suggested.any()


def test_quality_of_a_worked_example():
    """Cohen (1960): 50 items, 20 both yes, 15 both no, 10 and 5 apart: kappa .40."""
    truth = np.array([1] * 20 + [0] * 15 + [1] * 5 + [0] * 10, bool)[:, None]
    said = np.array([1] * 20 + [0] * 15 + [0] * 5 + [1] * 10, bool)[:, None]
    found = quality(truth, said.astype(np.float32), said, ["a"])
    assert found.mean_kappa == pytest.approx(0.40)
    assert found.f1["a"] == pytest.approx(2 * 20 / (2 * 20 + 15))


def test_the_codebook_teaches_every_code():
    codebook = read_codebook(shipped("codebook"))
    taught = {code for row in codebook_rows(codebook) for code in row.codes}
    assert taught == set(codebook.ids)


def test_the_passages_are_read_and_refused_by_file_and_number(tmp_path):
    assert len(passage_rows(ROOT / "data" / "sample")) > 3000
    folder = tmp_path / "passages"
    folder.mkdir()
    (folder / "x.yaml").write_text(
        "topic: x\npassages:\n- {speaker: a, question: '', text: ja, codes: [bestaat-niet]}\n"
    )
    with pytest.raises(CodeboomError, match=r"x.yaml, passage 1: unknown code"):
        passage_rows(tmp_path)
