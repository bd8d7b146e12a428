"""How well a way of coding agrees with a human coder, measured out of interview.

Each interview is coded by a model that was trained, calibrated and given its thresholds on the others alone; nothing
is chosen from the scores that are reported.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.classifier import Floats
from pipeline.training import Labelled, interviews_of, targets
from pipeline.tree import Bools

Predictor = Callable[[Sequence[str], Sequence[str]], tuple[Floats, Bools]]
"""From segments and their questions to scores and suggestions; both of shape (segments, codes)."""

Trainer = Callable[[Sequence[Labelled], Sequence[str]], Predictor]
LEVELS = ("variable", "dimension", "code")


@dataclass(frozen=True)
class Quality:
    """Agreement with the gold codings. `kappa` is Cohen's per code; `macro_f1` and `mean_kappa` are means over the
    codes that occur; `levels` the mean κ per level, where a segment has a variable or dimension when it has one of its
    codes; `top1` and `top3` are, over the segments that carry a code, how often one of the one or three best-scored
    codes is right; `calibration` is the mean difference of probability and truth (ten bins)."""

    kappa: dict[str, float]
    f1: dict[str, float]
    positives: dict[str, int]
    macro_f1: float
    mean_kappa: float
    levels: dict[str, float]
    top1: float
    top3: float
    calibration: float


def leave_one_interview_out(rows: Sequence[Labelled], codes: Sequence[str], trainer: Trainer) -> Quality:
    """Code every interview by a predictor trained on the others, and compare with its gold codes."""
    truth, scores, suggested = [], [], []
    for interview in interviews_of(rows):
        predict = trainer([row for row in rows if row.interview != interview], codes)
        part = [row for row in rows if row.interview == interview]
        score, suggestion = predict([row.text for row in part], [row.question for row in part])
        truth.append(targets(part, codes))
        scores.append(score)
        suggested.append(suggestion)
    return quality(np.vstack(truth), np.vstack(scores), np.vstack(suggested), codes)


def compare(predict: Predictor, rows: Sequence[Labelled], codes: Sequence[str]) -> Quality:
    """Code rows that the predictor was not made from, and compare with their gold codes."""
    score, suggestion = predict([row.text for row in rows], [row.question for row in rows])
    return quality(targets(rows, codes), score, suggestion, codes)


def quality(truth: Bools, scores: Floats, suggested: Bools, codes: Sequence[str]) -> Quality:
    """Compare suggestions and scores with the truth; all of shape (segments, codes)."""
    from sklearn.metrics import f1_score

    occurring = [i for i in range(len(codes)) if truth[:, i].any()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a code that is nowhere suggested has F1 0
        f1 = {codes[i]: float(f1_score(truth[:, i], suggested[:, i], zero_division=0)) for i in occurring}
    kappa = _kappas(truth, suggested, codes)
    coded = truth.any(axis=1)
    # A stable sort: of equal scores the earlier code of the tree comes first, in every run.
    ranked = np.argsort(-scores[coded], axis=1, kind="stable")
    hit = np.take_along_axis(truth[coded], ranked, axis=1)
    levels = {}
    for level, depth in zip(LEVELS, (1, 2, 3), strict=True):
        parts = ["/".join(code.split("/")[:depth]) for code in codes]
        names = sorted(set(parts))
        above = [
            np.stack([table[:, [p == n for p in parts]].any(axis=1) for n in names], 1) for table in (truth, suggested)
        ]
        levels[level] = float(np.mean(list(_kappas(above[0], above[1], names).values())))
    return Quality(
        kappa=kappa,
        f1=f1,
        positives={codes[i]: int(truth[:, i].sum()) for i in occurring},
        macro_f1=float(np.mean(list(f1.values()))),
        mean_kappa=float(np.mean(list(kappa.values()))),
        levels=levels,
        top1=float(hit[:, :1].any(axis=1).mean()),
        top3=float(hit[:, :3].any(axis=1).mean()),
        calibration=_calibration_error(truth.ravel(), scores.ravel()),
    )


def shares(truth: Bools, suggested: Bools, doubt: Bools) -> dict[str, tuple[int, float]]:
    """How often each answer was given, and in what share of those cases the code is right (NaN where there is no such
    case); all of shape (segments, codes). Doubt is told apart by whether the code was suggested."""
    cases = {
        "suggest": suggested & ~doubt,
        "doubt, suggested": suggested & doubt,
        "doubt, not suggested": ~suggested & doubt,
        "none": ~suggested & ~doubt,
    }
    return {name: (int(c.sum()), float(truth[c].mean()) if c.any() else float("nan")) for name, c in cases.items()}


def _kappas(truth: Bools, suggested: Bools, names: Sequence[str]) -> dict[str, float]:
    """Cohen's κ of each column that occurs; 0 where it is nowhere suggested."""
    from sklearn.metrics import cohen_kappa_score

    occurring = [i for i in range(len(names)) if truth[:, i].any()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {names[i]: float(np.nan_to_num(cohen_kappa_score(truth[:, i], suggested[:, i]))) for i in occurring}


def _calibration_error(truth: Bools, scores: Floats) -> float:
    """Expected calibration error over ten bins of equal width."""
    bins = np.minimum((scores * 10).astype(int), 9)
    return float(
        sum(
            abs(truth[bins == b].mean() - scores[bins == b].mean()) * (bins == b).mean()
            for b in range(10)
            if (bins == b).any()
        )
    )
