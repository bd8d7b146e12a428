"""The setting `deep`: the fast model's layers, and one more on what Gemma makes of segment and question.

A model is a folder:

    model.json      format, kind "deep", name, codes, the fast model it stands on, hashes of all it is made of
    weights.npz     the layer on Gemma's features, and the calibration of all layers together (no pickle)
    README.md       the model's card

Gemma itself is not in it: see `gemma.py`.
"""

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pipeline.classifier import FORMAT, FastClassifier, Floats, Progress, load, read_description, sigmoid
from pipeline.errors import ModelError
from pipeline.files import sha256, write_atomic
from pipeline.training import FOLDS, Labelled, above, calibrate, fit, fit_tree, interviews_of, known, targets
from pipeline.transformer import gemma
from pipeline.transformer.logistic import logistic
from pipeline.transformer.needs import DEEP, require
from pipeline.tree import Bools, Tree, variables_of

KIND = "deep"
STRENGTH = 2.0
"""Inverse strength of regularisation of the layer on Gemma's features (1, 2 and 4 differ by less than chance)."""

_AGAIN = "Train the deep model again: python models/deep_model.py."


class Reader(Protocol):
    """What is needed of Gemma; a test puts something smaller in its place."""

    def features(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """Shape (segments, dimensions)."""


@dataclass(frozen=True)
class Decision:
    """From what the layers say to probabilities and suggestions. Shapes: `slope` (2,), how much the fast and the deep
    layer weigh; `intercept` and `thresholds` (codes,). `tree` decides on the variables, as in the fast model."""

    slope: Floats
    intercept: Floats
    thresholds: Floats
    tree: Tree

    def predict(self, logits: Floats, codes: Sequence[str]) -> tuple[Floats, Bools]:
        """Probabilities and suggestions, shape (segments, codes), of logits of codes and variables, shape (segments,
        codes + variables, 2)."""
        weighed = np.asarray(logits @ self.slope, np.float32)
        scores = sigmoid(weighed[:, : len(codes)] + self.intercept)
        return scores, self.tree.suggestions(weighed[:, len(codes) :], scores, self.thresholds, codes)


@dataclass(frozen=True)
class DeepClassifier:
    """See the module. `dense` has shape (dimensions + 1, codes + variables), the last row the intercept."""

    name: str
    codes: tuple[str, ...]
    fast: FastClassifier
    reader: Reader
    dense: Floats
    decision: Decision

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """What the two layers say of codes and variables; shape (segments, codes + variables, 2)."""
        return beside(self.fast.logits(texts, questions), self.reader.features(texts, questions, progress), self.dense)

    def predict(
        self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None
    ) -> tuple[Floats, Bools]:
        """See `pipeline.classifier.Classifier`."""
        return self.decision.predict(self.logits(texts, questions, progress), self.codes)


def fit_layer(features: Floats, labels: Bools, sure: Bools) -> Floats:
    """The layer on Gemma's features, from the labels that are `sure`; shape (dimensions + 1, columns).

    The features are brought to one scale first (a few of them are a thousand times as large as the others), and that
    scaling is folded into the weights.
    """
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    scale = deviation * np.sqrt(features.shape[1])
    weights = logistic((features - mean) / scale, labels, sure, STRENGTH)
    inner = weights[:-1] / scale[:, None]
    return np.vstack([inner, weights[-1] - mean @ inner]).astype(np.float32)


def train_deep(
    name: str,
    rows: Sequence[Labelled],
    codes: Sequence[str],
    fast: FastClassifier,
    reader: Reader,
    choice: Sequence[Labelled] = (),
) -> DeepClassifier:
    """A deep model on `fast`, which was trained on the same rows; calibrated as `training.train` does, on scores of
    models that never saw the interview. Needs rows of at least two interviews."""
    interviews = interviews_of(rows)
    if len(interviews) + len(interviews_of(choice)) < 2:
        raise ValueError("calibration needs labelled segments of at least two interviews")
    read = reader.features([row.text for row in rows], [row.question for row in rows])
    labels, sure = above(targets(rows, codes), known(rows, codes), codes)
    held_out: list[Labelled] = []
    scores: list[Floats] = []
    for fold in (interviews[i::FOLDS] for i in range(min(FOLDS, len(interviews)))):
        inside = np.array([row.interview in fold for row in rows])
        part = [row for row in rows if row.interview in fold]
        without = fit([row for row in rows if row.interview not in fold], codes)
        layer = fit_layer(read[~inside], labels[~inside], sure[~inside])
        scores.append(beside(without.logits(part), read[inside], layer))
        held_out += part
    dense = fit_layer(read, labels, sure)
    if choice:
        texts, questions = [row.text for row in choice], [row.question for row in choice]
        scores.append(beside(fast.logits(texts, questions), reader.features(texts, questions), dense))
        held_out += choice
    decision = decide(np.vstack(scores), held_out, codes)
    return DeepClassifier(name, tuple(codes), fast, reader, dense, decision)


def decide(logits: Floats, rows: Sequence[Labelled], codes: Sequence[str]) -> Decision:
    """How to weigh the layers, from logits out of interview, shape (rows, codes + variables, 2)."""
    labels, sure, own = targets(rows, codes), known(rows, codes), logits[:, : len(codes)]
    slope, intercept, thresholds = calibrate(own, labels, sure)
    variables = np.asarray(logits[:, len(codes) :] @ slope, np.float32)
    tree = fit_tree(variables, sigmoid(np.asarray(own @ slope + intercept, np.float32)), labels, sure, codes)
    return Decision(slope, intercept, thresholds, tree)


def beside(left: Floats, features: Floats, layer: Floats) -> Floats:
    """The logits of the fast layer, shape (rows, columns), and those of the deep one: (rows, columns, 2)."""
    return np.stack([left, features @ layer[:-1] + layer[-1]], axis=2).astype(np.float32)


def save_deep(
    model: DeepClassifier, folder: Path, fast_folder: Path, card: str, quality: Mapping[str, float] | None = None
) -> None:
    """Write the model as a folder; it names the fast model's folder, relative to itself. `model.json` comes last.

    Raises OutputError.
    """
    arrays = io.BytesIO()
    np.savez_compressed(
        arrays,
        dense=model.dense,
        slope=model.decision.slope,
        intercept=model.decision.intercept,
        thresholds=model.decision.thresholds,
        tree_weights=model.decision.tree.weights,
        tree_thresholds=model.decision.tree.thresholds,
    )
    contents = {"weights.npz": arrays.getvalue(), "README.md": card.encode()}
    for name, data in contents.items():
        write_atomic(folder / name, data)
    description: dict[str, Any] = {
        "format": FORMAT,
        "kind": KIND,
        "name": model.name,
        "codes": list(model.codes),
        "quality": {name: round(value, 4) for name, value in (quality or {}).items()},
        "fast": Path(os.path.relpath(fast_folder, folder)).as_posix(),
        "fast_sha256": sha256((fast_folder / "model.json").read_bytes()),
        "gemma_sha256": gemma.SHA256,
        "files": {"weights.npz": sha256(contents["weights.npz"])},
    }
    write_atomic(folder / "model.json", (json.dumps(description, indent=1) + "\n").encode())


def load_deep(folder: Path, reader: Reader | None = None) -> DeepClassifier:
    """The model in `folder`, with its fast model and Gemma (or another `reader` of the same features).

    Raises ModelError, with the next step, when something is missing or changed, or the extra is not installed.
    """
    description = read_description(folder)
    if description.get("kind") != KIND:
        raise ModelError(f"{folder}: is no deep model. Check the setting `model`.")
    if reader is None:
        require(KIND, DEEP)
    try:
        fast_folder = folder / str(description["fast"])
        data = (folder / "weights.npz").read_bytes()
        fast_hash = sha256((fast_folder / "model.json").read_bytes())
        if description["files"]["weights.npz"] != sha256(data):
            raise ModelError(f"{folder / 'weights.npz'}: changed since the model was made. {_AGAIN}")
        if description["fast_sha256"] != fast_hash or description["gemma_sha256"] != gemma.SHA256:
            raise ModelError(f"{folder}: stands on another fast model or another Gemma than is here. {_AGAIN}")
        codes = tuple(description["codes"])
    except OSError as error:
        raise ModelError(f"{folder}: the model is not complete ({error.strerror}). {_AGAIN}") from error
    except (KeyError, TypeError) as error:
        raise ModelError(f"{folder / 'model.json'}: damaged. {_AGAIN}") from error
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    fast = load(fast_folder)
    tops = len(variables_of(codes))
    shapes = {
        "dense": (gemma.DIMENSIONS + 1 if reader is None else len(arrays["dense"]), len(codes) + tops),
        "slope": (2,), "intercept": (len(codes),), "thresholds": (len(codes),),
        "tree_weights": (tops, 3), "tree_thresholds": (tops,),
    }  # fmt: skip
    if fast.codes != codes or any(arrays[name].shape != shape for name, shape in shapes.items()):
        raise ModelError(f"{folder}: the weights do not fit its codes. {_AGAIN}")
    tree = Tree(arrays["tree_weights"], arrays["tree_thresholds"])
    decision = Decision(arrays["slope"], arrays["intercept"], arrays["thresholds"], tree)
    dense = arrays["dense"]
    return DeepClassifier(str(description["name"]), codes, fast, reader or gemma.load_gemma(), dense, decision)
