"""Train the model that ships with Codeboom on the sample interviews, and write its card.

    make model

Evaluation is out of interview: each sample interview is coded by models that never saw it, calibrated and given their
thresholds on the others alone.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "2")

from pipeline.classifier import save
from pipeline.codebook import read_codebook
from pipeline.encoder import load_encoder
from pipeline.evaluation import Quality, leave_one_interview_out, majority, tfidf
from pipeline.settings import ROOT, shipped
from pipeline.training import Labelled, codebook_rows, corpus_rows, train

NAME = "fast-nl 1"
TARGET = shipped("models") / "fast-nl"
ENCODER = shipped("models") / "encoder-nl"


def main() -> int:
    """Evaluate, train on everything, save."""
    codebook = read_codebook(shipped("codebook"))
    corpus = ROOT / "data" / "sample"
    encoder = load_encoder(ENCODER)
    interviews = corpus_rows(corpus)
    rows = interviews + codebook_rows(codebook)
    codes = codebook.ids

    def fast(part: list[Labelled], names: tuple[str, ...]) -> object:
        model = train(NAME, part, names, encoder)

        def predict(texts: list[str], questions: list[str]) -> object:
            scores = model.probabilities(texts, questions)
            return scores, scores >= model.thresholds

        return predict

    results = {}
    for name, trainer in (("fast", fast), ("TF-IDF + logistic regression", tfidf), ("majority", majority)):
        start = time.perf_counter()
        results[name] = leave_one_interview_out(rows, codes, trainer)
        found = results[name]
        print(f"{name}: macro-F1 {found.macro_f1:.3f}, mean kappa {found.mean_kappa:.3f}, top 1 {found.top1:.3f}, "
              f"top 3 {found.top3:.3f}, calibration error {found.calibration:.3f} ({time.perf_counter() - start:.0f} s)")
    if "--dry-run" in sys.argv:
        return 0
    model = train(NAME, rows, codes, encoder)
    best = results["fast"]
    quality = {"mean_kappa": best.mean_kappa, "macro_f1": best.macro_f1, "top1": best.top1, "top3": best.top3}
    save(model, TARGET, ENCODER, card(results, interviews), quality)
    return 0


def card(results: dict[str, Quality], rows: list[Labelled]) -> str:
    """The model's card, with every figure next to the command that makes it."""
    template = (Path(__file__).parent / "fast-nl-card.md").read_text(encoding="utf-8")
    best, words = results["fast"], results["TF-IDF + logistic regression"]
    table = "\n".join(
        f"| {name} | {q.macro_f1:.3f} | {q.mean_kappa:.3f} | {q.top1:.3f} | {q.top3:.3f} | {q.calibration:.3f} |"
        for name, q in results.items()
    )
    codes = "\n".join(
        f"| `{code}` | {best.positives[code]} | {best.kappa[code]:.2f} | {best.f1[code]:.2f} | {words.kappa[code]:.2f} |"
        for code in best.kappa
    )
    coded = sum(bool(row.codes) for row in rows)
    interviews = len({row.interview for row in rows})
    return template.format(
        name=NAME, interviews=interviews, segments=len(rows), coded=coded, table=table, codes=codes,
        size=", ".join(sorted({row.interview or "" for row in rows})),
    )


if __name__ == "__main__":
    raise SystemExit(main())
