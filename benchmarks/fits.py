"""Fits for the replay of the loop, kept on disk: a replay that is stopped goes on where it was.

What is kept is what a linear layer says of the interviews' segments, by the segments that it saw. Models that differ by
an interview share most of the fits that calibrate them, so that comparing every model with every later one on the same
folds costs some two hundred fits and not thousands.
"""

import inspect
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from pipeline import features, training
from pipeline.files import sha256
from pipeline.retraining.rows import hash_rows
from pipeline.training import Labelled, decide, expect

WORKERS = 2
GROUPS = 5
"""Passages are left out in so many groups where there are no interviews to calibrate on."""

Seen = frozenset[int]
_given: tuple[Sequence[Labelled], Sequence[Labelled], Sequence[Labelled], Sequence[str]]


class Said(NamedTuple):
    """What a model says of segments: scores, what it suggests, and about what of that it does not doubt; each of shape
    (segments, codes)."""

    scores: np.ndarray
    suggested: np.ndarray
    sure: np.ndarray


@dataclass(frozen=True)
class Fits:
    """`book` and `passages` are always trained on; `hers` are the segments of the interviews, of which a model saw some
    (by place)."""

    book: Sequence[Labelled]
    passages: Sequence[Labelled]
    hers: Sequence[Labelled]
    codes: Sequence[str]
    folder: Path
    predicted: dict[Seen, Said] = field(default_factory=dict, repr=False)

    def path(self, seen: Seen, left: int | None = None) -> Path:
        """Where the logits of a fit are kept. With `left`, that group of passages was left out."""
        return self.folder / f"{sha256(repr((sorted(seen), left)).encode())[:24]}.npy"

    def prepare(self, wanted: Collection[tuple[Seen, int | None]]) -> None:
        """Make the fits that are not there yet, two at a time, with a progress bar."""
        todo = [one for one in dict.fromkeys(wanted) if not self.path(*one).exists()]
        if not todo:
            return
        with ProcessPoolExecutor(
            WORKERS, initializer=_start, initargs=(self.book, self.passages, self.hers, self.codes)
        ) as pool:
            for one, logits in zip(todo, tqdm(pool.map(_fit, todo), total=len(todo), desc="fitting"), strict=True):
                part = self.path(*one).with_suffix(".part.npy")
                np.save(part, logits)
                part.replace(self.path(*one))

    def of(self, seen: Seen, left: int | None = None):
        """The logits of a fit: of all `hers`, or of the group of passages that was left out."""
        self.prepare([(seen, left)])
        return np.load(self.path(seen, left))

    def interviews(self, seen: Seen) -> list[Seen]:
        """The places in `seen`, by interview."""
        names = sorted({self.hers[i].interview for i in seen})
        return [frozenset(i for i in seen if self.hers[i].interview == name) for name in names]

    def needed(self, seen: Seen) -> list[tuple[Seen, int | None]]:
        """The fits that `predict` needs."""
        parts = self.interviews(seen)
        if len(parts) < 2:
            return [(seen, None), *((frozenset(), group) for group in range(GROUPS))]
        return [(seen, None), *((seen - part, None) for part in parts)]

    def predict(self, seen: Seen) -> Said:
        """What a model that saw some of `hers` says of them all, calibrated on scores of models that never saw the
        interview; with fewer than two interviews, on the passages."""
        if seen not in self.predicted:
            self.prepare(self.needed(seen))
            self.predicted[seen] = self._predict(seen)
        return self.predicted[seen]

    def _predict(self, seen: Seen) -> Said:
        parts = self.interviews(seen)
        if len(parts) < 2:
            groups = [(_group(self.passages, group), self.of(frozenset(), group)) for group in range(GROUPS)]
            rows = [replace(row, interview=f"rows {group}") for group, (part, _) in enumerate(groups) for row in part]
            logits = np.vstack([found for _, found in groups])
        else:
            places = [sorted(part) for part in parts]
            rows = [self.hers[i] for part in places for i in part]
            logits = np.vstack([self.of(seen - part)[sorted(part)] for part in parts])
        limits, _ = expect(logits[:, :, None], rows, self.codes)
        decision = decide(logits[:, :, None], rows, self.codes)
        scores, suggested = decision.predict(self.of(seen)[:, :, None], self.codes)
        return Said(scores, suggested, suggested & ~limits.doubt(scores, suggested))


def cached(
    book: Sequence[Labelled],
    passages: Sequence[Labelled],
    hers: Sequence[Labelled],
    codes: Sequence[str],
    folder: Path,
) -> Fits:
    """Fits in a folder of their own within `folder`: another as soon as rows, codes or the way of training change."""
    sources = [inspect.getsource(module) for module in (training, features)]
    key = sha256(
        "\n".join(
            [hash_rows([*book, *passages, *hers]), *(hash_rows([row]) for row in hers), *codes, *sources]
        ).encode()
    )[:16]
    (folder / key).mkdir(parents=True, exist_ok=True)
    return Fits(book, passages, hers, codes, folder / key)


def _group(passages: Sequence[Labelled], group: int) -> list[Labelled]:
    return list(passages[group::GROUPS])


def _start(*given) -> None:
    global _given
    _given = given
    training.THREADS = 1  # as many processes as cores do better than threads


def _fit(wanted: tuple[Seen, int | None]):
    (book, passages, hers, codes), (seen, left) = _given, wanted
    rows = [row for i, row in enumerate(passages) if left is None or i % GROUPS != left]
    model = training.fit([*book, *rows, *(hers[i] for i in sorted(seen))], codes)
    return model.logits(hers if left is None else _group(passages, left))
