"""The deep model: one more layer on a reader's features. Gemma is put in by a reader with plain features here."""

import json
from functools import partial

import numpy as np
import pytest

from pipeline.classifier import save
from pipeline.errors import ModelError
from pipeline.evaluation import quality
from pipeline.training import Labelled, targets, train
from pipeline.transformer.deep import DeepClassifier, fit_layer, load_deep, save_deep, train_deep
from pipeline.transformer.gemma import Gemma
from tests.made_rows import made_rows

WORDS = {
    "middelen/x/geld": "budget euro subsidie betalen",
    "middelen/x/tijd": "agenda uren drukte dinsdag",
    "wonen/x/huis": "woning sleutel flat trap",
}


rows = partial(made_rows, WORDS)


class Counting:
    """A reader that counts letters, one of them a thousand times as large, as some of Gemma's numbers are."""

    def features(self, texts, questions, progress=None):
        made = np.array([[text.count(letter) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts], np.float32)
        made = made.reshape(len(texts), 26)
        made[:, 4] *= 1000
        if progress is not None:
            progress(len(texts))
        return made


@pytest.fixture(scope="module")
def fast():
    return train("proef 1", rows(), list(WORDS))


@pytest.fixture(scope="module")
def deep(fast):
    return train_deep("diep 1", rows(), list(WORDS), fast, Counting(), choice=rows(["R07"]))


def test_it_learns_and_weighs_all_layers(deep):
    new = rows(["R09"], each=5, seed=1)
    scores, suggested = deep.predict([row.text for row in new], [row.question for row in new])
    found = quality(targets(new, deep.codes), scores, suggested, deep.codes)
    assert found.mean_kappa > 0.95
    assert (deep.decision.slope > 0).all()
    assert (scores >= 0).all() and (scores <= 1).all()


def test_nothing_to_code_is_no_rows(deep):
    assert [part.shape for part in deep.predict([], [])] == [(0, 3), (0, 3)]


def test_the_scaling_is_folded_into_the_layer():
    made = Counting().features([row.text for row in rows()], [])
    labels = targets(rows(), list(WORDS))
    sure = np.ones_like(labels)
    shifted = made * np.linspace(1, 50, 26, dtype=np.float32) + 7
    plain, other = fit_layer(made, labels, sure), fit_layer(shifted, labels, sure)
    np.testing.assert_allclose(made @ plain[:-1] + plain[-1], shifted @ other[:-1] + other[-1], atol=0.05)


def test_one_interview_is_too_little(fast):
    one = [Labelled("budget", "", frozenset(["middelen/x/geld"]), "R01")]
    with pytest.raises(ValueError, match="two interviews"):
        train_deep("diep 1", one, list(WORDS), fast, Counting())


@pytest.fixture
def folders(fast, deep, tmp_path):
    save(fast, tmp_path / "fast", "kaart")
    save_deep(deep, tmp_path / "deep", tmp_path / "fast", "kaart", {"mean_kappa": 0.5})
    return tmp_path


def test_a_saved_model_scores_the_same(deep, folders):
    again = load_deep(folders / "deep", Counting())
    texts, questions = ["nou dat budget, die subsidie", "ja"], ["Hoe?", ""]
    assert isinstance(again, DeepClassifier)
    assert again.codes == deep.codes and again.name == "diep 1"
    ours, theirs = deep.predict(texts, questions), again.predict(texts, questions)
    assert np.abs(ours[0] - theirs[0]).max() < 2e-3
    assert np.array_equal(ours[1], theirs[1])


def test_nothing_of_gemma_is_in_the_folder(folders):
    assert {path.name for path in (folders / "deep").iterdir()} == {"model.json", "weights.npz", "README.md"}
    description = json.loads((folders / "deep" / "model.json").read_text())
    assert description["fast"] == "../fast" and len(description["gemma_sha256"]) == 64


def test_another_fast_model_or_changed_weights_are_refused(folders, fast):
    (folders / "fast" / "model.json").write_text((folders / "fast" / "model.json").read_text() + "\n")
    with pytest.raises(ModelError, match="another fast model"):
        load_deep(folders / "deep", Counting())
    (folders / "deep" / "weights.npz").write_bytes(b"x")
    with pytest.raises(ModelError, match="changed"):
        load_deep(folders / "deep", Counting())
    (folders / "deep" / "weights.npz").unlink()
    with pytest.raises(ModelError, match="not complete"):
        load_deep(folders / "deep", Counting())
    with pytest.raises(ModelError, match="no deep model"):
        load_deep(folders / "fast", Counting())


def test_without_the_extra_it_says_what_to_install(folders, monkeypatch):
    from pipeline.transformer import deep

    monkeypatch.setattr(deep, "DEEP", ("no_such_module_here",))
    with pytest.raises(ModelError, match=r"codeboom\[deep\]"):
        load_deep(folders / "deep")


@pytest.fixture(scope="module")
def gemma():
    """Gemma's architecture with few and random weights, and a tokenizer of letters."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from pipeline.transformer import gemma as module

    torch.manual_seed(0)
    config = transformers.Gemma3TextConfig(
        vocab_size=128,
        hidden_size=module.WIDTH,
        num_hidden_layers=max(module.LAYERS),
        num_attention_heads=1,
        num_key_value_heads=1,
        head_dim=16,
        intermediate_size=32,
    )
    model = transformers.Gemma3TextModel(config).eval()

    def letters(text, add_special_tokens=True):
        return {"input_ids": [2] * add_special_tokens + [ord(letter) % 128 for letter in text]}

    return Gemma(model, letters)


def test_features_do_not_depend_on_company_or_order(gemma):
    texts = ["Nou, wij deden dat samen.", "Ja.", "", "\ud800 x", "lang " * 200]
    questions = ["Hoe ging dat?", "", "En?", "", "Waarom?"]
    steps = []
    together = gemma.features(texts, questions, steps.append)
    alone = np.vstack([gemma.features([t], [q]) for t, q in zip(texts, questions, strict=True)])
    assert together.shape == (5, 2560) and together.dtype == np.float32
    assert np.isfinite(together).all() and sum(steps) == 5
    np.testing.assert_allclose(together, alone, atol=1e-3)
    assert np.abs(together[0] - together[1]).max() > 0.01
    assert gemma.features([], []).shape == (0, 2560)


def test_the_question_changes_what_is_read_in_the_answer(gemma):
    one, two = gemma.features(["Ja, precies."] * 2, ["Was het geld?", "Was het tijd?"])
    assert np.abs(one - two).max() > 0.001
