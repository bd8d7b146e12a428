"""What a deep model sets beside the fast one: a layer on what Gemma reads, or an encoder that was fine-tuned.

A maker trains such a layer on labelled rows, anew for every fold; a layer scores segments and is saved with its model:

    layer.npz       the layer on Gemma's features (Gemma itself is not in it: see `gemma.py`), or
    layer-export.json, layer-weights.npz    a fine-tuned Dutch encoder, which needs no torch (see `exported.py`), or
    layer/          any other fine-tuned encoder, as transformers saves it
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from pipeline.classifier import Floats, Progress
from pipeline.errors import ModelError
from pipeline.files import sha256, write_atomic
from pipeline.settings import shipped
from pipeline.training import Labelled, above, known, targets
from pipeline.transformer import gemma
from pipeline.transformer.exported import Exported, load_exported
from pipeline.transformer.logistic import fit_dense
from pipeline.transformer.needs import DEEP, TUNING, require

if TYPE_CHECKING:
    from pipeline.transformer.tuning import Recipe, Tuned

READ, TUNED = "gemma", "tuned"
_TUNED_FOLDER = "layer"


class Layer(Protocol):
    """A trained layer."""

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """What it says of codes and variables, uncalibrated; shape (segments, codes + variables)."""

    def save(self, folder: Path) -> dict[str, Any]:
        """Write it to `folder`, and give what `load_layer` has to know. Raises OutputError."""


class Maker(Protocol):
    """How a layer is trained."""

    def __call__(self, rows: Sequence[Labelled], codes: Sequence[str]) -> Layer:
        """A layer that was trained on `rows` alone. Raises CodeboomError."""


class Reader(Protocol):
    """What is needed of Gemma; a test puts something smaller in its place."""

    def features(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """Shape (segments, dimensions)."""


@dataclass(frozen=True)
class ReadLayer:
    """A linear layer on what a frozen reader makes of segment and question. `weights` has shape (dimensions + 1, codes
    + variables), the last row the intercept."""

    reader: Reader
    weights: Floats

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """See `Layer`."""
        read = self.reader.features(texts, questions, progress)
        return np.asarray(read @ self.weights[:-1] + self.weights[-1], np.float32)

    def save(self, folder: Path) -> dict[str, Any]:
        """See `Layer`."""
        arrays = io.BytesIO()
        np.savez_compressed(arrays, weights=self.weights)
        write_atomic(folder / "layer.npz", arrays.getvalue())
        return {"kind": READ, "gemma_sha256": gemma.SHA256, "files": {"layer.npz": sha256(arrays.getvalue())}}


@dataclass
class ReadMaker:
    """Trains layers on a frozen reader, which reads a text once, however many folds it is in."""

    reader: Reader
    _seen: dict[tuple[str, str], Floats] = field(default_factory=dict)

    def __call__(self, rows: Sequence[Labelled], codes: Sequence[str]) -> ReadLayer:
        """See `Maker`."""
        labels, sure = above(targets(rows, codes), known(rows, codes), codes)
        read = self.features([row.text for row in rows], [row.question for row in rows])
        return ReadLayer(self, fit_dense(read, labels, sure))

    def features(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """As its reader's; what was read before is not read again."""
        pairs = list(zip(texts, questions, strict=True))
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._seen]
        read = self.reader.features([text for text, _ in new], [question for _, question in new], progress)
        self._seen |= zip(new, read, strict=True)
        return np.stack([self._seen[pair] for pair in pairs]) if pairs else read


@dataclass(frozen=True)
class TunedLayer:
    """An encoder that was fine-tuned end to end; `encoder` is what that started from."""

    model: "Tuned | Exported"
    encoder: str

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """See `Layer`."""
        return self.model.logits(texts, questions, progress)

    def save(self, folder: Path) -> dict[str, Any]:
        """See `Layer`."""
        if isinstance(self.model, Exported):
            raise ModelError("a model that runs without torch is copied, not saved again.")
        from pipeline.transformer.exported import export
        from pipeline.transformer.tuning import is_dutch_use

        if is_dutch_use(self.model):
            written = list(export(self.model, folder, shipped("models") / "encoder-nl"))
        else:
            self.model.save(folder / _TUNED_FOLDER)
            written = sorted(path.relative_to(folder).as_posix() for path in (folder / _TUNED_FOLDER).iterdir())
        return {
            "kind": TUNED,
            "encoder": self.encoder,
            "files": {name: sha256((folder / name).read_bytes()) for name in written},
        }


@dataclass(frozen=True)
class TunedMaker:
    """Fine-tunes `encoder`: a folder, or the id of a model on a hub (see `tuning.py`)."""

    encoder: str
    recipe: "Recipe | None" = None

    def __call__(self, rows: Sequence[Labelled], codes: Sequence[str]) -> TunedLayer:
        """See `Maker`."""
        require("train", TUNING)
        from pipeline.transformer.tuning import finetune

        return TunedLayer(finetune(rows, codes, self.encoder, recipe=self.recipe), self.encoder)


def maker_of(described: Mapping[str, Any] | None, encoder: str | None = None) -> Maker | None:
    """What makes a layer like the one that `model.json` describes, or fine-tunes `encoder` where that is given; None
    where there is neither. Raises ModelError when the extra that it needs is not installed."""
    if encoder := encoder or (described or {}).get("encoder"):
        require("train", TUNING)
        return TunedMaker(encoder)
    return ReadMaker(gemma.load_gemma()) if described else None


def load_layer(folder: Path, described: dict[str, Any], columns: int, reader: Reader | None = None) -> Layer:
    """The layer of the model in `folder`, as `Layer.save` described it, with `columns` codes and variables. Gemma is
    loaded, or `reader` put in its place. Raises ModelError, OSError, KeyError and TypeError."""
    for name, expected in described["files"].items():
        if sha256((folder / name).read_bytes()) != expected:
            raise ModelError(f"{folder / name}: changed since the model was made. Train it again.")
    if described["kind"] == READ:
        if reader is None:
            require("deep", DEEP)
            if described["gemma_sha256"] != gemma.SHA256:
                raise ModelError(f"{folder}: stands on another Gemma than is here. Train it again.")
        with np.load(folder / "layer.npz", allow_pickle=False) as stored:
            weights = stored["weights"].astype(np.float32)
        if weights.shape[1:] != (columns,) or (reader is None and len(weights) != gemma.DIMENSIONS + 1):
            raise ModelError(f"{folder}: the weights do not fit its codes. Train it again.")
        return ReadLayer(reader or gemma.load_gemma(), weights)
    if (folder / _TUNED_FOLDER).is_dir():
        require("train", TUNING)
        from pipeline.transformer.tuning import load_tuned

        model: Tuned | Exported = load_tuned(folder / _TUNED_FOLDER)
    else:
        model = load_exported(folder, shipped("models") / "encoder-nl")
    if len(model.columns) != columns:
        raise ModelError(f"{folder}: the weights do not fit its codes. Train it again.")
    return TunedLayer(model, str(described["encoder"]))
