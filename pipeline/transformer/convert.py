"""Between an encoder's folder, which numpy reads, and the same network in transformers; both ways, number by number."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from transformers import PreTrainedTokenizerFast

from pipeline.encoder import BRANCH_WIDTH, BRANCHES, CHUNKS, Arrays, read_folder
from pipeline.transformer.dutch_use import DutchUseConfig, DutchUseForSequenceClassification, DutchUseModel


def from_encoder(folder: Path, **config: Any) -> DutchUseForSequenceClassification:
    """The network with the weights of an encoder's folder and a new head. Raises ModelError."""
    _, arrays = read_folder(folder)
    model = DutchUseForSequenceClassification(DutchUseConfig(vocab_size=len(arrays["chunk"]), **config))
    model.encoder.load_state_dict(_as_torch(arrays), strict=True)
    return model


def _as_torch(arrays: Arrays) -> dict[str, Tensor]:
    """The arrays of an encoder's folder, under the names and in the shapes of `DutchUseModel`."""
    row = np.argsort(np.argsort(arrays["chunk"], kind="stable"), kind="stable")  # the file lies chunk by chunk
    named = {
        "table": np.concatenate([arrays[f"table.{i}"] for i in range(CHUNKS)])[row],
        "chunk": arrays["chunk"],
        "scale": arrays["table.scale"],
        "offset": arrays["table.offset"],
        "projection.weight": np.concatenate([arrays[f"projection.{n}.weight"] for n, _ in BRANCHES], axis=1).T,
        "projection.bias": arrays["projection.bias"],
    }
    for ours, theirs in (("projection_norm", "projection.norm"), ("norm", "norm")):
        named |= {f"{ours}.weight": arrays[f"{theirs}.gain"], f"{ours}.bias": arrays[f"{theirs}.bias"]}
    for i, (n, _) in enumerate(BRANCHES):
        for ours, theirs in (("first", "conv1"), ("second", "conv2")):
            window = arrays[f"{theirs}.{n}.weight"].reshape(n, BRANCH_WIDTH, BRANCH_WIDTH)
            named |= {f"{ours}.{i}.weight": window.transpose(2, 1, 0), f"{ours}.{i}.bias": arrays[f"{theirs}.{n}.bias"]}
    named |= {"pool.weight": arrays["pool.weight"].T, "pool.bias": arrays["pool.bias"]}
    named |= {f"dense.{i}.weight": arrays[f"dense.{i}"].T for i in range(4)}
    named |= {"skip.0.weight": arrays["skip.1"].T, "skip.1.weight": arrays["skip.3"].T}
    return {name: torch.from_numpy(np.array(array)) for name, array in named.items()}


def as_arrays(model: DutchUseModel) -> Arrays:
    """The trained part of the network, under the names and in the shapes of an encoder's folder (float32)."""
    state = {name: tensor.detach().cpu().numpy() for name, tensor in model.state_dict().items()}
    arrays: Arrays = {
        "projection.bias": state["projection.bias"],
        "pool.weight": state["pool.weight"].T,
        "pool.bias": state["pool.bias"],
        "skip.1": state["skip.0.weight"].T,
        "skip.3": state["skip.1.weight"].T,
    }
    arrays |= {f"dense.{i}": state[f"dense.{i}.weight"].T for i in range(4)}
    for ours, theirs in (("projection_norm", "projection.norm"), ("norm", "norm")):
        arrays |= {f"{theirs}.gain": state[f"{ours}.weight"], f"{theirs}.bias": state[f"{ours}.bias"]}
    parts = np.split(state["projection.weight"].T, len(BRANCHES), axis=1)
    for i, ((n, _), part) in enumerate(zip(BRANCHES, parts, strict=True)):
        arrays[f"projection.{n}.weight"] = part
        for ours, theirs in (("first", "conv1"), ("second", "conv2")):
            window = state[f"{ours}.{i}.weight"].transpose(2, 1, 0)
            arrays |= {f"{theirs}.{n}.weight": window.reshape(n * BRANCH_WIDTH, BRANCH_WIDTH)}
            arrays |= {f"{theirs}.{n}.bias": state[f"{ours}.{i}.bias"]}
    return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}


def tokenizer_of(folder: Path) -> PreTrainedTokenizerFast:
    """How the encoder cuts, for one text or a pair. Raises ModelError."""
    tokenizer, _ = read_folder(folder)
    rules = json.loads(tokenizer.to_str())
    begin, end = ({"id": name, "type_id": 0} for name in ("<s>", "</s>"))
    first = [{"SpecialToken": begin}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": end}]
    second = [
        {"SpecialToken": {**begin, "type_id": 1}},
        {"Sequence": {"id": "B", "type_id": 1}},
        {"SpecialToken": {**end, "type_id": 1}},
    ]
    rules["post_processor"] |= {"single": first, "pair": [*first, *second]}
    fast = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(rules)),
        pad_token="<pad>",  # noqa: S106 (no password)
        split_special_tokens=True,  # somebody's literal "<pad>" is talk
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )
    return fast
