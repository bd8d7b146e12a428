"""Train the name finder that ships: `python models/build_names.py --data FOLDER`, about a quarter of an hour.

FOLDER holds the Dutch data that the card names. Beside it the packages faker (names, places) and wordfreq (how usual
a word is) are read. The model goes to `models/names-nl`.
"""

import argparse
import json
import math
import os
import random
import sys
import time
import zlib
from io import BytesIO
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # threads that share these small products wait for each other
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
from names_carriers import Prose, not_persons, read_prose
from names_examples import Writer
from names_lists import NICKNAMES
from names_people import People
from names_training import Trainer, train, vocabulary_of
from wordfreq import iter_wordlist, zipf_frequency

from pipeline.files import sha256, write_atomic
from pipeline.persons.finder import (
    BLOOM_BITS,
    COMMON_SURNAME,
    FORMAT,
    FORMAT_VERSION,
    NO_PERSON,
    SURNAME,
    WEIGHTS,
    Lexicon,
    bloom_bit,
)
from pipeline.persons.folding import fold
from pipeline.persons.labels import is_prefix

FOLDER = Path(__file__).resolve().parent / "names-nl"
THRESHOLD = 0.15  # chosen on two interviews, R06 and R10


def lexicon_of(prose: Prose, people: People, seed: int) -> Lexicon:
    """What the finder looks up of a word. Some names are left out, so that the network learns without."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    flags: dict[str, int] = {}
    for word in iter_wordlist("nl", "large"):
        plain = fold(word).lower
        if plain.isalpha() and plain not in flags:
            zipf = zipf_frequency(word, "nl")
            if zipf < 1.5 and not prose.lower[plain]:
                continue
            flags[plain] = min(7, max(1, math.floor(zipf * 1.34)))
    for word in prose.lower.keys() | prose.capital.keys():
        low, high = prose.lower[word], prose.capital[word]
        if low + high > 1:
            flags[word] = flags.get(word, 0) | ((1 if low > 9 * high else 3 if high > 4 * low else 2) << 3)
    for name in people.surnames:
        last = [part for part in name.lower().split() if not is_prefix(part)][-1:]
        for part in last:
            if chance.random() < 0.85:
                flags[part] = flags.get(part, 0) | SURNAME
    for name in people.common:
        part = name.lower().split()[-1]
        flags[part] = flags.get(part, 0) | SURNAME | COMMON_SURNAME
    for part in not_persons():
        flags[part] = flags.get(part, 0) | NO_PERSON
    hashed = {zlib.crc32(word.encode()): value for word, value in flags.items()}
    keys = sorted(hashed)
    bloom = np.zeros(BLOOM_BITS // 8, dtype=np.uint8)
    # Not of `people.given`: that list has no licence, and a filter of it may not be shipped.
    given = {name.lower() for firsts, _ in people.foreign for name in firsts if " " not in name}
    given |= {name.lower() for name in NICKNAMES if name.isalpha()}
    for name in sorted(given):
        bit = bloom_bit(name)
        bloom[bit >> 3] |= 1 << (bit & 7)
    return Lexicon(np.array(keys, dtype=np.uint32), np.array([hashed[key] for key in keys], dtype=np.uint8), bloom)


def save(folder: Path, trainer: Trainer, lexicon: Lexicon, threshold: float) -> None:
    """Write the folder: the table in eight bits, the rest in sixteen."""
    scale = float(np.quantile(np.abs(trainer.table), 0.9999)) / 127
    arrays = {name: array.astype(np.float16) for name, array in trainer.mean.items()}
    stream = BytesIO()
    np.savez_compressed(
        stream,
        table=np.clip(np.rint(trainer.table / scale), -127, 127).astype(np.int8),
        **{"table.scale": np.float64(scale)},
        hashes=lexicon.hashes, flags=lexicon.flags, bloom=lexicon.bloom, **arrays,
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    data = stream.getvalue()
    config = {"format": FORMAT, "format_version": FORMAT_VERSION, "threshold": threshold,
              "files": {WEIGHTS: sha256(data)}}  # fmt: skip
    write_atomic(folder / WEIGHTS, data)
    write_atomic(folder / "config.json", (json.dumps(config, indent=1) + "\n").encode())
    print(f"{folder}: {len(data) / 1e6:.1f} MB")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FOLDER)
    parser.add_argument("--examples", type=int, default=220_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=560, help="stop training by then")
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    start = time.perf_counter()
    people = People(options.data, options.seed)
    prose = read_prose(options.data, people)
    print({key: len(getattr(prose, key)) for key in ("plain", "slotted", "pronouns", "news")})
    lexicon = lexicon_of(prose, people, options.seed)
    print(f"lexicon: {len(lexicon.hashes):,} words, {time.perf_counter() - start:.0f} s", flush=True)
    writer = Writer(prose, people)
    examples = [rows for rows in (writer.example() for _ in range(options.examples)) if rows]
    vocabulary = vocabulary_of(examples, lexicon)
    print(
        f"{sum(map(len, examples)):,} words, {len(vocabulary.index):,} different, {time.perf_counter() - start:.0f} s",
        flush=True,
    )
    trainer = train(examples, vocabulary, options.epochs, 2e-3, options.seed, options.seconds)
    save(options.out, trainer, lexicon, THRESHOLD)
    print(f"{time.perf_counter() - start:.0f} s in all")


if __name__ == "__main__":
    main()
