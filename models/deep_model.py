"""Train the setting `deep` on the sample interviews, on top of the shipped fast model, and write its folder.

    python models/deep_model.py [--out FOLDER]     # a quarter of an hour; needs the extra `deep`

The same rows as `build_model.py` gives to the fast model, which has to be there already. `benchmarks/deep.py` measures.
"""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a script: the project need not be installed

from pipeline.classifier import load
from pipeline.codebook import read_codebook
from pipeline.evaluation import compare
from pipeline.settings import ROOT, shipped
from pipeline.training import codebook_rows, corpus_rows, passage_rows
from pipeline.transformer.deep import save_deep, train_deep
from pipeline.transformer.gemma import load_gemma

NAME = "deep-nl 1"
FAST = shipped("models") / "fast-nl"
TARGET = shipped("models") / "deep-nl"
CORPUS = ROOT / "data" / "sample"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=TARGET, help="the folder to write (default: %(default)s)")
    parser.add_argument(
        "--untouched", action="store_true", help="measure on the untouched interviews: once, for the card"
    )
    options = parser.parse_args()
    codebook = read_codebook(shipped("codebook"))
    splits = json.loads((CORPUS / "splits.json").read_text(encoding="utf-8"))
    interviews = corpus_rows(CORPUS)
    part = {name: [row for row in interviews if row.interview in splits[name]] for name in splits if name != "about"}
    rows = part["train"] + codebook_rows(codebook) + passage_rows(CORPUS)
    model = train_deep(NAME, rows, codebook.ids, load(FAST), load_gemma(), part["choose"])
    figures = {}
    if options.untouched:
        found = compare(model.predict, part["untouched"], model.codes)
        figures = {name: getattr(found, name) for name in ("mean_kappa", "macro_f1", "top1", "top3")}
        print(figures, found.levels)
    card = (Path(__file__).parent / "deep-nl-card.md").read_text(encoding="utf-8").format(name=NAME, rows=len(rows))
    save_deep(model, options.out, FAST, card, figures)
    print(f"{options.out}: layers weigh {[round(float(weight), 2) for weight in model.decision.slope]}")


if __name__ == "__main__":
    main()
