"""The classifier: from a segment and the question before it to a calibrated probability for each code.

`Classifier` is all that the rest of the house knows. `FastClassifier` is what stands behind it now: sentence
vectors of segment and question, and TF-IDF of their words and characters, each through a linear layer; their
weighted sum is calibrated per code. It needs numpy and scikit-learn, no torch. A model is a folder, checked when it
is loaded:

    model.json      format, name, codes in order, thresholds, calibration, hash of the encoder and of the weights
    weights.npz     the linear layers and the inverse document frequencies (float32; no pickle)
    words.json      the vocabularies of the two TF-IDF views
    README.md       the model's card
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.encoder import WIDTH, Encoder, load_encoder
from pipeline.errors import ModelError
from pipeline.files import sha256, write_atomic

FORMAT = 2
Floats = NDArray[np.float32]
Progress = Callable[[int], None]


class Classifier(Protocol):
    """What the pipeline needs of a model. `name` is the coder's name in the tables."""

    @property
    def name(self) -> str:
        """The model's name and version."""

    @property
    def codes(self) -> tuple[str, ...]:
        """The ids of the codes that it scores, in the order of its columns."""

    @property
    def thresholds(self) -> Floats:
        """Per code, the probability from which on it is suggested; shape (codes,)."""

    def probabilities(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """The probability of each code for each segment; shape (segments, codes), in [0, 1]."""


def vectorizer(analyzer: str, vocabulary: dict[str, int] | None = None, **options: Any) -> Any:
    """TF-IDF over words (`word`: one and two words) or characters within words (`char_wb`: two to five)."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second: only when coding

    ranges = {"word": (1, 2), "char_wb": (2, 5)}
    return TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=ranges[analyzer],
        sublinear_tf=True,
        dtype=np.float32,
        vocabulary=vocabulary,
        **options,
    )


@dataclass(frozen=True)
class Features:
    """Turns segments into the two views that the linear layers read."""

    encoder: Encoder
    words: Any
    chars: Any

    def vectors(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """Sentence vectors of segment and question side by side; shape (segments, 1024). A question that was
        asked before several segments is encoded once; no question is a zero vector."""
        asked = sorted({question for question in questions if question})
        encoded = self.encoder.encode([*texts, *asked], progress)
        rows = {question: encoded[len(texts) + i] for i, question in enumerate(asked)}
        nothing = np.zeros(encoded.shape[1], np.float32)
        right = np.array([rows.get(question, nothing) for question in questions], np.float32)
        return np.hstack([encoded[: len(texts)], right.reshape(len(texts), -1)])

    def counts(self, texts: Sequence[str], questions: Sequence[str]) -> Any:
        """TF-IDF of question and segment as one text, words and characters side by side; sparse."""
        from scipy.sparse import hstack

        joined = together(texts, questions)
        return hstack([self.words.transform(joined), self.chars.transform(joined)], format="csr")


def together(texts: Sequence[str], questions: Sequence[str]) -> list[str]:
    """Question and segment as one text each."""
    return [f"{question}\n{text}" for text, question in zip(texts, questions, strict=True)]


@dataclass(frozen=True)
class FastClassifier:
    """See the module. Shapes: `dense` (1024 + 1, codes), `sparse` (vocabulary + 1, codes), the last row the
    intercept; `slope` (2,), how much each layer weighs; `intercept` and `thresholds` (codes,)."""

    name: str
    codes: tuple[str, ...]
    features: Features
    dense: Floats
    sparse: Floats
    slope: Floats
    intercept: Floats
    thresholds: Floats

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """What the two linear layers say, before calibration; shape (segments, codes, 2)."""
        left = self.features.vectors(texts, questions, progress) @ self.dense[:-1] + self.dense[-1]
        right = self.features.counts(texts, questions) @ self.sparse[:-1] + self.sparse[-1]
        return np.stack([left, right], axis=2).astype(np.float32)

    def probabilities(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """See `Classifier`."""
        if not texts:
            return np.zeros((0, len(self.codes)), np.float32)
        return sigmoid(self.logits(texts, questions, progress) @ self.slope + self.intercept)


def sigmoid(logits: Floats) -> Floats:
    """The logistic function, safe for large values."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logits)), np.float32)


def save(
    model: FastClassifier, folder: Path, encoder_folder: Path, card: str, quality: Mapping[str, float] | None = None
) -> None:
    """Write the model as a folder. `model.json` comes last: a folder without it is no model. `quality` holds the
    figures of its card that the pipeline shows.

    Raises OutputError.
    """
    arrays = io.BytesIO()
    np.savez_compressed(
        arrays,
        dense=model.dense,
        sparse=model.sparse.astype(np.float16),  # half the size; the scores differ in the fourth decimal
        slope=model.slope,
        intercept=model.intercept,
        thresholds=model.thresholds,
        idf_words=model.features.words.idf_.astype(np.float32),
        idf_chars=model.features.chars.idf_.astype(np.float32),
    )
    vocabularies = {
        name: sorted(view.vocabulary_, key=view.vocabulary_.__getitem__)
        for name, view in (("words", model.features.words), ("chars", model.features.chars))
    }
    contents = {
        "weights.npz": arrays.getvalue(),
        "words.json": json.dumps(vocabularies, ensure_ascii=False).encode(),
        "README.md": card.encode(),
    }
    for name, data in contents.items():
        write_atomic(folder / name, data)
    description = {
        "format": FORMAT,
        "name": model.name,
        "codes": list(model.codes),
        "quality": {name: round(value, 4) for name, value in (quality or {}).items()},
        "encoder": sha256((encoder_folder / "config.json").read_bytes()),
        "files": {name: sha256(data) for name, data in contents.items() if name != "README.md"},
    }
    write_atomic(folder / "model.json", (json.dumps(description, indent=1) + "\n").encode())


def load(folder: Path, encoder_folder: Path) -> FastClassifier:
    """The model in `folder`, on the encoder that it was trained with.

    Raises ModelError, with the next step, when a file is missing or changed, or was made for another encoder.
    """
    description = read_description(folder)
    again = "Get the folder again as it was released, or train a new model."
    try:
        contents = {name: (folder / name).read_bytes() for name in ("weights.npz", "words.json")}
        encoder_hash = sha256((encoder_folder / "config.json").read_bytes())
    except OSError as error:
        raise ModelError(f"{folder}: the model is not complete ({error.strerror}). {again}") from error
    for name, data in contents.items():
        if description["files"].get(name) != sha256(data):
            raise ModelError(f"{folder / name}: changed since the model was made. {again}")
    if description["encoder"] != encoder_hash:
        raise ModelError(f"{folder}: made for another encoder than {encoder_folder}. {again}")
    with np.load(io.BytesIO(contents["weights.npz"]), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    vocabularies = json.loads(contents["words.json"])
    codes, terms = len(description["codes"]), sum(len(terms) for terms in vocabularies.values())
    shapes = {"dense": (2 * WIDTH + 1, codes), "sparse": (terms + 1, codes), "slope": (2,), "thresholds": (codes,)}
    if any(arrays[name].shape != shape for name, shape in shapes.items()):
        raise ModelError(f"{folder}: the weights do not fit its codes and words. {again}")
    views = {}
    for name, analyzer in (("words", "word"), ("chars", "char_wb")):
        views[name] = vectorizer(analyzer, {term: i for i, term in enumerate(vocabularies[name])})
        views[name].idf_ = arrays.pop(f"idf_{name}")
    return FastClassifier(
        name=description["name"],
        codes=tuple(description["codes"]),
        features=Features(load_encoder(encoder_folder), views["words"], views["chars"]),
        **arrays,
    )


def read_description(folder: Path) -> dict[str, Any]:
    """`model.json` of a model folder. Raises ModelError when it is not there or of another format."""
    try:
        description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{folder}: no model here. Check the setting `model`.") from error
    except ValueError as error:
        raise ModelError(f"{folder / 'model.json'}: damaged. Get the model folder again.") from error
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise ModelError(f"{folder}: made by another version of Codeboom. Train it again with this one.")
    return description
