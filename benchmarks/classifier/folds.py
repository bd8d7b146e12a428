"""The folds: every model that the tables need, fitted once, each in a process of its own, and what it says.

A task is one layer fitted on some interviews, with or without the passages, always with the codebook. Its answer is
what the layer says, uncalibrated, of every segment of the other interviews. Tables share the answers.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.classifier.material import Material
from pipeline.baselines import majority, tfidf
from pipeline.calibration import calibrate
from pipeline.classifier import Floats
from pipeline.suggesting import sigmoid
from pipeline.training import Labelled, above, decide, fit, known, targets
from pipeline.transformer.logistic import fit_dense, logistic
from pipeline.tree import Bools

GROUPS = 3  # into so many the rows are put where there is no interview to leave out
ENCODER_STRENGTH = 4.0  # as in pipeline.baselines
VECTORS = ("gemma", "encoder")  # layers on vectors that are made beforehand
Say = Callable[[Sequence[Labelled], Floats | None], Floats]
"""From rows and their vectors to what a layer says; shape (rows, columns)."""

Decide = Callable[[Floats], tuple[Floats, Bools]]
"""From what layers say, shape (rows, columns, layers), to probabilities and suggestions, shape (rows, codes)."""


@dataclass(frozen=True, slots=True)
class Way:
    """A row of a table. Without `layers` it is the majority. The model's own layers have the tree as a judge."""

    name: str
    layers: tuple[str, ...]
    passages: bool = True

    @property
    def model(self) -> bool:
        """Whether it is a model of ours, and not a baseline."""
        return bool(self.layers) and set(self.layers) <= {"fast", "gemma"}


DEEP, GEMMA, FAST = Way("deep", ("fast", "gemma")), Way("Gemma's layer alone", ("gemma",)), Way("fast", ("fast",))
MAJORITY = Way("majority", (), passages=False)
PLAIN_FAST = Way("fast, without the passages", ("fast",), passages=False)
PLAIN_DEEP = Way("deep, without the passages", ("fast", "gemma"), passages=False)
HARDER = (
    Way("TF-IDF + SVM", ("svm",)),
    Way("TF-IDF + logistic regression", ("logistic",)),
    Way("frozen encoder + logistic regression", ("encoder",)),
)
TEXTBOOK = tuple(Way(f"{way.name}, without the passages", way.layers, passages=False) for way in HARDER)


@dataclass(frozen=True, slots=True)
class Task:
    """One fit: `layer` on the interviews `taught`. With a `group`, one in GROUPS of the rows is left out (and coded);
    `altered` asks for the altered versions of the talk too."""

    layer: str
    passages: bool
    taught: tuple[str, ...]
    group: int = -1
    altered: bool = False

    @property
    def file(self) -> str:
        """Where its answer is kept."""
        parts = (self.layer, "with" if self.passages else "without", "-".join(self.taught) or "none")
        return "_".join((*parts, *(["altered"] * self.altered), *([str(self.group)] * (self.group >= 0)))) + ".npy"

    def places(self, material: Material) -> tuple[np.ndarray, np.ndarray]:
        """The rows that it is fitted on, and those that it codes."""
        talk, passages = len(material.talk), len(material.passages)
        inside = np.isin(material.of, self.taught) & (material.of != "")
        inside[talk : talk + passages] = self.passages
        inside[talk + passages :] = True
        if self.group < 0:
            return np.flatnonzero(inside), np.flatnonzero(~inside[:talk])
        used = np.flatnonzero(inside)
        return np.delete(used, np.s_[self.group :: GROUPS]), used[self.group :: GROUPS]


def task(layer: str, passages: bool, taught: Iterable[str], group: int = -1, altered: bool = False) -> Task:
    """A task, the same however the interviews are ordered."""
    return Task(layer, passages, tuple(sorted(taught)), group, altered)


