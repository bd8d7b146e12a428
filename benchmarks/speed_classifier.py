"""Segments a second: the fast model, a transformer of base size in torch and in ONNX int8, and deep.

    python benchmarks/speed_classifier.py [--segments 64] [--threads 2]

The transformer has BERT-base's shape and random weights, which is the speed of RobBERT and BERTje; its pieces are those
of the Dutch encoder, which cuts about as fine. Rounds of all ways by turns, so that a busy machine hits all; medians.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipeline.classifier import load
from pipeline.encoder import load_encoder
from pipeline.errors import ModelError
from pipeline.settings import ROOT, shipped
from pipeline.training import corpus_rows

REPEATS = 3
BATCH = 8
Way = Callable[[Sequence[str], Sequence[str]], object]


def batches(texts: Sequence[str], questions: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Ids and mask of batches of like length, question and segment behind each other."""
    cut = load_encoder(shipped("models") / "encoder-nl").tokenize(
        [f"{q} {t}" for t, q in zip(texts, questions, strict=True)]
    )
    cut = sorted((ids[:256] for ids in cut), key=len)
    made = []
    for start in range(0, len(cut), BATCH):
        rows = cut[start : start + BATCH]
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        for row, pieces in zip(ids, rows, strict=True):
            row[: len(pieces)] = np.array(pieces) % 30_000
        made.append((ids, np.array([[i < len(pieces) for i in range(ids.shape[1])] for pieces in rows], np.int64)))
    return made


def base_size() -> Any:
    """BERT-base with random weights and a head for 30 codes."""
    from transformers import BertConfig, BertForSequenceClassification

    return BertForSequenceClassification(BertConfig(vocab_size=30_000, num_labels=30)).eval()


def in_torch(model: Any) -> Way:
    """The model as it is."""
    import torch

    def run(texts: Sequence[str], questions: Sequence[str]) -> None:
        with torch.inference_mode():
            for ids, mask in batches(texts, questions):
                model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))

    return run


def in_onnx(model: Any, folder: Path, threads: int) -> Way:
    """The model exported and its matrices quantised to int8, dynamically."""
    import onnxruntime
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Plain(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            return self.model(input_ids=input_ids, attention_mask=attention_mask).logits

    model.config._attn_implementation = "eager"
    example = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("input_ids", "attention_mask")}
    torch.onnx.export(
        Plain().eval(), (example, example), folder / "base.onnx", dynamo=False, opset_version=17,
        input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamic_axes=axes,
    )  # fmt: skip
    quantize_dynamic(folder / "base.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(folder / "int8.onnx"), settings, providers=["CPUExecutionProvider"])

    def run(texts: Sequence[str], questions: Sequence[str]) -> None:
        for ids, mask in batches(texts, questions):
            session.run(None, {"input_ids": ids, "attention_mask": mask})

    return run


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=64, help="for the slow ways; the fast one codes all")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    import torch

    torch.set_num_threads(options.threads)
    rows = corpus_rows(ROOT / "data" / "sample")
    texts, questions = [row.text for row in rows], [row.question for row in rows]
    some = slice(0, len(rows), max(len(rows) // options.segments, 1))
    fast = load(shipped("models") / "fast-nl")
    ways: dict[str, tuple[Way, slice]] = {"fast-nl": (fast.predict, slice(None))}
    with tempfile.TemporaryDirectory() as folder:
        model = base_size()
        ways["base size, torch float32"] = (in_torch(model), some)
        try:
            ways["base size, ONNX int8"] = (in_onnx(model, Path(folder), options.threads), some)
        except ImportError as error:
            print(f"no ONNX: {error.name} is not installed")
        try:
            from pipeline.transformer.gemma import load_gemma

            ways["deep (Gemma's part)"] = (load_gemma().features, some)
        except ModelError as error:
            print(f"no deep: {error}")
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(REPEATS + 1):
            for name, (way, which) in ways.items():
                start = time.perf_counter()
                way(texts[which], questions[which])
                speeds[name].append(len(texts[which]) / (time.perf_counter() - start))
    medians = {name: statistics.median(found[1:]) for name, found in speeds.items()}  # the first round warms up
    print(
        f"{options.threads} threads, {REPEATS} rounds, median\n\n| way | segments/s | fast is so many times as fast |"
    )
    print("|---|---|---|")
    for name, speed in medians.items():
        print(f"| {name} | {speed:,.1f} | {medians['fast-nl'] / speed:,.1f} |")


if __name__ == "__main__":
    main()
