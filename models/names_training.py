"""The name finder's network, forwards and backwards, in numpy: `pipeline/persons/finder.py` is what it becomes.

Examples are rows of (word, label). Every word is turned into features once; a batch looks up the words it holds.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from pipeline.persons.finder import (
    DENSE,
    DILATIONS,
    PLACE,
    ROWS,
    Floats,
    Lexicon,
    dense_of,
    neighbours,
    places_of,
    rows_of,
    window,
)  # fmt: skip

WIDTH = 48  # of the embeddings
HIDDEN = 112
BATCH = 3000  # words
FORGET_WORD = 0.25  # share of the words, drawn anew for each batch, whose own embedding is left out
FORGET_LISTS = 0.25  # share of the words whose flags of given and surname are left out
FORGET_USUAL = 0.04
_NAME_FLAGS = [11, 12, 25, 26, 29]

Integers = NDArray[np.int64]


@dataclass
class Vocabulary:
    """The different words of the examples with their features."""

    index: dict[str, int]
    own: Integers
    grams: csr_matrix
    dense: Floats


def vocabulary_of(examples: Sequence[Sequence[tuple[str, int]]], lexicon: Lexicon) -> Vocabulary:
    """Every different word of the examples."""
    index: dict[str, int] = {}
    for rows in examples:
        for word, _ in rows:
            index.setdefault(word, len(index))
    rows = [rows_of(word) for word in index]
    counts = np.array([len(row) - 1 for row in rows])
    grams = csr_matrix(
        (np.repeat(1 / counts, counts).astype(np.float32),
         np.concatenate([row[1:] for row in rows]), np.concatenate([[0], np.cumsum(counts)])),
        shape=(len(rows), ROWS),
    )  # fmt: skip
    dense = np.stack([dense_of(word, lexicon) for word in index])
    return Vocabulary(index, np.array([row[0] for row in rows]), grams, dense)


class Trainer:
    """Weights with their Adam moments; those of the table are touched only where a batch has words."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        normal = self.random.standard_normal
        self.table = (normal((ROWS, WIDTH)) * 0.1).astype(np.float32)
        self.w: dict[str, Floats] = {
            "in": normal((WIDTH, HIDDEN)) / np.sqrt(WIDTH) * 2,
            "dense": normal((DENSE, HIDDEN)) * 0.3,
            "place": normal((PLACE, HIDDEN)) * 0.2,
            "in.bias": np.zeros(HIDDEN),
            "out": normal((HIDDEN, 3)) * 0.05,
            "out.bias": np.array([2.0, 0, 0]),
        }
        for i in range(len(DILATIONS)):
            self.w |= {
                f"conv{i}": normal((3 * HIDDEN, HIDDEN)) / np.sqrt(3 * HIDDEN),
                f"bias{i}": np.zeros(HIDDEN), f"gain{i}": np.ones(HIDDEN), f"shift{i}": np.zeros(HIDDEN),
            }  # fmt: skip
        self.w = {name: array.astype(np.float32) for name, array in self.w.items()}
        self.moments = {name: (np.zeros_like(a), np.zeros_like(a)) for name, a in self.w.items()}
        self.table_moments = np.zeros_like(self.table), np.zeros(ROWS, dtype=np.float32)
        self.mean = {name: array.copy() for name, array in self.w.items()}
        self.steps = 0

    def step(self, v: Vocabulary, words: list[Integers], labels: list[Integers], places: list[Floats],
             rate: float) -> float:  # fmt: skip
        """One step of training on a batch of texts; the mean loss."""
        w, g = self.w, {}
        random = self.random
        lengths = [len(text) for text in words]
        kinds, at = np.unique(np.concatenate(words), return_inverse=True)
        target = np.concatenate(labels)
        keep = (random.random(len(kinds)) >= FORGET_WORD).astype(np.float32)[:, None]
        dense = v.dense[kinds]
        dense[np.ix_(random.random(len(kinds)) < FORGET_LISTS, _NAME_FLAGS)] = 0
        forget = (random.random(len(kinds)) < FORGET_USUAL) & (dense[:, 18:21].sum(axis=1) == 0)
        if forget.any():
            dense[np.ix_(forget, range(13, 25))] = 0
            dense[np.ix_(forget, [13, 21])] = 1
            dense[np.ix_(forget, [30])] = 0
        grams = v.grams[kinds]
        touched, inverse = np.unique(grams.indices, return_inverse=True)
        small = csr_matrix((grams.data, inverse, grams.indptr), shape=(len(kinds), len(touched)))
        embedded = small @ self.table[touched] + keep * self.table[v.own[kinds]]
        base = embedded @ w["in"] + dense @ w["dense"] + w["in.bias"]
        place = np.concatenate(places)
        x = base[at] + place @ w["place"]
        first = x > 0
        x = x * first
        alive = (random.random((1, HIDDEN)) > 0.05).astype(np.float32)
        x *= alive
        saved = []
        for i, distance in enumerate(DILATIONS):
            sides = neighbours(lengths, distance)
            wide = window(x, *sides)
            y = wide @ w[f"conv{i}"] + w[f"bias{i}"]
            y -= y.mean(axis=1, keepdims=True)
            deviation = np.sqrt((y * y).mean(axis=1, keepdims=True) + 1e-5)
            normal = y / deviation
            z = normal * w[f"gain{i}"] + w[f"shift{i}"]
            saved.append((sides, wide, normal, deviation, z > 0))
            x = x + np.maximum(z, 0)
        scores = x @ w["out"] + w["out.bias"]
        scores -= scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        known = target >= 0
        rows = np.flatnonzero(known)
        loss = float(-np.log(p[rows, target[rows]] + 1e-9).mean())
        d = p
        d[rows, target[rows]] -= 1
        d[~known] = 0
        d /= max(len(rows), 1)
        g["out"], g["out.bias"] = x.T @ d, d.sum(axis=0)
        dx = d @ w["out"].T
        for i in reversed(range(len(DILATIONS))):
            (left, right), wide, normal, deviation, positive = saved[i]
            dz = dx * positive
            g[f"gain{i}"], g[f"shift{i}"] = (dz * normal).sum(axis=0), dz.sum(axis=0)
            dn = dz * w[f"gain{i}"]
            dy = dn - dn.mean(axis=1, keepdims=True) - normal * (dn * normal).mean(axis=1, keepdims=True)
            dy /= deviation
            g[f"conv{i}"], g[f"bias{i}"] = wide.T @ dy, dy.sum(axis=0)
            dwide = dy @ w[f"conv{i}"].T
            dx = dx + dwide[:, HIDDEN : 2 * HIDDEN]
            dx[left[left >= 0]] += dwide[left >= 0, :HIDDEN]
            dx[right[right >= 0]] += dwide[right >= 0, 2 * HIDDEN :]
        dx = dx * first * alive
        g["place"] = place.T @ dx
        order = csr_matrix((np.ones(len(at), dtype=np.float32), (at, np.arange(len(at)))), shape=(len(kinds), len(at)))
        dbase = order @ dx
        g["in"], g["dense"], g["in.bias"] = embedded.T @ dbase, dense.T @ dbase, dbase.sum(axis=0)
        dembedded = dbase @ w["in"].T
        self.steps += 1
        norm = np.sqrt(sum(float((a * a).sum()) for a in g.values()))
        scale = min(1.0, 2.0 / (norm + 1e-9))
        for name, gradient in g.items():
            self._adam(w[name], gradient * scale, *self.moments[name], rate)
            self.mean[name] += (w[name] - self.mean[name]) * max(0.005, 1 / (self.steps + 1))
        self._adam_rows(touched, small.T @ dembedded * scale, rate)
        own, back = np.unique(v.own[kinds], return_inverse=True)
        sums = np.zeros((len(own), WIDTH), dtype=np.float32)
        np.add.at(sums, back, dembedded * keep * scale)
        self._adam_rows(own, sums, rate)
        return loss

    def _adam(self, weight: Floats, gradient: Floats, m: Floats, s: Floats, rate: float) -> None:
        m += 0.1 * (gradient - m)
        s += 0.001 * (gradient * gradient - s)
        bias = np.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        weight -= rate * bias * m / (np.sqrt(s) + 1e-8)

    def _adam_rows(self, rows: Integers, gradient: Floats, rate: float) -> None:
        """Adam with one second moment a row, only on these rows."""
        m, s = self.table_moments
        m[rows] = m[rows] * 0.9 + 0.1 * gradient
        s[rows] = s[rows] * 0.99 + 0.01 * (gradient * gradient).mean(axis=1)
        self.table[rows] -= rate * m[rows] / (np.sqrt(s[rows])[:, None] + 1e-7)


