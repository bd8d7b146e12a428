"""The setting `deep`: the fast model, and beside it one more layer (`layers.py`), weighed and calibrated together.

A model is a folder:

    model.json      format, kind "deep", name, codes, the fast model it stands on, what the layer is, hashes of all
    weights.npz     the calibration of both together (no pickle)
    layer...        the layer beside the fast model
    README.md       the model's card
"""

import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.answers import UNMEASURED, Agreement, Limits, read_agreement, write_agreement
from pipeline.classifier import FORMAT, FastClassifier, Floats, Progress, load, read_description
from pipeline.errors import ModelError
from pipeline.files import sha256, write_atomic
from pipeline.suggesting import Decision, arrays_of, decided_by
from pipeline.training import HeldOut, Labelled, decide, expect, folds
from pipeline.transformer.layers import Layer, Maker, Reader, load_layer
from pipeline.tree import Bools, variables_of

KIND = "deep"
_AGAIN = "Train the deep model again: python models/deep_model.py."


@dataclass(frozen=True)
class DeepClassifier:
    """See the module. `limits` and `agreement` are as in the fast model."""

    name: str
    codes: tuple[str, ...]
    fast: FastClassifier
    layer: Layer
    decision: Decision
    limits: Limits = UNMEASURED
    agreement: Mapping[str, Agreement] = field(default_factory=dict)

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """What the two layers say of codes and variables; shape (segments, codes + variables, 2)."""
        return beside(self.fast.logits(texts, questions), self.layer.logits(texts, questions, progress))

    def predict(
        self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None
    ) -> tuple[Floats, Bools]:
        """See `pipeline.classifier.Classifier`."""
        return self.decision.predict(self.logits(texts, questions, progress), self.codes)


def train_deep(
    name: str,
    fast: FastClassifier,
    held: HeldOut,
    rows: Sequence[Labelled],
    make: Maker,
    choice: Sequence[Labelled] = (),
) -> DeepClassifier:
    """A deep model on `fast`, which was trained on the same rows: `held` is `training.held_out` of `rows` and `choice`.
    Weighed and calibrated on what both layers say of interviews that they never saw."""
    codes = fast.codes
    scores = [said(make(rest, codes), part) for part, rest in folds(rows, choice)]
    layer = make(rows, codes)
    if choice:
        scores.append(said(layer, choice))
    logits = beside(held.logits, np.vstack(scores))
    limits, agreement = expect(logits, held.rows, codes)
    return DeepClassifier(name, codes, fast, layer, decide(logits, held.rows, codes), limits, agreement)


def said(layer: Layer, rows: Sequence[Labelled]) -> Floats:
    """What a layer says of rows; shape (rows, codes + variables)."""
    return layer.logits([row.text for row in rows], [row.question for row in rows])


def beside(left: Floats, right: Floats) -> Floats:
    """The logits of the fast model and of the layer beside it, each (rows, columns): (rows, columns, 2)."""
    return np.stack([left, right], axis=2).astype(np.float32)


def save_deep(
    model: DeepClassifier, folder: Path, fast_folder: Path, card: str, quality: Mapping[str, float] | None = None
) -> None:
    """Write the model as a folder; it names the fast model's folder, relative to itself. `model.json` comes last.

    Raises OutputError.
    """
    arrays = io.BytesIO()
    np.savez_compressed(arrays, **arrays_of(model.decision, model.limits))
    contents = {"weights.npz": arrays.getvalue(), "README.md": card.encode()}
    for name, data in contents.items():
        write_atomic(folder / name, data)
    description: dict[str, Any] = {
        "format": FORMAT,
        "kind": KIND,
        "name": model.name,
        "codes": list(model.codes),
        "quality": {name: round(value, 4) for name, value in (quality or {}).items()},
        "agreement": write_agreement(model.agreement),
        "fast": Path(os.path.relpath(fast_folder, folder)).as_posix(),
        "fast_sha256": sha256((fast_folder / "model.json").read_bytes()),
        "layer": model.layer.save(folder),
        "files": {"weights.npz": sha256(contents["weights.npz"])},
    }
    write_atomic(folder / "model.json", (json.dumps(description, indent=1) + "\n").encode())


def load_deep(folder: Path, reader: Reader | None = None) -> DeepClassifier:
    """The model in `folder`, with its fast model and its layer (on Gemma, or another `reader` of the same features).

    Raises ModelError, with the next step, when something is missing or changed, or the extra is not installed.
    """
    description = read_description(folder)
    if description.get("kind") != KIND:
        raise ModelError(f"{folder}: is no deep model. Check the setting `model`.")
    try:
        fast_folder = folder / str(description["fast"])
        data = (folder / "weights.npz").read_bytes()
        fast_hash = sha256((fast_folder / "model.json").read_bytes())
        if description["files"]["weights.npz"] != sha256(data):
            raise ModelError(f"{folder / 'weights.npz'}: changed since the model was made. {_AGAIN}")
        if description["fast_sha256"] != fast_hash:
            raise ModelError(f"{folder}: stands on another fast model than is here. {_AGAIN}")
        codes = tuple(description["codes"])
        layer = load_layer(folder, description["layer"], len(codes) + len(variables_of(codes)), reader)
    except OSError as error:
        raise ModelError(f"{folder}: the model is not complete ({error.strerror}). {_AGAIN}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{folder / 'model.json'}: damaged. {_AGAIN}") from error
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    fast = load(fast_folder)
    try:
        decision, limits = decided_by(arrays, 2, codes)
    except (KeyError, ValueError):
        raise ModelError(f"{folder}: the weights do not fit its codes. {_AGAIN}") from None
    if fast.codes != codes:
        raise ModelError(f"{folder}: stands on a fast model of other codes. {_AGAIN}")
    agreement = read_agreement(description.get("agreement", {}))
    return DeepClassifier(str(description["name"]), codes, fast, layer, decision, limits, agreement)
