"""Leave one interview out: the tables, with intervals by bootstrap over interviews."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.classifier.folds import FAST, Decide, Task, Way, base_rates, settle, task
from benchmarks.classifier.material import Material, Twice
from pipeline.agreement.measure import resamples
from pipeline.agreement.statistics import table_kappa
from pipeline.classifier import Floats
from pipeline.evaluation import LEVELS, Quality, quality
from pipeline.training import targets
from pipeline.tree import Bools

Answers = Mapping[Task, Floats]


@dataclass(frozen=True)
class Coded:
    """What a way said of segments: gold, probabilities and suggestions, shape (segments, codes), and whose they are."""

    truth: Bools
    chances: Floats
    suggested: Bools
    of: np.ndarray

    def only(self, interviews: Iterable[str]) -> "Coded":
        """The segments of some interviews."""
        kept = np.isin(self.of, list(interviews))
        return Coded(self.truth[kept], self.chances[kept], self.suggested[kept], self.of[kept])

    def quality(self, codes: Sequence[str]) -> Quality:
        """Agreement with the gold."""
        return quality(self.truth, self.chances, self.suggested, codes)


def tasks(
    material: Material, ways: Iterable[Way], robust: Iterable[str] = (), robust_ways: Iterable[Way] = ()
) -> list[Task]:
    """The fits for `leave_one_out`; those that leave out an interview of `robust` code its altered versions too."""
    hard = {(layer, way.passages) for way in robust_ways for layer in way.layers}
    wanted = []
    for layer, passages in {(layer, way.passages): None for way in ways for layer in way.layers}:
        for held in material.held:
            altered = held in robust and (layer, passages) in hard
            wanted.append(task(layer, passages, set(material.interviews) - {held}, altered=altered))
    return wanted


def said(answers: Answers, material: Material, way: Way, held: str, version: int = 0) -> Floats:
    """What the layers of a way say of the interview that was held out; shape (segments, columns, layers)."""
    found = []
    for layer in way.layers:
        taught = set(material.interviews) - {held}
        one = task(layer, way.passages, taught)
        altered = task(layer, way.passages, taught, altered=True)
        one = altered if altered in answers else one
        found.append(answers[one][version][material.of[one.places(material)[1]] == held])
    return np.stack(found, axis=2)


def leave_one_out(answers: Answers, material: Material, way: Way, version: int = 0, only: Sequence[str] = ()) -> Coded:
    """Each interview that is held out, or `only` some, coded by layers fitted on the others. Calibration, thresholds
    and how layers are weighed come from the talk as it is of the other interviews that are held out."""
    parts = []
    for held in only or material.held:
        rows = [row for row in material.talk if row.interview == held]
        others = [name for name in material.held if name != held]
        if way.layers:
            decide = settled(answers, material, way, others)
            chances, suggested = decide(said(answers, material, way, held, version))
        else:
            rest = [row for row in material.talk if row.interview in material.interviews and row.interview != held]
            chances, suggested = base_rates(rest, material.codes, len(rows))
        parts.append((targets(rows, material.codes), chances, suggested, np.array([held] * len(rows))))
    truth, chances, suggested, of = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Coded(truth, chances, suggested, of)


def settled(answers: Answers, material: Material, way: Way, others: Sequence[str]) -> Decide:
    """Calibration and thresholds from interviews that were held out."""
    rows = [row for name in others for row in material.talk if row.interview == name]
    return settle(way, np.concatenate([said(answers, material, way, name) for name in others]), rows, material.codes)


def drawn_kappas(coded: Coded, codes: Sequence[str], depth: int) -> Floats:
    """The mean κ of the parts of codes down to `depth`, of all interviews and of each resample of them; of those that
    occur, κ being 0 where one is nowhere suggested. Shape (1 + resamples,)."""
    names = ["/".join(code.split("/")[:depth]) for code in codes]
    belongs = np.array([[name == one for one in sorted(set(names))] for name in names])
    gold, given = coded.truth @ belongs, coded.suggested @ belongs
    counts = np.array(
        [
            [[(a & b)[there].sum(axis=0) for b in (~given, given)] for a in (~gold, gold)]
            for there in (coded.of == name for name in dict.fromkeys(coded.of.tolist()))
        ],
        float,
    )  # (interviews, 2, 2, parts)
    tables = np.moveaxis(np.tensordot(resamples(len(counts)), counts, 1), 3, 1)
    kappa = np.nan_to_num(table_kappa(tables))  # 0 for what does not occur, too
    occurs = tables[:, :, 1].sum(axis=2) > 0
    return np.asarray(kappa.sum(axis=1) / np.maximum(occurs.sum(axis=1), 1), np.float32)


def figure(value: float) -> str:
    """Three decimals."""
    return f"{value:.3f}"


def interval(drawn: Floats, sign: str = "") -> str:
    """The first value with the percentiles of the others, where there are others."""
    if len(drawn) < 2:
        return f"{drawn[0]:{sign}.3f}"
    low, high = np.percentile(drawn[1:], [2.5, 97.5])
    return f"{drawn[0]:{sign}.3f} ({low:{sign}.2f} to {high:{sign}.2f})"


def main_table(coded: Mapping[Way, Coded], codes: Sequence[str]) -> str:
    """Every way, a row; the last column is how much κ of the codes is above that of `fast`, in the same resamples."""
    names = "macro-F1 | κ variable | κ dimension | κ code | top 1 | top 3 | calibration error | κ code, above fast"
    lines = [f"| | {names} |", "|---" * 9 + "|"]
    fast = drawn_kappas(coded[FAST], codes, 3)
    for way, found in coded.items():
        q = found.quality(codes)
        drawn = [drawn_kappas(found, codes, depth) for depth in range(1, len(LEVELS) + 1)]
        above = "" if way == FAST else interval(drawn[-1] - fast, "+")
        rest = [figure(q.top1), figure(q.top3), f"{q.calibration:.4f}", above]
        lines.append(f"| {way.name} | " + " | ".join([figure(q.macro_f1), *map(interval, drawn), *rest]) + " |")
    return "\n".join(lines)


def human_table(coded: Mapping[Way, Coded], twice: Twice, material: Material) -> str:
    """On the interviews that were coded twice: the second coder beside the models."""
    gold = targets([material.rows[row] for row in twice.rows], material.codes)
    found = {
        "second coder against the gold": quality(gold, twice.second.astype(np.float32), twice.second, material.codes),
        "second coder against the first": quality(
            twice.first, twice.second.astype(np.float32), twice.second, material.codes
        ),
    }
    found |= {way.name: part.only(twice.interviews).quality(material.codes) for way, part in coded.items() if way.model}
    lines = ["| | macro-F1 | κ variable | κ dimension | κ code |", "|---" * 5 + "|"]
    for name, q in found.items():
        cells = map(figure, (q.macro_f1, *(q.levels[level] for level in LEVELS)))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def code_table(coded: Mapping[Way, Coded], twice: Twice | None, material: Material) -> str:
    """κ of each code."""
    found = {way: part.quality(material.codes) for way, part in coded.items() if way.layers and way.passages}
    second = {}
    if twice is not None:
        gold = targets([material.rows[row] for row in twice.rows], material.codes)
        second = quality(gold, twice.second.astype(np.float32), twice.second, material.codes).kappa
    lines = ["| code | segments | " + " | ".join(way.name for way in found) + " | second coder* |"]
    lines.append("|---" * (3 + len(found)) + "|")
    positives = found[FAST].positives
    for code, count in positives.items():
        cells = [f"{q.kappa[code]:.2f}" for q in found.values()] + [f"{second[code]:.2f}" if code in second else ""]
        lines.append(f"| `{code}` | {count} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
