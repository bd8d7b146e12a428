"""Train the setting `deep` on the sample interviews, on top of the shipped fast model, and write its folder.

    make model MODEL=deep                                       # needs the extra `deep`
    python models/deep_model.py --encoder ID --out FOLDER       # fine-tunes an encoder in Gemma's place (extra `train`)

The same rows as `build_model.py` gives to the fast model, which has to be there already. `make benchmark-classifier`
measures; with `--untouched` the untouched interviews are used here, once, for the card.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a script: the project need not be installed

from build_model import row  # beside this script

from pipeline.classifier import load
from pipeline.codebook import read_codebook
from pipeline.evaluation import compare
from pipeline.settings import ROOT, shipped
from pipeline.training import codebook_rows, corpus_rows, held_out, passage_rows
from pipeline.transformer.deep import save_deep, train_deep
from pipeline.transformer.gemma import load_gemma
from pipeline.transformer.layers import Maker, ReadMaker, TunedMaker

NAME = "deep-nl 1"
TIMES = "twice: for the first layer of this kind, before there were 3,266 passages more, and for this one"
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
    parser.add_argument("--encoder", help="a folder, or the id of a model on a hub: fine-tuned in Gemma's place")
    options = parser.parse_args()
    if options.encoder and options.out == TARGET:
        parser.error("give --out: the shipped folder is for the model on Gemma")
    codebook = read_codebook(shipped("codebook"))
    splits = json.loads((CORPUS / "splits.json").read_text(encoding="utf-8"))
    interviews = corpus_rows(CORPUS)
    part = {name: [row for row in interviews if row.interview in splits[name]] for name in splits if name != "about"}
    rows = part["train"] + codebook_rows(codebook) + passage_rows(CORPUS)
    start = time.perf_counter()
    make: Maker = TunedMaker(options.encoder) if options.encoder else ReadMaker(load_gemma())
    held = held_out(rows, codebook.ids, part["choose"])
    model = train_deep(NAME, load(FAST), held, rows, make, part["choose"])
    print(f"trained on {len(rows)} rows in {time.perf_counter() - start:.0f} s")
    figures, measured = {}, "| not measured for this build | | | | | | | |"
    if options.untouched:
        found = compare(model.predict, part["untouched"], model.codes)
        figures = {name: getattr(found, name) for name in ("mean_kappa", "macro_f1", "top1", "top3")}
        measured = row("deep-nl", found)
        print(measured)
    card = (Path(__file__).parent / "deep-nl-card.md").read_text(encoding="utf-8")
    card = card.format(name=NAME, rows=f"{len(rows):,}", untouched=measured, times=TIMES)
    save_deep(model, options.out, FAST, card, figures)
    print(f"{options.out}: layers weigh {[round(float(weight), 2) for weight in model.decision.slope]}")


if __name__ == "__main__":
    main()