def learn(layer: str, rows: Sequence[Labelled], vectors: Floats | None, codes: Sequence[str]) -> Say:
    """One layer, fitted on rows and, for a layer on vectors, their vectors."""
    if layer == "fast":
        model = fit(rows, codes)
        return lambda part, _: model.logits(part)
    if layer in ("svm", "logistic"):
        score = tfidf(layer)(rows, codes)
        return lambda part, _: score([row.text for row in part], [row.question for row in part])
    assert vectors is not None
    labels, sure = targets(rows, codes), known(rows, codes)
    if layer == "gemma":
        weights = fit_dense(vectors, *above(labels, sure, codes))
    else:
        weights = logistic(vectors, labels, sure, ENCODER_STRENGTH)
    return lambda _, part: np.asarray(part @ weights[:-1] + weights[-1], np.float32)


def solve(
    one: Task, material: Material, vectors: Mapping[str, Floats], altered: Mapping[str, Sequence[Labelled]]
) -> Floats:
    """What a layer says of what it was not fitted on; shape (versions, rows, columns), the talk as it is first.
    `vectors` are by layer, and by layer and version: those of the versions have a row for each of the talk."""
    inside, outside = one.places(material)
    own = vectors.get(one.layer)
    say = learn(one.layer, [material.rows[i] for i in inside], None if own is None else own[inside], material.codes)
    answers = [say([material.rows[i] for i in outside], None if own is None else own[outside])]
    for name, rows in altered.items() if one.altered else ():
        changed = vectors.get(f"{one.layer} {name}")
        answers.append(say([rows[i] for i in outside], None if changed is None else changed[outside]))
    return np.stack(answers)


_shared: tuple[Material, dict[str, Floats], Mapping[str, Sequence[Labelled]], Path]


def _start(material: Material, altered: Mapping[str, Sequence[Labelled]], folder: Path) -> None:
    global _shared
    vectors = {path.stem: np.load(path, mmap_mode="r") for path in (folder / "vectors").glob("*.npy")}
    _shared = material, vectors, altered, folder


def _work(one: Task) -> None:
    material, vectors, altered, folder = _shared
    half = folder / f"half-{os.getpid()}.npy"
    np.save(half, solve(one, material, vectors, altered))
    half.replace(folder / one.file)


def solve_all(
    tasks: Iterable[Task], material: Material, altered: Mapping[str, Sequence[Labelled]], folder: Path, jobs: int
) -> dict[Task, Floats]:
    """The answers of all tasks, `jobs` at the same time; those that `folder` has already are not made again."""
    wanted = list(dict.fromkeys(tasks))
    todo = sorted((one for one in wanted if not (folder / one.file).is_file()), key=lambda one: not one.passages)
    start = time.perf_counter()
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"  # a core a process
    try:
        with ProcessPoolExecutor(jobs, get_context("spawn"), _start, (material, altered, folder)) as pool:
            for number, done in enumerate(as_completed([pool.submit(_work, one) for one in todo]), start=1):
                done.result()
                if number % 20 == 0 or number == len(todo):
                    print(f"  {number} of {len(todo)} fits, {time.perf_counter() - start:.0f} s", flush=True)
    finally:
        os.environ.pop("OMP_NUM_THREADS")
        if before is not None:
            os.environ["OMP_NUM_THREADS"] = before
    return {one: np.load(folder / one.file) for one in wanted}


def settle(way: Way, logits: Floats, rows: Sequence[Labelled], codes: Sequence[str]) -> Decide:
    """Calibration and thresholds, from what the layers said of rows that they were not fitted on."""
    if way.model:
        decision = decide(logits, rows, codes)
        return lambda said: decision.predict(said, codes)
    slope, intercept, thresholds = calibrate(logits, targets(rows, codes), known(rows, codes))

    def predict(said: Floats) -> tuple[Floats, Bools]:
        scores = sigmoid(np.asarray(said @ slope + intercept, np.float32))
        return scores, scores >= thresholds

    return predict


def base_rates(rows: Sequence[Labelled], codes: Sequence[str], count: int) -> tuple[Floats, Bools]:
    """What the majority says of `count` segments."""
    return majority(rows, codes)([""] * count, [""] * count)
