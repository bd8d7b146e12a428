"""Does Gemma help? Leave one interview out over the interviews to train and to choose; the untouched are not read.

    python benchmarks/deep.py [--cache FILE.npy]     # some minutes; needs the extra `deep`

Each interview is scored by layers that were fitted on the others, on the passages and on the codebook; how the layers
are weighed, and the thresholds, come from the scores of the other interviews. All rows of the table share the folds.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "2")

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sklearn.metrics import average_precision_score

from pipeline.classifier import Floats
from pipeline.codebook import read_codebook
from pipeline.evaluation import quality
from pipeline.settings import ROOT, shipped
from pipeline.training import (
    Labelled,
    above,
    codebook_rows,
    corpus_rows,
    fit,
    interviews_of,
    known,
    passage_rows,
    targets,
)
from pipeline.transformer.deep import beside, decide, fit_layer
from pipeline.transformer.gemma import load_gemma

CORPUS = ROOT / "data" / "sample"


def read(rows: Sequence[Labelled], cache: Path | None) -> Floats:
    """Gemma's features of the rows, from the cache when it holds as many."""
    if cache is not None and cache.is_file() and len(stored := np.load(cache)) == len(rows):
        return stored
    gemma, start = load_gemma(), time.perf_counter()
    features = gemma.features([row.text for row in rows], [row.question for row in rows])
    print(f"Gemma: {len(rows) / (time.perf_counter() - start):.1f} texts/s")
    if cache is not None:
        np.save(cache, features)
    return features


def out_of_interview(rows: Sequence[Labelled], codes: Sequence[str], features: Floats) -> Floats:
    """What the fast layer and the deep one say of each row of an interview; shape (rows, codes + variables, 2)."""
    labels, sure = above(targets(rows, codes), known(rows, codes), codes)
    scores = np.zeros((*labels.shape, 2), np.float32)
    for interview in interviews_of(rows):
        inside = np.array([row.interview == interview for row in rows])
        model = fit([row for row in rows if row.interview != interview], codes)
        layer = fit_layer(features[~inside], labels[~inside], sure[~inside])
        scores[inside] = beside(
            model.logits([row for row in rows if row.interview == interview]), features[inside], layer
        )
    return scores


def line(name: str, scores: Floats, rows: Sequence[Labelled], codes: Sequence[str]) -> str:
    """A row of the table."""
    of = np.array([row.interview or "" for row in rows])
    probabilities, suggested = np.zeros((len(rows), len(codes)), np.float32), np.zeros((len(rows), len(codes)), bool)
    for interview in interviews_of(rows):
        others = (of != interview) & (of != "")
        decision = decide(scores[others], [row for row, there in zip(rows, others, strict=True) if there], codes)
        probabilities[of == interview], suggested[of == interview] = decision.predict(scores[of == interview], codes)
    spoken = of != ""
    truth, chances = targets(rows, codes)[spoken], probabilities[spoken]
    found = quality(truth, chances, suggested[spoken], codes)
    precision = np.mean(
        [average_precision_score(truth[:, i], chances[:, i]) for i in np.flatnonzero(truth.any(axis=0))]
    )
    figures = (found.mean_kappa, found.levels["variable"], found.macro_f1, found.top1, found.top3, precision)
    return f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + f" | {found.calibration:.4f} |"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=Path, help="keep Gemma's features in this file")
    options = parser.parse_args()
    codebook = read_codebook(shipped("codebook"))
    splits = json.loads((CORPUS / "splits.json").read_text(encoding="utf-8"))
    seen = {*splits["train"], *splits["choose"]}
    interviews = [row for row in corpus_rows(CORPUS) if row.interview in seen]
    rows = interviews + passage_rows(CORPUS) + codebook_rows(codebook)
    print(f"{len(rows)} rows, {len(interviews)} of them segments of {len(seen)} interviews")
    scores = out_of_interview(rows, codebook.ids, read(rows, options.cache))
    print("| | κ, codes | κ, variables | macro-F1 | top 1 | top 3 | average precision | calibration error |")
    print("|---|---|---|---|---|---|---|---|")
    for name, layers in (("fast", [0]), ("Gemma alone", [1]), ("deep: both", [0, 1])):
        print(line(name, scores * np.isin([0, 1], layers), rows, codebook.ids))


if __name__ == "__main__":
    main()
