"""Train the model that ships with Codeboom on the sample interviews, measure it, and write its card.

    make model                                  # everything: some minutes
    python models/build_model.py --measure      # only leave-one-interview-out, for development; saves nothing

`data/sample/splits.json` says which interviews are for what. The untouched ones are used here, once, for the card.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.classifier import save
from pipeline.codebook import read_codebook
from pipeline.encoder import load_encoder
from pipeline.evaluation import Predictor, Quality, compare, leave_one_interview_out, majority, tfidf
from pipeline.settings import ROOT, shipped
from pipeline.training import Labelled, codebook_rows, corpus_rows, train

NAME = "fast-nl 1"
TARGET = shipped("models") / "fast-nl"
ENCODER = shipped("models") / "encoder-nl"
CORPUS = ROOT / "data" / "sample"


class Remembering:
    """The encoder, with what it encoded before: the folds of an evaluation encode the same texts again and again."""

    def __init__(self) -> None:
        self.encoder, self.known = load_encoder(ENCODER), {}

    def encode(self, texts: Sequence[str], progress: object = None) -> np.ndarray:
        """See `Encoder.encode`."""
        new = sorted(set(texts) - self.known.keys())
        self.known.update(zip(new, self.encoder.encode(new), strict=True))
        return np.array([self.known[text] for text in texts], np.float32)


def main() -> int:
    """Evaluate, train, save."""
    codebook = read_codebook(shipped("codebook"))
    splits = json.loads((CORPUS / "splits.json").read_text(encoding="utf-8"))
    interviews = corpus_rows(CORPUS)
    part = {
        name: [row for row in interviews if row.interview in splits[name]] for name in ("train", "choose", "untouched")
    }
    book, codes, encoder = codebook_rows(codebook), codebook.ids, Remembering()

    def fast(rows: Sequence[Labelled], names: Sequence[str], choice: Sequence[Labelled] = ()) -> Predictor:
        model = train(NAME, rows, names, encoder, choice)

        def predict(texts: Sequence[str], questions: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
            scores = model.probabilities(texts, questions)
            return scores, scores >= model.thresholds

        return predict

    ways = {"fast-nl": fast, "TF-IDF + logistic regression": tfidf, "majority": majority}
    folds = {}
    for name, trainer in ways.items():
        start = time.perf_counter()
        folds[name] = leave_one_interview_out(part["train"] + part["choose"] + book, codes, trainer)
        print(f"{name}, leave one interview out: {line(folds[name])}, {time.perf_counter() - start:.0f} s", flush=True)
    if "--measure" in sys.argv:
        return 0

    rows = part["train"] + book
    untouched = {
        "fast-nl": compare(fast(rows, codes, part["choose"]), part["untouched"], codes),
        "TF-IDF + logistic regression": compare(tfidf(rows, codes, part["choose"]), part["untouched"], codes),
        "majority": compare(majority(rows, codes), part["untouched"], codes),
    }
    for name, found in untouched.items():
        print(f"{name}, untouched interviews: {line(found)}")
    model = train(NAME, rows, codes, encoder, part["choose"])
    best = untouched["fast-nl"]
    quality = {"mean_kappa": best.mean_kappa, "macro_f1": best.macro_f1, "top1": best.top1, "top3": best.top3}
    save(model, TARGET, ENCODER, card(folds, untouched, part), quality)
    return 0


def line(found: Quality) -> str:
    """The figures in one line."""
    return f"macro-F1 {found.macro_f1:.3f}, mean kappa {found.mean_kappa:.3f}, top 3 {found.top3:.3f}"


def table(results: dict[str, Quality]) -> str:
    """The figures as rows of a table."""
    return "\n".join(
        f"| {name} | {q.macro_f1:.3f} | {q.mean_kappa:.3f} | {q.top1:.3f} | {q.top3:.3f} | {q.calibration:.3f} |"
        for name, q in results.items()
    )


def card(folds: dict[str, Quality], untouched: dict[str, Quality], part: dict[str, list[Labelled]]) -> str:
    """The model's card, with every figure next to the command that makes it."""
    template = (Path(__file__).parent / "fast-nl-card.md").read_text(encoding="utf-8")
    best, words, last = folds["fast-nl"], folds["TF-IDF + logistic regression"], untouched["fast-nl"]
    codes = "\n".join(
        f"| `{code}` | {best.positives[code]} | {best.kappa[code]:.2f} | {best.f1[code]:.2f} | {words.kappa[code]:.2f} "
        f"| {last.positives.get(code, 0)} | {last.kappa.get(code, float('nan')):.2f} |".replace("nan", "–")
        for code in best.kappa
    )
    described = {
        name: f"{', '.join(sorted({row.interview or '' for row in rows}))}: {len(rows)} segments, "
        f"{sum(bool(row.codes) for row in rows)} of them with a code"
        for name, rows in part.items()
    }
    return template.format(
        name=NAME,
        folds=table(folds),
        untouched=table(untouched),
        codes=codes,
        **{f"{name}_rows": text for name, text in described.items()},
    )


if __name__ == "__main__":
    raise SystemExit(main())