def train(examples: Sequence[Sequence[tuple[str, int]]], v: Vocabulary, epochs: int, rate: float, seed: int,
          limit: float) -> Trainer:  # fmt: skip
    """Train for `epochs`, or as far as `limit` seconds go; the rate falls to nothing by then."""
    trainer = Trainer(seed)
    words = [np.array([v.index[word] for word, _ in rows]) for rows in examples]
    labels = [np.array([label for _, label in rows]) for rows in examples]
    places = [places_of([word for word, _ in rows]) for rows in examples]
    total = epochs * sum(map(len, words))
    seen, losses, start, told = 0, [], time.perf_counter(), 0.0
    for _ in range(epochs):
        order = trainer.random.permutation(len(words))
        batch: list[int] = []
        size = 0
        for number in order:
            batch.append(number)
            size += len(words[number])
            if size < BATCH:
                continue
            spent = time.perf_counter() - start
            progress = max(seen / total, spent / limit)
            if progress >= 1:
                return trainer
            now = rate * min(1.0, (trainer.steps + 1) / 200) * (1 - progress)
            losses.append(trainer.step(v, *([these[k] for k in batch] for these in (words, labels, places)), now))
            seen += size
            batch, size = [], 0
            if spent - told > 20:
                told = spent
                loss = np.mean(losses[-200:])
                print(f"{spent:5.0f} s  {seen / spent:7,.0f} words/s  {progress:4.0%}  loss {loss:.4f}", flush=True)
    return trainer
