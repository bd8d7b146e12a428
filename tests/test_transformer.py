"""The Dutch encoder as a transformers model, fine-tuning from any folder, and the export that needs no torch."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # before the hub's library is imported: no test may reach for it
torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from pipeline.encoder import load_encoder  # noqa: E402
from pipeline.errors import ModelError  # noqa: E402
from pipeline.settings import shipped  # noqa: E402
from pipeline.training import Labelled  # noqa: E402
from pipeline.transformer.convert import as_arrays, from_encoder, tokenizer_of  # noqa: E402
from pipeline.transformer.exported import DESCRIPTION, WEIGHTS, export, load_exported  # noqa: E402
from pipeline.transformer.logistic import logistic  # noqa: E402
from pipeline.transformer.needs import require  # noqa: E402
from pipeline.transformer.tuning import Recipe, finetune, load_tuned, start_from  # noqa: E402

ENCODER = shipped("models") / "encoder-nl"
CASES = Path(__file__).resolve().parent / "cases"
ODD = ["", " ", "a", "<pad> of </s> zegt hij", "日本 ☃ 𝒳", "woord " * 300]
CODES = ("geld", "tijd", "huis")
WORDS = {"geld": "budget euro subsidie", "tijd": "agenda uren dinsdag", "huis": "woning sleutel flat"}


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


@pytest.fixture(scope="module")
def sentences():
    return (CASES / "encoder_spoken.txt").read_text(encoding="utf-8").splitlines()[:120] + ODD


def rows(each=10, seed=0):
    """Rows whose code is plain from their words, some with two, some with none."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(each):
        for code, words in WORDS.items():
            made.append(Labelled(" ".join(rng.choice(words.split(), 2)), "Hoe dan?", frozenset([code]), "R01"))
        made.append(Labelled("nou ja gewoon", "", frozenset(), "R01"))
        made.append(Labelled("budget voor de woning", "", frozenset(["geld", "huis"]), "R02"))
    return made


def vectors(model, tokenizer, texts):
    with torch.inference_mode():
        return model.eval()(**tokenizer(texts, padding=True, return_tensors="pt")).pooler_output.numpy()


def test_it_equals_the_numpy_encoder(sentences):
    ours = vectors(from_encoder(ENCODER).encoder, tokenizer_of(ENCODER), sentences)
    cosines = np.einsum("ij,ij->i", ours, load_encoder(ENCODER).encode(sentences))
    assert cosines.min() >= 0.9999


def test_it_cuts_as_the_numpy_encoder_also_what_looks_like_padding(sentences):
    tokenizer = tokenizer_of(ENCODER)
    ours = [ids if len(ids) > 2 else [1, 0, 2] for ids in tokenizer(sentences)["input_ids"]]
    assert ours == load_encoder(ENCODER).tokenize(sentences)


def test_question_and_segment_are_read_apart():
    model, tokenizer = from_encoder(ENCODER, num_labels=3).eval(), tokenizer_of(ENCODER)
    pairs = [("Het budget was op.", "En het geld?"), ("Nou ja.", ""), ("x", "Waarom?")]
    with torch.inference_mode():
        made = tokenizer([t for t, _ in pairs], [q for _, q in pairs], padding=True, return_tensors="pt")
        logits = model(**made).logits.numpy()
    alone = load_encoder(ENCODER).encode([t for t, _ in pairs] + [q for _, q in pairs])
    left, right = alone[:3], alone[3:] * np.array([[1], [0], [1]])
    head = model.classifier
    wanted = np.hstack([left, right]) @ head.weight.detach().numpy().T * 10 + head.bias.detach().numpy()
    assert np.abs(logits - wanted).max() < 1e-4


