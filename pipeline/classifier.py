"""The classifier: from a segment and the question before it to a calibrated probability for each code.

`Classifier` is all that the rest of the house knows. `FastClassifier` is what ships: the words of question and segment
(`features.py`) through a linear layer, calibrated per code, with the codebook's tree as a judge (`tree.py`). It needs
numpy and scipy, no torch and no encoder. A model is a folder, checked when it is loaded:

    model.json      format, name, codes in order, quality, expected agreement, hashes of the files
    weights.npz     the linear layer, the inverse document frequencies, calibration, thresholds, limits (no pickle)
    words.json      the terms of each view
    README.md       the model's card
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pipeline.answers import UNMEASURED, Agreement, Limits, read_agreement, write_agreement
from pipeline.errors import ModelError
from pipeline.features import VIEWS, Features
from pipeline.files import sha256, write_atomic
from pipeline.suggesting import Decision, arrays_of, decided_by
from pipeline.tree import Bools, variables_of

FORMAT = 3
BATCH = 512  # segments that are scored at once
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
    def fast(self) -> "FastClassifier":
        """The fast model in it, whose words explain its suggestions."""

    @property
    def limits(self) -> Limits:
        """Between which scores it doubts."""

    def predict(
        self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None
    ) -> tuple[Floats, Bools]:
        """The probability of each code for each segment, in [0, 1], and whether it is suggested; both of shape
        (segments, codes)."""


@dataclass(frozen=True)
class FastClassifier:
    """See the module. `weights` has shape (features + 1, codes + variables), the last row the intercept. `limits` say
    where it doubts. `agreement` is that with a human coder which is to be expected, per code; empty where it was not
    measured."""

    name: str
    codes: tuple[str, ...]
    features: Features
    weights: Floats
    decision: Decision
    limits: Limits = UNMEASURED
    agreement: Mapping[str, Agreement] = field(default_factory=dict)

    @property
    def fast(self) -> "FastClassifier":
        """See `Classifier`: itself."""
        return self

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """What the linear layer says of codes and variables, uncalibrated; shape (segments, codes + variables)."""
        parts = [np.zeros((0, self.weights.shape[1]), np.float32)]
        for start in range(0, len(texts), BATCH):
            matrix = self.features.matrix(texts[start : start + BATCH], questions[start : start + BATCH])
            parts.append(np.asarray(matrix @ self.weights[:-1] + self.weights[-1], np.float32))
            if progress is not None:
                progress(matrix.shape[0])
        return np.vstack(parts)

    def predict(
        self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None
    ) -> tuple[Floats, Bools]:
        """See `Classifier`."""
        return self.decision.predict(self.logits(texts, questions, progress)[:, :, None], self.codes)


def save(model: FastClassifier, folder: Path, card: str, quality: Mapping[str, float] | None = None) -> None:
    """Write the model as a folder. `model.json` comes last: a folder without it is no model. `quality` holds the
    figures of its card that the pipeline shows.

    Raises OutputError.
    """
    arrays = io.BytesIO()
    np.savez_compressed(
        arrays,
        weights=model.weights.astype(np.float16),  # half the size; the scores differ in the fourth decimal
        **arrays_of(model.decision, model.limits),
        **{f"idf_{view}": model.features.idf[view] for view in VIEWS},  # type: ignore[arg-type]
    )
    contents = {
        "weights.npz": arrays.getvalue(),
        "words.json": json.dumps({view: model.features.terms[view] for view in VIEWS}, ensure_ascii=False).encode(),
        "README.md": card.encode(),
    }
    for name, data in contents.items():
        write_atomic(folder / name, data)
    description = {
        "format": FORMAT,
        "name": model.name,
        "codes": list(model.codes),
        "quality": {name: round(value, 4) for name, value in (quality or {}).items()},
        "agreement": write_agreement(model.agreement),
        "files": {name: sha256(data) for name, data in contents.items() if name != "README.md"},
    }
    write_atomic(folder / "model.json", (json.dumps(description, indent=1) + "\n").encode())


def load(folder: Path) -> FastClassifier:
    """The model in `folder`. Raises ModelError, with the next step, when a file is missing or changed."""
    description = read_description(folder)
    again = "Get the folder again as it was released, or train a new model."
    try:
        contents = {name: (folder / name).read_bytes() for name in ("weights.npz", "words.json")}
    except OSError as error:
        raise ModelError(f"{folder}: the model is not complete ({error.strerror}). {again}") from error
    for name, data in contents.items():
        if description["files"].get(name) != sha256(data):
            raise ModelError(f"{folder / name}: changed since the model was made. {again}")
    with np.load(io.BytesIO(contents["weights.npz"]), allow_pickle=False) as stored:
        arrays = {name: stored[name].astype(np.float32) for name in stored.files}
    terms = {view: tuple(listed) for view, listed in json.loads(contents["words.json"]).items()}
    features = Features(terms, {view: arrays.pop(f"idf_{view}") for view in VIEWS})
    codes = tuple(description["codes"])
    try:
        weights, (decision, limits) = arrays.pop("weights"), decided_by(arrays, 1, codes)
    except (KeyError, ValueError):
        raise ModelError(f"{folder}: the weights do not fit its codes. {again}") from None
    if weights.shape != (features.width + 1, len(codes) + len(variables_of(codes))):
        raise ModelError(f"{folder}: the weights do not fit its codes and words. {again}")
    agreement = read_agreement(description.get("agreement", {}))
    return FastClassifier(description["name"], codes, features, weights, decision, limits, agreement)


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
