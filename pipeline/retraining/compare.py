"""Two models on the same folds: each validated interview coded by models that never saw it. Pure, but for training.

The rule: the new model is taken into use when its mean κ is higher than that of the model in use by `MARGIN` or more,
over the codes that occur and that both know, on the same segments. κ is Cohen's, per code, over all validated
interviews at once, each segment scored by a model that did not see its interview; what coders did not judge is left
out. Codes that the model in use does not know are shown and do not count: they cannot make up for what got worse. But
where the codebook has such a code, equal is enough: else a new code would wait for a gain that it has no part in.

A gain that is too small is not lost: the next retraining learns from all that was validated, and is compared with the
same model in use.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.agreement.statistics import cohen_kappa
from pipeline.classifier import Classifier, Floats
from pipeline.training import Labelled, interviews_of, known, targets
from pipeline.tree import Bools

MOST_FOLDS = 6
"""Up to so many validated interviews each is a fold of its own; more are put together in so many folds."""

MARGIN = 0.03
"""A smaller gain says too little. In replays of the sample in six orders, before some labels were corrected, any gain
at all took 32 models into use, 9 of them worse on the interviews that came later (by up to .019 of mean κ); a gain of
.01 took 17, 2 of them worse; .02 took 13, 1 of them worse, by .002. Since then, in two orders: .02 took 4, 2 of them
lower on the one interview that was left (by .039 and .025, which chance can do); .03 took 2, none of them worse. In a
third order, replayed after that choice, .03 took 1, better on the six later interviews by .079."""

Maker = Callable[[Sequence[Labelled]], Classifier]
"""Given the rows that are held out: a model that saw none of their interviews."""


@dataclass(frozen=True)
class Scored:
    """What models say of rows: `scores` and `suggested`, both of shape (rows, codes)."""

    scores: Floats
    suggested: Bools


@dataclass(frozen=True, slots=True)
class Pair:
    """One line of a comparison: a code or an interview, how often it or in it a code was given, κ of old and new, and
    whether both models know it (of an interview: True)."""

    name: str
    positives: int
    old: float
    new: float
    both: bool = True


@dataclass(frozen=True)
class Comparison:
    """Two models on the same segments: by code (those that occur), and by interview (over all codes at once)."""

    codes: tuple[Pair, ...]
    interviews: tuple[Pair, ...]

    @property
    def old(self) -> float:
        """The mean κ of the old model over the codes that both know; NaN where none occurs."""
        return _mean([pair.old for pair in self.codes if pair.both])

    @property
    def new(self) -> float:
        """The mean κ of the new model over the codes that both know; NaN where none occurs."""
        return _mean([pair.new for pair in self.codes if pair.both])

    @property
    def better(self) -> bool:
        """Whether the new model takes the place of the old one: see the module. False where no code that both know
        occurs."""
        return self.new - self.old >= MARGIN - 1e-9

    @property
    def not_worse(self) -> bool:
        """Whether it does where the old one lacks a code of the codebook. True where no code that both know occurs:
        then nothing can have become worse."""
        return not self.old - self.new > 1e-9  # also where both are NaN


def score(model: Classifier, rows: Sequence[Labelled], codes: Sequence[str]) -> Scored:
    """What a model says of rows, on `codes`; of a code that it does not know, score 0 and no suggestion."""
    given, proposed = model.predict([row.text for row in rows], [row.question for row in rows])
    columns = [model.codes.index(code) if code in model.codes else -1 for code in codes]
    scores = np.zeros((len(rows), len(codes)), np.float32)
    suggested = np.zeros(scores.shape, np.bool_)
    for place, column in enumerate(columns):
        if column >= 0:
            scores[:, place] = given[:, column]
            suggested[:, place] = proposed[:, column]
    return Scored(scores, suggested)


def folds(rows: Sequence[Labelled], most: int = MOST_FOLDS) -> list[NDArray[np.int64]]:
    """The rows of each fold, as positions: whole interviews, dealt out in the order in which they come."""
    interviews = list(dict.fromkeys(row.interview for row in rows))
    groups = [set(interviews[i::most]) for i in range(min(most, len(interviews)))]
    return [np.array([i for i, row in enumerate(rows) if row.interview in group], np.int64) for group in groups]


def out_of_interview(
    rows: Sequence[Labelled],
    codes: Sequence[str],
    make: Maker,
    progress: Callable[[int], object] | None = None,
    most: int = MOST_FOLDS,
) -> Scored:
    """What models that `make` makes say of `rows`, each row by one that never saw its interview; in the order of
    `rows`. `progress` is told 1 after each fold."""
    scores = np.zeros((len(rows), len(codes)), np.float32)
    suggested = np.zeros(scores.shape, np.bool_)
    for fold in folds(rows, most):
        held = [rows[i] for i in fold]
        found = score(make(held), held, codes)
        scores[fold], suggested[fold] = found.scores, found.suggested
        if progress is not None:
            progress(1)
    return Scored(scores, suggested)


def kappas(rows: Sequence[Labelled], suggested: Bools, codes: Sequence[str]) -> dict[str, float]:
    """κ with the coders for each code that occurs, over the cells that they judged; `suggested` is (rows, codes)."""
    truth, there = targets(rows, codes), known(rows, codes)
    return {
        code: cohen_kappa(truth[there[:, i], i], suggested[there[:, i], i])
        for i, code in enumerate(codes)
        if truth[there[:, i], i].any()
    }


def mean_kappa(rows: Sequence[Labelled], suggested: Bools, codes: Sequence[str]) -> float:
    """The mean κ over the codes that occur; NaN where none does."""
    return _mean(list(kappas(rows, suggested, codes).values()))


def compare(
    rows: Sequence[Labelled], old: Bools, new: Bools, codes: Sequence[str], shared: Collection[str]
) -> Comparison:
    """Old and new suggestions, both of shape (rows, codes), beside what the coders gave. `shared` are the codes that
    both models know."""
    truth, there = targets(rows, codes) & known(rows, codes), known(rows, codes)
    before, after = kappas(rows, old, codes), kappas(rows, new, codes)
    by_code = [
        Pair(code, int(truth[:, i].sum()), before[code], after[code], code in shared)
        for i, code in enumerate(codes)
        if code in before
    ]
    by_interview = []
    for name in interviews_of(rows):
        mine = np.array([row.interview == name for row in rows])
        cells = there[mine]
        one, other = (cohen_kappa(truth[mine][cells], way[mine][cells]) for way in (old, new))
        by_interview.append(Pair(name, int(truth[mine].sum()), one, other))
    return Comparison(tuple(by_code), tuple(by_interview))


def choose(rows: Sequence[Labelled], ways: Sequence[Scored], codes: Sequence[str]) -> tuple[int, Scored]:
    """Of several ways to train, which is best over all rows (the first of equals), and what it would have said had
    the choice for each interview been made on the other interviews alone: so nobody is judged by what chose."""
    best = _best(rows, ways, codes)
    scores, suggested = ways[best].scores.copy(), ways[best].suggested.copy()
    for name in interviews_of(rows) if len(ways) > 1 else []:
        mine = np.array([row.interview == name for row in rows])
        rest = [row for row in rows if row.interview != name]
        others = [Scored(way.scores[~mine], way.suggested[~mine]) for way in ways]
        chosen = ways[_best(rest, others, codes)]
        scores[mine], suggested[mine] = chosen.scores[mine], chosen.suggested[mine]
    return best, Scored(scores, suggested)


def _best(rows: Sequence[Labelled], ways: Sequence[Scored], codes: Sequence[str]) -> int:
    return int(np.argmax([np.nan_to_num(mean_kappa(rows, way.suggested, codes)) for way in ways]))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