def test_saved_and_read_back_by_the_auto_classes(tmp_path, sentences):
    model, tokenizer = from_encoder(ENCODER, num_labels=3), tokenizer_of(ENCODER)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}
    again = transformers.AutoModel.from_pretrained(tmp_path)
    cut = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert type(again).__name__ == "DutchUseModel"
    assert np.array_equal(vectors(again, cut, sentences), vectors(model.encoder, tokenizer, sentences))
    whole = transformers.AutoModelForSequenceClassification.from_pretrained(tmp_path)
    assert torch.equal(whole.classifier.weight, model.classifier.weight)
    assert cut("hoi <pad>", "ja") == tokenizer("hoi <pad>", "ja")


def test_the_arrays_come_back_as_they_were():
    from pipeline.encoder import read_folder

    _, arrays = read_folder(ENCODER)
    ours = as_arrays(from_encoder(ENCODER).encoder)
    assert set(ours) == {name for name in arrays if name != "chunk" and not name.startswith("table.")}
    assert all(np.array_equal(ours[name], arrays[name].reshape(ours[name].shape)) for name in ours)


@pytest.fixture(scope="module")
def tuned():
    return finetune(rows(), CODES, ENCODER, recipe=Recipe(epochs=3, batch=8, body_rate=5e-4, head_rate=1e-2))


def learnt(model):
    """What is plain is found: every code scores best on its own words, and better there than on no code's."""
    texts = ["subsidie budget", "dinsdag agenda", "flat sleutel", "nou ja gewoon"]
    scores = model.logits(texts, ["Hoe dan?"] * 3 + [""])[:, : len(CODES)]
    assert scores.argmax(axis=1)[:3].tolist() == [0, 1, 2]
    assert (np.diag(scores[:3]) > scores[3]).all()


def test_the_encoder_learns_end_to_end(tuned):
    learnt(tuned)
    before = start_from(ENCODER, CODES, Recipe()).model.encoder.first[0].weight
    assert not torch.equal(tuned.model.encoder.first[0].weight, before)


def test_the_same_seed_gives_the_same_model():
    one, two = (finetune(rows(3), CODES, ENCODER, recipe=Recipe(epochs=1, seed=7)) for _ in range(2))
    assert torch.equal(one.model.classifier.weight, two.model.classifier.weight)


def test_the_best_epoch_on_the_choice_rows_is_kept(monkeypatch):
    from pipeline.transformer import tuning

    found, seen = iter([0.5, 0.9, 0.6, 0.4, 0.3]), []

    def measured(tuned, choice, codes):
        seen.append(tuned.model.classifier.weight.detach().clone())
        return next(found)

    monkeypatch.setattr(tuning, "_precision", measured)
    model = finetune(rows(2), CODES, ENCODER, choice=rows(1), recipe=Recipe(epochs=5, patience=2)).model
    assert len(seen) == 4  # two after the best, and not the fifth
    assert torch.equal(model.classifier.weight, seen[1])
    assert not torch.equal(seen[1], seen[3])


def test_an_exported_model_scores_the_same_without_torch(tuned, tmp_path, sentences):
    export(tuned, tmp_path, ENCODER)
    texts, questions = sentences[:40] + ODD[1:], ["Hoe dan?", "", "En toen, wat gebeurde er?"] * 15
    wanted = tuned.logits(texts, questions[: len(texts)])
    short = [len(text) < 1000 for text in texts]  # numpy reads the whole of what torch cuts off
    got = load_exported(tmp_path, ENCODER).logits(texts, questions[: len(texts)])
    assert np.abs(wanted - got)[short].max() < 1e-3
    script = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "from pathlib import Path; from pipeline.transformer.exported import load_exported\n"
        f"print(load_exported(Path({str(tmp_path)!r}), Path({str(ENCODER)!r})).logits(['subsidie'], ['']).shape)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=CASES.parents[1])
    assert done.stdout.strip() == "(1, 6)", done.stderr


