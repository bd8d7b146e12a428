"""Choose the pieces that the Dutch encoder keeps: `models/encoder-nl/pieces.txt`, from text.

    python models/choose_pieces.py TEXT [TEXT ...] [--without HELD_OUT ...]

Each file is UTF-8, a sentence or a word a line. Kept is every piece that the whole vocabulary's best cut uses of
a line, or of one of its words in lower case, capitalised or in capitals, at the start of a word or behind a hyphen
or quote; and `is_basic` pieces, whatever the texts hold. A line of a held-out file is left out of every text, so
that figures on that file are honest.
"""

import argparse
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_encoder import FOLDER, SPECIAL, Vocabulary, check_package, make_tokenizer, read_vocabulary
from tokenizers import Tokenizer

from pipeline.files import write_atomic

SHORT, SHORT_ACCENTED = 5, 3
_LAST_SIGN = "\u2bff"  # signs beyond belong to East Asian scripts
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_AT_A_TIME = 10_000


def choose(vocabulary: Vocabulary, lines: Iterable[str]) -> list[int]:
    """Ids of the pieces to keep, ascending; the lines are Dutch sentences or words."""
    everything = Tokenizer.from_buffer(make_tokenizer(vocabulary, range(len(vocabulary.pieces))))
    keep = set(range(SPECIAL))
    # The penalty for an unknown character is counted from the lowest score: that piece stays, so the penalty does.
    keep.add(min(range(len(vocabulary.scores)), key=vocabulary.scores.__getitem__))
    keep.update(i for i, piece in enumerate(vocabulary.pieces) if i >= SPECIAL and is_basic(piece))
    for batch in _batches(sorted(_forms(lines))):
        for encoding in everything.encode_batch_fast(batch):
            keep.update(encoding.ids)
    return sorted(keep)


def is_basic(piece: str) -> bool:
    """Whether Dutch text can hold the piece though no list of words does.

    Digits and signs (years, times, amounts); capitals within a word (abbreviations, McDonald, iPhone); and short
    pieces, which rare names, compounds and typing errors fall into: to five letters without accent, to three with.
    """
    body = piece.lstrip("▁")
    letters = [character for character in body if unicodedata.category(character).startswith("L")]
    if any(character > _LAST_SIGN for character in body):
        return False
    if not letters:
        return True
    if not all(unicodedata.name(letter, "").startswith("LATIN ") for letter in letters):
        return False
    plain = body.isascii()
    return len(body) <= (SHORT if plain else SHORT_ACCENTED) or (plain and any(c.isupper() for c in body[1:]))


def _forms(lines: Iterable[str]) -> set[str]:
    forms: set[str] = set()
    for line in lines:
        forms.add(line)
        for word in _WORD.findall(line):
            forms |= {word.lower(), word.capitalize(), word.upper()}
            forms |= {"-" + word.lower(), "-" + word.capitalize()}
    return forms


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), _AT_A_TIME):
        yield texts[start : start + _AT_A_TIME]


def compact(ids: Sequence[int]) -> str:
    """The ids as `read_pieces` reads them: neighbours as a range, an id or a range a line."""
    runs: list[list[int]] = []
    for i in ids:
        if runs and runs[-1][-1] == i - 1:
            runs[-1][1:] = [i]
        else:
            runs.append([i])
    return "".join("-".join(map(str, run)) + "\n" for run in runs)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, nargs="+", help="Dutch text, a sentence or a word a line")
    parser.add_argument("--without", type=Path, nargs="*", default=[], help="files of lines to leave out")
    parser.add_argument("--out", type=Path, default=FOLDER / "pieces.txt")
    options = parser.parse_args()
    check_package()
    held_out = {line for path in options.without for line in _lines(path)}
    lines = [line for path in options.texts for line in _lines(path) if line not in held_out]
    keep = choose(read_vocabulary(), lines)
    write_atomic(options.out, compact(keep).encode("ascii"))
    print(f"{options.out}: {len(keep):,} pieces, from {len(lines):,} lines")


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


if __name__ == "__main__":
    main()
