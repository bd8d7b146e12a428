"""Time and memory: of training and coding with fast and deep, and segments a second beside a base-size transformer.

The transformer has BERT-base's shape and random weights, which is the speed of RobBERT and BERTje; its pieces are those
of the Dutch encoder, which cuts about as fine. Rounds of all ways by turns, so that a busy machine hits all; medians.
"""

import json
import logging
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.classifier.material import SAMPLE, Material
from pipeline.classifier import load
from pipeline.encoder import load_encoder
from pipeline.settings import ROOT, shipped
from pipeline.training import Labelled

REPEATS = 3
BATCH = 8
SOME = 64  # segments for the slow ways; the fast one codes all
CODED = 2000  # segments that a job codes: 17 interviews
Way = Callable[[Sequence[str], Sequence[str]], object]
Figures = dict[str, float]


def hand_over(material: Material, folder: Path, quick: bool) -> None:
    """Write what the jobs work on."""
    splits = json.loads((SAMPLE / "splits.json").read_text(encoding="utf-8"))
    choose = [name for name in material.interviews if name in splits["choose"]]
    given = {
        "codes": material.codes,
        "rows": [(row.text, row.question, sorted(row.codes), row.interview) for row in material.rows],
        "train": [name for name in material.interviews if name not in choose],
        "choose": choose,
        "segments": [(row.text, row.question) for row in islice(cycle(_learned(material)), 100 if quick else CODED)],
    }
    (folder / "rows.json").write_text(json.dumps(given), encoding="utf-8")


def _learned(material: Material) -> list[Labelled]:
    return [row for row in material.talk if row.interview in material.interviews]


def run_jobs(names: Iterable[str], folder: Path) -> dict[str, Figures]:
    """The jobs one after another, each in its own process; those that `folder` has already are not done again."""
    found = {}
    for name in names:
        kept = folder / f"{name}.json"
        if not kept.is_file():
            command = [sys.executable, "-m", "benchmarks.classifier.jobs", name, str(folder)]
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            kept.write_text(done.stdout.splitlines()[-1], encoding="utf-8")
        found[name] = json.loads(kept.read_text(encoding="utf-8"))
        print(f"  {found[name]}", flush=True)
    return found


def job_table(found: Mapping[str, Figures]) -> str:
    """Time and memory of the jobs."""
    lines = ["| | texts | seconds | texts/s | most memory, MB |", "|---" * 5 + "|"]
    for name, one in found.items():
        speed = one["texts"] / one["seconds"]
        cells = f"{one['texts']:,} | {one['seconds']:.1f} | {speed:,.0f} | {one['peak_mb']:,.0f}"
        lines.append(f"| {name.replace('-', ' with ')} | {cells} |")
    return "\n".join(lines)


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


def in_torch(model: Any, made: Sequence[tuple[np.ndarray, np.ndarray]]) -> Way:
    """The model as it is, on batches that were made before."""
    import torch

    def run(_texts: Sequence[str], _questions: Sequence[str]) -> None:
        with torch.inference_mode():
            for ids, mask in made:
                model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))

    return run


def in_onnx(model: Any, made: Sequence[tuple[np.ndarray, np.ndarray]], folder: Path, threads: int) -> Way:
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
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what only other inputs would meet
        logging.getLogger().setLevel(logging.ERROR)
        torch.onnx.export(
            Plain().eval(), (example, example), folder / "base.onnx", dynamo=False, opset_version=17,
            input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamic_axes=axes,
        )  # fmt: skip
        quantize_dynamic(folder / "base.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(folder / "int8.onnx"), settings, providers=["CPUExecutionProvider"])

    def run(_texts: Sequence[str], _questions: Sequence[str]) -> None:
        for ids, mask in made:
            session.run(None, {"input_ids": ids, "attention_mask": mask})

    return run


def speed_table(material: Material, folder: Path, threads: int, deep: bool, some: int = SOME) -> str:
    """Segments a second, and how many times as fast the fast model is. Uses the models that the jobs left."""
    rows = _learned(material)
    few = rows[:: max(len(rows) // some, 1)]
    ways: dict[str, tuple[Way, Sequence[Labelled]]] = {"fast": (load(folder / "fast").predict, rows)}
    missing = []
    with tempfile.TemporaryDirectory() as temporary:
        try:
            import torch

            torch.set_num_threads(threads)
            made = batches([row.text for row in few], [row.question for row in few])
            model = base_size()
            ways["base size, torch float32"] = (in_torch(model, made), few)
            ways["base size, ONNX int8"] = (in_onnx(model, made, Path(temporary), threads), few)
        except ImportError as error:
            missing.append(f"{error.name} is not installed, so not all of the transformer was measured.")
        if deep:
            from pipeline.transformer.deep import load_deep

            ways["deep"] = (load_deep(folder / "deep").predict, few)
        medians = _medians(ways)
    lines = ["| | segments/s | fast is so many times as fast |", "|---" * 3 + "|"]
    lines += [f"| {name} | {speed:,.1f} | {medians['fast'] / speed:,.1f} |" for name, speed in medians.items()]
    return "\n".join([*lines, *(f"\n{line}" for line in missing)])


def _medians(ways: Mapping[str, tuple[Way, Sequence[Labelled]]]) -> dict[str, float]:
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(REPEATS + 1):
        for name, (way, rows) in ways.items():
            texts, questions = [row.text for row in rows], [row.question for row in rows]
            start = time.perf_counter()
            way(texts, questions)
            speeds[name].append(len(texts) / (time.perf_counter() - start))
    return {name: statistics.median(found[1:]) for name, found in speeds.items()}  # the first round warms up