def test_a_changed_export_is_refused(tuned, tmp_path):
    export(tuned, tmp_path, ENCODER)
    (tmp_path / WEIGHTS).write_bytes(b"x")
    with pytest.raises(ModelError, match="changed"):
        load_exported(tmp_path, ENCODER)
    (tmp_path / DESCRIPTION).write_text("[]")
    with pytest.raises(ModelError, match="damaged"):
        load_exported(tmp_path, ENCODER)
    with pytest.raises(ModelError, match="not complete"):
        load_exported(tmp_path / "nowhere", ENCODER)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    """A tiny BERT with random weights, saved as a hub's model is."""
    folder = tmp_path_factory.mktemp("bert")
    words = [*" ".join(WORDS.values()).split(), "nou", "ja", "gewoon", "voor", "de", "hoe", "dan", "?"]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]
    tokenizer = transformers.BertTokenizerFast(vocab={word: i for i, word in enumerate(vocabulary)})
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=40,
        initializer_range=0.2,  # a large model's weights begin nearer to zero than so small a one can learn from
    )
    transformers.BertModel(config).save_pretrained(folder)
    return folder


def test_any_local_folder_is_fine_tuned_by_the_same_path(bert, tmp_path):
    recipe = Recipe(epochs=25, batch=8, body_rate=1e-3, head_rate=1e-2, patience=25)
    model = finetune(rows(), CODES, str(bert), choice=rows(2, seed=1), recipe=recipe)
    learnt(model)
    assert model.logits(["budget " * 500], [""]).shape == (1, 6)  # longer than it has places for
    model.save(tmp_path)
    again = load_tuned(tmp_path)
    assert again.columns[:3] == CODES
    assert np.allclose(again.logits(["budget euro"], [""]), model.logits(["budget euro"], [""]), atol=1e-6)


def test_a_tuned_encoder_is_saved_and_tuned_on(tuned, tmp_path):
    tuned.save(tmp_path)
    again = load_tuned(tmp_path)
    # Not to the last bit: where the weights lie in memory decides in which order the machine adds.
    assert np.allclose(again.logits(["budget"], ["Hoe?"]), tuned.logits(["budget"], ["Hoe?"]), rtol=0, atol=1e-5)
    learnt(finetune(rows(), CODES, tmp_path, recipe=Recipe(epochs=1)))


def test_a_hub_out_of_reach_says_what_to_do():
    with pytest.raises(ModelError, match="out of reach") as caught:
        finetune(rows(1), CODES, "nobody-at-all/no-such-model")
    assert "encoder" in str(caught.value)


@pytest.mark.parametrize("encoder", ["a/b/c", "../weg", "/nergens/model", Path("weg")])
def test_what_is_no_folder_and_no_id_is_refused_before_the_hub_is_asked(encoder):
    with pytest.raises(ModelError, match="no such folder"):
        start_from(encoder, CODES, Recipe())


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no complete model"):
        start_from(tmp_path, CODES, Recipe())


def test_pickled_weights_are_not_read(bert, tmp_path):
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((bert / name).read_bytes())
    torch.save({}, tmp_path / "pytorch_model.bin")
    with pytest.raises(ModelError):
        start_from(tmp_path, CODES, Recipe())


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="rows"):
        finetune([], CODES, ENCODER)


def test_a_missing_extra_says_what_to_install():
    with pytest.raises(ModelError, match=r"pip install 'codeboom\[deep\]'"):
        require("deep", ("torch", "no_such_module_here"))


def test_all_codes_at_once_find_the_optimum_of_one_by_one():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    features = rng.normal(size=(200, 8)).astype(np.float32)
    labels = features[:, :4] + rng.normal(size=(200, 4)) > 0.8
    labels[:, 2] = False
    sure = np.ones_like(labels)
    sure[:90, 3] = False
    weights = logistic(features, labels, sure, 1.0)
    for code in (0, 1, 3):
        rows = sure[:, code]
        alone = LogisticRegression(C=1.0, class_weight="balanced").fit(features[rows], labels[rows, code])
        assert np.abs(weights[:-1, code] - alone.coef_[0]).max() < 0.02
    assert not weights[:, 2].any()
