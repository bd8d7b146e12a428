"""Fine-tuning: one path for every model of transformers, the Dutch encoder of this project among them.

What to start from is a setting: an encoder's folder of this project, a folder that `save_pretrained` wrote, or the id
of a model on a hub (`DTAI-KULeuven/robbert-2023-dutch-base`). The network is only used where the user names a hub
id, and never when `HF_HUB_OFFLINE` is set. Weights are read from safetensors alone, and no code comes with them.
"""

import copy
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pipeline.classifier import Floats, Progress
from pipeline.encoder import FORMAT
from pipeline.errors import ModelError
from pipeline.training import Labelled, above, known, targets
from pipeline.transformer.convert import from_encoder, tokenizer_of
from pipeline.transformer.dutch_use import DutchUseConfig
from pipeline.tree import variables_of

MULTI_LABEL = "multi_label_classification"
_HUB_ID = re.compile(r"[\w][\w.-]*(/[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is trained. `body_rate` and `head_rate` are learning rates; `most_weight` bounds how much more a
    positive of a rare code counts; training stops `patience` epochs after the best on the choice rows."""

    epochs: int = 6
    batch: int = 16
    body_rate: float = 3e-5
    head_rate: float = 1e-3
    most_weight: float = 10.0
    patience: int = 2
    max_tokens: int = 256
    seed: int = 0


SMALL = Recipe(epochs=12, batch=32, body_rate=5e-4, head_rate=1e-2)
"""The Dutch encoder is shallow and takes larger steps (../shared/encoder.md has what was tried first)."""


@dataclass(frozen=True)
class Tuned:
    """A fine-tuned model; `columns` are its labels in order: the codes and, behind them, their variables."""

    model: Any
    tokenizer: Any
    columns: tuple[str, ...]
    max_tokens: int = 256

    def logits(self, texts: Sequence[str], questions: Sequence[str], progress: Progress | None = None) -> Floats:
        """What the model says of codes and variables, not calibrated; shape (segments, codes + variables), float32."""
        self.model.eval()
        out = np.zeros((len(texts), len(self.columns)), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]) + len(questions[i]))
        with torch.inference_mode():
            for start in range(0, len(order), 32):
                rows = order[start : start + 32]
                out[rows] = self.model(**self.inputs([texts[i] for i in rows], [questions[i] for i in rows])).logits
                if progress is not None:
                    progress(len(rows))
        return out

    def inputs(self, texts: Sequence[str], questions: Sequence[str]) -> dict[str, Tensor]:
        """Segment and question as a pair, cut off where the model ends."""
        made = self.tokenizer(
            list(texts),
            list(questions),
            padding=True,
            truncation="longest_first",
            max_length=self.max_tokens,
            return_tensors="pt",
        )
        return dict(made)

    def save(self, folder: Path) -> None:
        """Write model and tokenizer as transformers does; `load_tuned` reads them back."""
        self.model.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)


def load_tuned(folder: Path) -> Tuned:
    """What `Tuned.save` wrote. Raises ModelError."""
    tuned = start_from(folder, (), Recipe())
    labels = tuned.model.config.id2label
    return Tuned(tuned.model, tuned.tokenizer, tuple(labels[i] for i in range(len(labels))), tuned.max_tokens)


def columns_of(codes: Sequence[str]) -> tuple[str, ...]:
    """The labels of a model for `codes`: those, and their variables, each with a stroke behind it."""
    return (*codes, *(f"{variable}/" for variable in variables_of(codes)))


def start_from(encoder: str | Path, columns: Sequence[str], recipe: Recipe) -> Tuned:
    """The pretrained model with a new head for `columns` (none: with the head it has).

    Raises ModelError when there is no such folder, or the hub is out of reach or must not be asked.
    """
    folder = Path(encoder)
    labels: dict[str, Any] = {
        "num_labels": len(columns),
        "id2label": dict(enumerate(columns)),
        "label2id": {name: i for i, name in enumerate(columns)},
        "problem_type": MULTI_LABEL,
    }
    if _is_ours(folder):
        return Tuned(from_encoder(folder, **labels), tokenizer_of(folder), tuple(columns), recipe.max_tokens)
    local = folder.is_dir()
    if not local and not (isinstance(encoder, str) and _HUB_ID.fullmatch(encoder)):
        raise ModelError(f"{encoder}: no such folder. Check the setting `encoder`.")
    options: dict[str, Any] = {"local_files_only": local, "trust_remote_code": False}
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(encoder), **options)
        model = AutoModelForSequenceClassification.from_pretrained(
            str(encoder), use_safetensors=True, **options, **(labels if columns else {})
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(_why(str(encoder), local)) from error
    return Tuned(model, tokenizer, tuple(columns), _longest(model.config, recipe))


def _why(encoder: str, local: bool) -> str:
    if local:
        return (
            f"{encoder}: is no complete model of transformers. It needs config.json, the tokenizer's files and "
            "model.safetensors."
        )
    return (
        f"{encoder}: is no folder here, and as the id of a model on a hub it could not be had: the hub is out of "
        "reach, HF_HUB_OFFLINE is set, or there is no such model with safetensors. Run it once where there is a "
        "connection, or copy the model's folder here and give its path as `encoder`."
    )


def is_dutch_use(tuned: Tuned) -> bool:
    """Whether it is the Dutch encoder of this project, which `exported.py` can run without torch."""
    return isinstance(tuned.model.config, DutchUseConfig)


def _is_ours(folder: Path) -> bool:
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def _longest(config: Any, recipe: Recipe) -> int:
    """RobBERT counts its places from the padding's id on: two fewer than its configuration says."""
    places = getattr(config, "max_position_embeddings", None)
    return min(recipe.max_tokens, places - 2) if places else recipe.max_tokens


def finetune(
    rows: Sequence[Labelled],
    codes: Sequence[str],
    encoder: str | Path,
    choice: Sequence[Labelled] = (),
    recipe: Recipe | None = None,
) -> Tuned:
    """Train a pretrained model end to end on what `rows` say of codes and variables, several a segment, and keep the
    epoch that ranks the codes of `choice` best (mean average precision); without choice rows, the last.

    `recipe` is by default the one for the kind of model. Raises ModelError, and ValueError without rows or codes.
    """
    if not rows or not codes:
        raise ValueError("fine-tuning needs labelled rows and codes")
    recipe = recipe or (SMALL if _is_ours(Path(encoder)) else Recipe())
    random.seed(recipe.seed)
    torch.manual_seed(recipe.seed)
    tuned = start_from(encoder, columns_of(codes), recipe)
    if is_dutch_use(tuned):
        tuned.model.config.max_tokens = recipe.max_tokens
    labels, sure = above(targets(rows, codes), known(rows, codes), codes)
    truth, counted, weight = torch.from_numpy(labels).float(), torch.from_numpy(sure).float(), _weights(labels, recipe)
    steps = recipe.epochs * -(-len(rows) // recipe.batch)
    optimizer = torch.optim.AdamW(_groups(tuned.model, recipe), weight_decay=0.01)
    rates = [group["lr"] for group in optimizer.param_groups]
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rates, total_steps=steps, pct_start=0.1)
    best, kept, since = -1.0, None, 0
    for epoch in range(recipe.epochs):
        tuned.model.train()
        for batch in _batches(rows, recipe, epoch):
            inputs = tuned.inputs([rows[i].text for i in batch], [rows[i].question for i in batch])
            loss = functional.binary_cross_entropy_with_logits(
                tuned.model(**inputs).logits, truth[batch], weight=counted[batch], pos_weight=weight
            )
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(tuned.model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        if choice:
            found = _precision(tuned, choice, codes)
            since = 0 if found > best else since + 1
            if found > best:
                best, kept = found, copy.deepcopy(tuned.model.state_dict())
            if since >= recipe.patience:
                break
    if kept is not None:
        tuned.model.load_state_dict(kept)
    return tuned


def _weights(labels: NDArray[np.bool_], recipe: Recipe) -> Tensor:
    """How much a positive of each code counts against a negative: the root of its rarity, bounded."""
    positives = np.maximum(labels.sum(axis=0), 1)
    rarity = np.sqrt((len(labels) - positives) / positives)
    return torch.from_numpy(np.clip(rarity, 1.0, recipe.most_weight).astype(np.float32))


def _groups(model: Any, recipe: Recipe) -> list[dict[str, Any]]:
    """The pretrained body learns slowly, the new head faster."""
    body = f"{model.base_model_prefix}."
    named = list(model.named_parameters())
    return [
        {"params": [p for name, p in named if name.startswith(body)], "lr": recipe.body_rate},
        {"params": [p for name, p in named if not name.startswith(body)], "lr": recipe.head_rate},
    ]


def _batches(rows: Sequence[Labelled], recipe: Recipe, epoch: int) -> Iterator[list[int]]:
    """All rows in an order of chance, by seed and epoch."""
    order = np.random.default_rng([recipe.seed, epoch]).permutation(len(rows))
    for start in range(0, len(order), recipe.batch):
        yield order[start : start + recipe.batch].tolist()


def _precision(tuned: Tuned, rows: Sequence[Labelled], codes: Sequence[str]) -> float:
    """Mean average precision over the codes that occur in `rows`."""
    from sklearn.metrics import average_precision_score

    labels = targets(rows, codes)
    scores = tuned.logits([row.text for row in rows], [row.question for row in rows])
    found = [average_precision_score(labels[:, i], scores[:, i]) for i in np.flatnonzero(labels.any(axis=0))]
    return float(np.mean(found)) if found else 0.0
