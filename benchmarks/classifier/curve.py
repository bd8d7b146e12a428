"""The learning curve: how good the suggestions are after 0, 1, 2, ... interviews, for the models and the baselines.

One random order of the interviews, begun at several places, so that no interview is first or last twice. A model of
the first interviews of an order is tested on the others. Its thresholds come from its own interviews alone, each
scored by a model that did not learn from it; where there is no interview, groups of the other rows stand in.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.classifier.folds import (
    DEEP,
    FAST,
    GROUPS,
    HARDER,
    MAJORITY,
    PLAIN_DEEP,
    PLAIN_FAST,
    TEXTBOOK,
    Task,
    Way,
    base_rates,
    settle,
    task,
)
from benchmarks.classifier.material import Material
from benchmarks.classifier.table import Answers, Coded, figure, leave_one_out, settled
from pipeline.classifier import Floats
from pipeline.evaluation import Quality
from pipeline.training import FOLDS, Labelled, targets

SEED = 1
POINTS = (0, 1, 2, 4, 6, 8)
HALVES = 2  # to save time: the folds in which rows with passages are scored out of interview
WAYS = (DEEP, FAST, *HARDER, PLAIN_FAST, *TEXTBOOK, MAJORITY)
AT_ZERO = (PLAIN_DEEP,)  # from the codebook alone, and no further


@dataclass(frozen=True)
class Curve:
    """Of each way and number of interviews, the quality in each order."""

    found: Mapping[Way, Mapping[int, tuple[Quality, ...]]]

    def mean(self, way: Way, point: int, measure: str) -> float:
        """The mean over the orders."""
        return float(np.mean([getattr(q, measure) for q in self.found[way][point]]))

    def points(self) -> list[int]:
        """All numbers of interviews."""
        return sorted({point for by_point in self.found.values() for point in by_point})


def orders(interviews: Sequence[str], count: int) -> list[tuple[str, ...]]:
    """One shuffled order, begun at `count` places."""
    shuffled = list(interviews)
    random.Random(SEED).shuffle(shuffled)
    starts = [number * len(shuffled) // count for number in range(count)]
    return [(*shuffled[start:], *shuffled[:start]) for start in starts]


def folds(way: Way, taught: Sequence[str]) -> list[tuple[str, ...]]:
    """The groups of interviews that are scored by a model of the others."""
    wanted = min(HALVES if way.passages else FOLDS, len(taught))
    return [tuple(part.tolist()) for part in np.array_split(np.array(taught), wanted)]


def tasks(material: Material, ways: Iterable[Way], count: int) -> list[Task]:
    """The fits for the curve, beyond those of `leave_one_out`."""
    wanted = []
    for way in ways:
        for layer in way.layers:
            wanted += [task(layer, way.passages, (), group) for group in (-1, *range(GROUPS))]
            if way in AT_ZERO:
                continue
            for taught in _taught(material, count):
                wanted.append(task(layer, way.passages, taught))
                wanted += [task(layer, way.passages, set(taught) - set(fold)) for fold in folds(way, taught)]
            if material.untouched:
                wanted.append(task(layer, way.passages, material.interviews))
    return wanted


def _taught(material: Material, count: int) -> list[tuple[str, ...]]:
    most = len(material.interviews) - 1
    return [order[:k] for order in orders(material.interviews, count) for k in POINTS if 0 < k < most]


def stacked(answers: Answers, material: Material, way: Way, taught: Iterable[str], of: Iterable[str]) -> Floats:
    """What the layers that learned from `taught` say of the interviews `of`; shape (segments, columns, layers)."""
    found = []
    for layer in way.layers:
        one = task(layer, way.passages, taught)
        rows = np.isin(material.of[one.places(material)[1]], list(of))
        found.append(answers[one][0][rows])
    return np.stack(found, axis=2)


def rows_of(material: Material, interviews: Iterable[str]) -> list[Labelled]:
    """The segments of interviews, in the order of the material."""
    wanted = set(interviews)
    return [row for row in material.talk if row.interview in wanted]


def coded(answers: Answers, material: Material, way: Way, taught: Sequence[str], tested: Sequence[str]) -> Coded:
    """The interviews `tested`, coded by a model that learned from `taught`, thresholds and all."""
    rows = rows_of(material, tested)
    if not way.layers:
        chances, suggested = base_rates(rows_of(material, taught), material.codes, len(rows))
    else:
        if taught:
            parts = [(rows_of(material, fold), set(taught) - set(fold), fold) for fold in folds(way, taught)]
            logits = np.concatenate([stacked(answers, material, way, rest, fold) for _, rest, fold in parts])
            known = [row for part, *_ in parts for row in part]
        else:
            logits, known = _stand_ins(answers, material, way)
        decide = settle(way, logits, known, material.codes)
        chances, suggested = decide(stacked(answers, material, way, taught, tested))
    return Coded(targets(rows, material.codes), chances, suggested, np.array([row.interview for row in rows]))


def _stand_ins(answers: Answers, material: Material, way: Way) -> tuple[Floats, list[Labelled]]:
    """Scores of the codebook (and passages) by models of two thirds of it, in the place of interviews."""
    known, parts = [], []
    for group in range(GROUPS):
        chosen = [task(layer, way.passages, (), group) for layer in way.layers]
        parts.append(np.stack([answers[one][0] for one in chosen], axis=2))
        known += [material.rows[row] for row in chosen[0].places(material)[1]]
    return np.concatenate(parts), known


def curve(answers: Answers, material: Material, ways: Sequence[Way], count: int) -> Curve:
    """All points of all ways. The last but one is `leave_one_out`; the last, where the untouched interviews may be
    read, learns from all others and is tested on those."""
    found: dict[Way, dict[int, tuple[Quality, ...]]] = {}
    most = len(material.interviews) - 1
    for way in ways:
        points: dict[int, tuple[Quality, ...]] = {}
        if way.layers:
            points[0] = (coded(answers, material, way, (), material.interviews).quality(material.codes),)
        if way not in AT_ZERO:
            for taught in _taught(material, count):
                tested = [name for name in material.interviews if name not in taught]
                quality = coded(answers, material, way, taught, tested).quality(material.codes)
                points[len(taught)] = (*points.get(len(taught), ()), quality)
            points[most] = (leave_one_out(answers, material, way).quality(material.codes),)
            if material.untouched:
                points[most + 1] = (on_untouched(answers, material, way).quality(material.codes),)
        found[way] = points
    return Curve(found)


def on_untouched(answers: Answers, material: Material, way: Way) -> Coded:
    """The untouched interviews, by a model of all others; thresholds from the interviews held out one by one."""
    rows = rows_of(material, material.untouched)
    if way.layers:
        decide = settled(answers, material, way, material.held)
        chances, suggested = decide(stacked(answers, material, way, material.interviews, material.untouched))
    else:
        learned = rows_of(material, material.interviews)
        chances, suggested = base_rates(learned, material.codes, len(rows))
    return Coded(targets(rows, material.codes), chances, suggested, np.array([row.interview for row in rows]))


def curve_table(found: Curve, measure: str) -> str:
    """Ways by numbers of interviews; means over the orders."""
    points = found.points()
    lines = ["| interviews learned from | " + " | ".join(map(str, points)) + " |", "|---" * (1 + len(points)) + "|"]
    for way, by_point in found.found.items():
        cells = [figure(found.mean(way, point, measure)) if point in by_point else "" for point in points]
        lines.append(f"| {way.name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdict(found: Curve) -> str:
    """Whether the models beat every baseline at every point from one interview on, and where they do not."""
    lines = []
    for way in (way for way in found.found if way.model and way.passages):
        for measure, name in (("mean_kappa", "κ code"), ("top3", "top 3")):
            missed, orders_won, orders_all = [], 0, 0
            for point in (point for point in found.points() if point > 0):
                for other in (other for other in found.found if not other.model):
                    if found.mean(other, point, measure) >= found.mean(way, point, measure):
                        missed.append(f"{other.name} at {point}")
                    pairs = zip(found.found[way][point], found.found[other][point], strict=True)
                    won = [getattr(ours, measure) > getattr(theirs, measure) for ours, theirs in pairs]
                    orders_won, orders_all = orders_won + sum(won), orders_all + len(won)
            result = "beats every baseline at every point from one interview on" if not missed else (
                "does not beat: " + ", ".join(missed)
            )  # fmt: skip
            lines.append(f"- {way.name}, {name}: {result}; better in {orders_won} of {orders_all} single comparisons.")
    return "\n".join(lines)
