"""The commands that check what a study rests on: codebook check, corpus check."""

import argparse
from pathlib import Path

from pipeline.commands.shared import Add


def register(add: Add) -> None:
    """Add the commands of this module."""
    book = add("codebook", _codebook_check, "check the codebook").add_subparsers(required=True, metavar="check")
    check = add("check", _codebook_check, "read the codebook strictly and say everything that is wrong", book)
    check.add_argument("folder", nargs="?", type=Path, help="the folder with the YAML files")

    corpus = add("corpus", _corpus_check, "check the sample corpus").add_subparsers(required=True, metavar="check")
    corpus_check = add("check", _corpus_check, "prove that every gold span is found, and count", corpus)
    corpus_check.add_argument("folder", nargs="?", type=Path, help="the corpus (default: data/sample)")


def _codebook_check(options: argparse.Namespace) -> int:
    from pipeline.codebook import read_codebook
    from pipeline.settings import Settings

    codebook = read_codebook(options.folder or Settings().codebook)
    variables = {code.variable for code in codebook.codes}
    dimensions = {(code.variable, code.dimension) for code in codebook.codes}
    print(
        f"The codebook is sound: {len(variables)} variables, {len(dimensions)} dimensions, {len(codebook.codes)} codes."
    )
    return 0


def _corpus_check(options: argparse.Namespace) -> int:
    from pipeline.corpus.check import check
    from pipeline.settings import ROOT

    report = check(options.folder or ROOT / "data" / "sample")
    for line in report.lines():
        print(line)
    return 0 if report.sound else 1
