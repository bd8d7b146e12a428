"""How far two people who coded the same sample interviews apart from each other agree, as they are.

    python data/sample/agreement.py     a table in Markdown, for README.md

Segments are the unit, as the pipeline cuts them. A and B are the author and a second coder who had the codebook
alone; neither saw the other's codings.
"""
# ruff: noqa: E402, T201 (a script: it finds its neighbours itself, and prints)

import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from pipeline.agreement import cohen_kappa, krippendorff_alpha
from pipeline.codebook import read_codebook
from pipeline.corpus.data import prepare, read_corpus, study_settings
from pipeline.persons.register import read_register

A, B = "A", "B"


def main() -> None:
    """Print the table."""
    corpus, settings = read_corpus(HERE), study_settings(HERE)
    prepared = prepare(corpus.transcripts, read_register(HERE / "interviews"), settings)
    coders = defaultdict(set)
    for span in corpus.spans:
        coders[span.interview].add(span.coder)
    twice = sorted(interview for interview, found in coders.items() if {A, B} <= found)
    segments = [segment.segment_id for segment in prepared.segments if segment.interview in twice]
    given = {A: set(), B: set()}
    for segment_id, code, coder in prepared.codings([span for span in corpus.spans if span.interview in twice]):
        if coder in given:
            given[coder].add((segment_id, code))

    def column(coder: str, codes: set[str]) -> np.ndarray:
        return np.array([any((segment, code) in given[coder] for code in codes) for segment in segments])

    def row(name: str, codes: set[str]) -> tuple[float, float, str]:
        a, b = column(A, codes), column(B, codes)
        kappa, alpha = cohen_kappa(a, b), krippendorff_alpha([a, b])
        return kappa, alpha, f"| {name} | {a.sum()} | {b.sum()} | {(a & b).sum()} | {kappa:.2f} | {alpha:.2f} |"

    codebook = read_codebook(settings.codebook)
    print(f"Interviews {', '.join(twice)}: {len(segments)} segments.\n")
    print("| | A | B | both | Cohen's κ | Krippendorff's α |\n|---|---|---|---|---|---|")
    for variable in dict.fromkeys(code.variable for code in codebook.codes):
        ids = {code.id for code in codebook.codes if code.variable == variable}
        print(row(f"**{variable}** (any of its codes)", ids)[2])
    print(row("**any code**", set(codebook.ids))[2])
    rows = [row(f"`{code.id}`", {code.id}) for code in codebook.codes]
    for *_, text in rows:
        print(text)
    kappas, alphas = [kappa for kappa, *_ in rows], [alpha for _, alpha, _ in rows]
    print(f"| **mean over codes** | | | | {np.mean(kappas):.2f} | {np.mean(alphas):.2f} |")


if __name__ == "__main__":
    main()
