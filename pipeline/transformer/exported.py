"""A fine-tuned Dutch encoder in numpy: what `finetune` learnt, run without torch.

A folder:

    layer-export.json   format, labels, hashes of the weights and of the base encoder
    layer-weights.npz   the trained part of the network and the head (float32; no pickle)

The table of pieces is not trained and stays in the base encoder's folder.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.classifier import Floats, Progress
from pipeline.encoder import WIDTH, Encoder, read_folder
from pipeline.errors import ModelError
from pipeline.files import sha256, write_atomic

if TYPE_CHECKING:
    from pipeline.transformer.tuning import Tuned

FORMAT = "codeboom-tuned-2"
DESCRIPTION, WEIGHTS = "layer-export.json", "layer-weights.npz"
_AGAIN = "Fine-tune and export it again."


@dataclass(frozen=True)
class Exported:
    """The tuned encoder and its head; `head` has shape (1024 + 1, columns), the last row the intercept."""

    encoder: Encoder
    head: Floats
    columns: tuple[str, ...]

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """As `Tuned.logits`: shape (segments, codes + variables). A question of several segments is encoded once."""
        asked = sorted({question for question in questions if question.strip()})
        encoded = self.encoder.encode([*texts, *asked])
        rows = {question: encoded[len(texts) + i] for i, question in enumerate(asked)}
        nothing = np.zeros(WIDTH, np.float32)
        right = np.array([rows.get(question, nothing) for question in questions], np.float32).reshape(-1, WIDTH)
        result: Floats = np.hstack([encoded[: len(texts)], right]) @ self.head[:-1] + self.head[-1]
        if progress is not None:
            progress(len(texts))
        return result


def export(tuned: "Tuned", folder: Path, encoder_folder: Path) -> tuple[str, str]:
    """Write what was learnt, for `load_exported`, and give the files' names. `tuned` was made from the encoder in
    `encoder_folder`.

    Raises ModelError when the model is of another kind, and OutputError.
    """
    from pipeline.transformer.convert import as_arrays
    from pipeline.transformer.dutch_use import DutchUseForSequenceClassification

    model = tuned.model
    if not isinstance(model, DutchUseForSequenceClassification):
        raise ModelError("only a fine-tuned Dutch encoder runs without torch; another model is used as it was saved.")
    weight, bias = (part.detach().cpu().numpy() for part in (model.classifier.weight, model.classifier.bias))
    arrays: dict[str, Any] = {f"encoder.{name}": array for name, array in as_arrays(model.encoder).items()}
    arrays["head"] = np.vstack([weight.T * model.config.logit_scale, bias]).astype(np.float32)
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    write_atomic(folder / WEIGHTS, packed.getvalue())
    description = {
        "format": FORMAT,
        "columns": list(tuned.columns),
        "encoder": sha256((encoder_folder / "config.json").read_bytes()),
        "files": {WEIGHTS: sha256(packed.getvalue())},
    }
    write_atomic(folder / DESCRIPTION, (json.dumps(description, indent=1) + "\n").encode())
    return DESCRIPTION, WEIGHTS


def load_exported(folder: Path, encoder_folder: Path) -> Exported:
    """What `export` wrote, on the same base encoder. Needs numpy alone.

    Raises ModelError, with the next step, when a file is missing or changed, or the base is another.
    """
    try:
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        data = (folder / WEIGHTS).read_bytes()
        base = sha256((encoder_folder / "config.json").read_bytes())
        expected = (description["format"], description["encoder"], description["files"][WEIGHTS])
        columns = tuple(description["columns"])
    except OSError as error:
        raise ModelError(f"{folder}: the exported model is not complete ({error.strerror}). {_AGAIN}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder / DESCRIPTION}: damaged. {_AGAIN}") from error
    if expected != (FORMAT, base, sha256(data)):
        raise ModelError(f"{folder}: changed since it was made, or made for another encoder. {_AGAIN}")
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    head = arrays.pop("head")
    tokenizer, weights = read_folder(encoder_folder)
    weights |= {name.removeprefix("encoder."): array for name, array in arrays.items()}
    return Exported(Encoder(tokenizer, weights), head, columns)
