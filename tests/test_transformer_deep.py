"""The deep model: one more layer on a reader's features. Gemma is put in by a reader with plain features here."""

import json
from functools import partial

import numpy as np
import pytest

from pipeline.classifier import save
from pipeline.errors import ModelError
from pipeline.evaluation import quality
from pipeline.training import Labelled, held_out, targets, train
from pipeline.transformer.deep import DeepClassifier, load_deep, save_deep, train_deep
from pipeline.transformer.gemma import Gemma
from pipeline.transformer.layers import ReadMaker, TunedMaker
from pipeline.transformer.logistic import fit_dense
from tests.made_rows import Counting, made_rows

WORDS = {
    "middelen/x/geld": "budget euro subsidie betalen",
    "middelen/x/tijd": "agenda uren drukte dinsdag",
    "wonen/x/huis": "woning sleutel flat trap",
}


rows = partial(made_rows, WORDS)


def made(name, fast, known, maker, choice=()):
    return train_deep(name, fast, held_out(known, list(WORDS), choice), known, maker, choice)


@pytest.fixture(scope="module")
def fast():
    return train("proef 1", rows(), list(WORDS))


@pytest.fixture(scope="module")
def deep(fast):
    return made("diep 1", fast, rows(), ReadMaker(Counting()), rows(["R07"]))


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
    plain, other = fit_dense(made, labels, sure), fit_dense(shifted, labels, sure)
    np.testing.assert_allclose(made @ plain[:-1] + plain[-1], shifted @ other[:-1] + other[-1], atol=0.05)


def test_one_interview_is_too_little(fast):
    one = [Labelled("budget", "", frozenset(["middelen/x/geld"]), "R01")]
    with pytest.raises(ValueError, match="two interviews"):
        made("diep 1", fast, one, ReadMaker(Counting()))


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
    files = {path.name for path in (folders / "deep").iterdir()}
    assert files == {"model.json", "weights.npz", "layer.npz", "README.md"}
    description = json.loads((folders / "deep" / "model.json").read_text())
    assert description["fast"] == "../fast" and len(description["layer"]["gemma_sha256"]) == 64


def test_another_fast_model_or_changed_weights_are_refused(folders, fast):
    (folders / "fast" / "model.json").write_text((folders / "fast" / "model.json").read_text() + "\n")
    with pytest.raises(ModelError, match="another fast model"):
        load_deep(folders / "deep", Counting())
    (folders / "deep" / "layer.npz").write_bytes(b"x")
    (folders / "fast" / "model.json").write_text((folders / "fast" / "model.json").read_text()[:-1])
    with pytest.raises(ModelError, match=r"layer\.npz: changed"):
        load_deep(folders / "deep", Counting())
    (folders / "deep" / "weights.npz").write_bytes(b"x")
    with pytest.raises(ModelError, match="changed"):
        load_deep(folders / "deep", Counting())
    (folders / "deep" / "weights.npz").unlink()
    with pytest.raises(ModelError, match="not complete"):
        load_deep(folders / "deep", Counting())
    with pytest.raises(ModelError, match="no deep model"):
        load_deep(folders / "fast", Counting())


class Watched(Counting):
    """Counts how many texts it was given."""

    def __init__(self):
        self.seen = []

    def features(self, texts, questions, progress=None):
        self.seen += zip(texts, questions, strict=True)
        return super().features(texts, questions, progress)


def test_a_text_is_read_once_however_many_folds_it_is_in(fast):
    reader = Watched()
    model = made("diep 1", fast, rows(), ReadMaker(reader))
    assert len(reader.seen) == len(set(reader.seen)) == len({(row.text, row.question) for row in rows()})
    model.predict(["budget"], ["Iets dat nog niet was gelezen?"])
    assert reader.seen[-1] == ("budget", "Iets dat nog niet was gelezen?")


@pytest.fixture(scope="module")
def tuned(fast):
    pytest.importorskip("torch")
    from pipeline.settings import shipped
    from pipeline.transformer.tuning import Recipe

    maker = TunedMaker(
        str(shipped("models") / "encoder-nl"), Recipe(epochs=2, batch=16, body_rate=5e-4, head_rate=1e-2)
    )
    return made("diep 2", fast, rows(each=4), maker)


def test_an_encoder_that_was_fine_tuned_stands_beside_the_fast_model_too(tuned, fast, tmp_path):
    new = rows(["R09"], each=3, seed=1)
    texts, questions = [row.text for row in new], [row.question for row in new]
    scores, suggested = tuned.predict(texts, questions)
    found = quality(targets(new, tuned.codes), scores, suggested, tuned.codes)
    assert found.top1 == 1 and found.mean_kappa > 0.6
    assert tuned.decision.slope[1] > 0, "the layer counts"
    save(fast, tmp_path / "fast", "kaart")
    save_deep(tuned, tmp_path / "deep", tmp_path / "fast", "kaart")
    again = load_deep(tmp_path / "deep")
    assert np.abs(again.predict(texts, questions)[0] - scores).max() < 1e-3
    (tmp_path / "deep" / "layer-weights.npz").write_bytes(b"x")
    with pytest.raises(ModelError, match=r"layer-weights\.npz: changed"):
        load_deep(tmp_path / "deep")


def test_without_the_extra_it_says_what_to_install(folders, monkeypatch):
    from pipeline.transformer import layers

    monkeypatch.setattr(layers, "DEEP", ("no_such_module_here",))
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
