"""The loop, replayed: the gold of the sample as if a researcher validated one interview after another.

    make benchmark-loop        # some thirty minutes; writes docs/loop.png and prints the tables

The first model knows the codebook and the single passages only; after each interview a new one is trained on all
that were validated, and taken into use by the rule of `codeboom retrain`, on the same folds (each interview its own).
The interviews that are untouched (see data/sample/splits.json) stay out. Fits are kept in a temporary folder, so that a
replay that was stopped goes on; `--seed` replays the interviews in another order. What is counted:

- κ: Cohen's, of the suggestions for the next interview before anybody looked at it; the mean over the codes that occur
  in it, and over all codes at once;
- accepted: the share of the suggestions that the gold has too; sure: the same of those that the model does not doubt;
- decisions: one for each segment, to say that it is done, which also accepts, or else rejects, all suggestions that are
  left; one for each suggestion of which the other is true; one for each code added. From nothing: one for each segment,
  one for each code. Suggestions that are all right leave one for each segment: `least`, which no model can be under.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fits import cached  # noqa: E402

from pipeline.agreement.statistics import cohen_kappa  # noqa: E402
from pipeline.codebook import read_codebook  # noqa: E402
from pipeline.retraining.compare import compare, mean_kappa  # noqa: E402
from pipeline.retraining.rows import PREFIX, SAMPLE, shipped_rows  # noqa: E402
from pipeline.review.order import informative, thresholds  # noqa: E402
from pipeline.settings import shipped  # noqa: E402
from pipeline.training import targets  # noqa: E402

BUDGETS = (0.25, 0.5)
DRAWS = 200
TAUGHT = 6  # interviews that the two orders are compared on


@dataclass(frozen=True)
class Retraining:
    """One retraining, `after` so many interviews: the mean κ of the model in use and of the new one on the folds, and
    on the interviews that came later, with the limits of that difference."""

    after: int
    old: float
    new: float
    promoted: bool
    used_later: float
    new_later: float
    low: float
    high: float


@dataclass(frozen=True)
class Step:
    """What the suggestions for one interview were worth, after `validated` interviews."""

    validated: int
    interview: str
    mean_kappa: float
    kappa: float
    share: float
    sure: float
    decisions: int
    from_nothing: int
    least: int


def measure(said, places, rows, codes, validated):
    """What a model says of an interview that it never saw, the segments at `places`, and what that is worth."""
    truth, suggested, sure = targets(rows, codes), said.suggested[places], said.sure[places]
    hit, wrong, missed = (
        (a & b).sum(axis=1) for a, b in ((truth, suggested), (~truth, suggested), (truth, ~suggested))
    )
    return Step(
        validated=validated,
        interview=rows[0].interview.removeprefix(PREFIX),
        mean_kappa=mean_kappa(rows, suggested, codes),
        kappa=cohen_kappa(truth.ravel(), suggested.ravel()),
        share=float(truth[suggested].mean()),
        sure=float(truth[sure].mean()),
        decisions=int((np.minimum(hit, wrong) + missed + 1).sum()),
        from_nothing=int(truth.sum() + len(rows)),
        least=len(rows),
    )


def replay(fits, parts):
    """The loop: the newest model on each next interview, the one in use, and each decision to promote. `parts` are the
    interviews in the order of validating, as places in `fits.hers`."""
    wanted = []
    for number in range(len(parts)):
        seen = frozenset().union(*parts[:number])
        wanted += fits.needed(seen)
        if number >= 2:
            wanted += [fit for part in parts[:number] for fit in fits.needed(seen - part)]
    fits.prepare(wanted)
    newest, used, decisions, in_use = [], [], [], frozenset()
    for number, part in enumerate(parts):
        seen = frozenset().union(*parts[:number])
        if number >= 2:
            rows, old, new = rows_of(fits, sorted(seen)), unseen(fits, in_use, seen), unseen(fits, seen, seen)
            compared = compare(rows, old, new, fits.codes, fits.codes)
            rest = sorted(frozenset(range(len(fits.hers))) - seen)
            later = [fits.predict(model).suggested[rest] for model in (in_use, seen)]
            decisions.append(
                Retraining(
                    number, compared.old, compared.new, compared.better, *gain(rows_of(fits, rest), *later, fits.codes)
                )
            )
            if compared.better:
                in_use = seen
        rows, places = rows_of(fits, sorted(part)), sorted(part)
        newest.append(measure(fits.predict(seen), places, rows, fits.codes, number))
        used.append(measure(fits.predict(in_use), places, rows, fits.codes, number))
    return newest, used, decisions


def gain(rows, before, after, codes):
    """The mean κ of two models on the same segments, and between which values the difference lies when segments are
    drawn again: 95 of a hundred times."""
    chance, differences = np.random.default_rng(0), []
    for _ in range(DRAWS):
        drawn = chance.integers(0, len(rows), len(rows))
        part = [rows[i] for i in drawn]
        differences.append(mean_kappa(part, after[drawn], codes) - mean_kappa(part, before[drawn], codes))
    low, high = np.quantile(differences, (0.025, 0.975))
    return mean_kappa(rows, before, codes), mean_kappa(rows, after, codes), float(low), float(high)


def unseen(fits, model, validated):
    """What a model that saw the segments `model` suggests for those validated, each interview left out in turn."""
    found = np.zeros((len(fits.hers), len(fits.codes)), bool)
    for part in fits.interviews(validated):
        found[sorted(part)] = fits.predict(model - part).suggested[sorted(part)]
    return found[sorted(validated)]


def rows_of(fits, places):
    return [fits.hers[i] for i in places]


def orders(fits, parts):
    """κ on the later interviews after a part of each of the first was validated, as spoken or informative first."""
    rest, found = sorted(frozenset().union(*parts[TAUGHT:])), {}
    for budget in BUDGETS:
        for order in ("as spoken", "informative first"):
            chosen = frozenset()
            for part in parts[:TAUGHT]:
                places = sorted(part)
                if order == "informative first":
                    scores, suggested = (table[places] for table in fits.predict(chosen)[:2])
                    counts = targets(rows_of(fits, sorted(chosen)), fits.codes).sum(axis=0).tolist()
                    unread = np.zeros(len(places), bool)
                    picked = informative(scores, thresholds(scores, suggested), counts, unread)
                    places = [places[i] for i in picked]
                chosen |= frozenset(places[: round(budget * len(part))])
            said = fits.predict(chosen).suggested[rest]
            found[order, budget] = (len(chosen), mean_kappa(rows_of(fits, rest), said, fits.codes))
    return found


def tables(newest, used, decisions, by_order):
    """The figures as Markdown."""
    lines = ["| validated | next | mean κ | κ | accepted | sure | decisions | from nothing | share | least |"]
    lines.append("|---" * 10 + "|")
    for s in newest:
        lines.append(
            f"| {s.validated} | {s.interview} | {s.mean_kappa:.2f} | {s.kappa:.2f} | {s.share:.0%} | {s.sure:.0%} "
            f"| {s.decisions} | {s.from_nothing} | {s.decisions / s.from_nothing:.0%} "
            f"| {s.least / s.from_nothing:.0%} |"
        )
    lines += ["", "| after | κ in use, folds | κ new, folds | promoted | κ in use, later | κ new, later | 95 % |"]
    lines.append("|---" * 7 + "|")
    lines += [
        f"| {d.after} | {d.old:.3f} | {d.new:.3f} | {'yes' if d.promoted else 'no'} | {d.used_later:.3f} "
        f"| {d.new_later:.3f} | {d.low:+.3f} to {d.high:+.3f} |"
        for d in decisions
    ]
    promoted = [d for d in decisions if d.promoted]
    worse, surely = sum(d.new_later < d.used_later for d in promoted), sum(d.high < 0 for d in promoted)
    told = f"{len(promoted)} of {len(decisions)} retrainings promoted a model"
    lines += ["", f"{told}; {worse} were worse on the later interviews, {surely} by more than chance.", ""]
    lines += ["| order | share of each interview | segments | mean κ on later interviews |", "|---|---|---|---|"]
    lines += [f"| {o} | {b:.0%} | {n} | {k:.3f} |" for (o, b), (n, k) in by_order.items()]
    lines += ["", f"In use: {', '.join(f'{s.interview} {s.mean_kappa:.2f}' for s in used)} (mean κ)"]
    return "\n".join(lines)


def draw(newest, by_order, path):
    """The picture: agreement, acceptance and decisions, by how many interviews were validated before; and what the two
    orders of validating teach."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.4), dpi=110)
    FigureCanvasAgg(figure)
    left, middle, right = figure.subplots(1, 3, width_ratios=(4, 4, 3))
    x = [s.validated for s in newest]
    left.plot(x, [s.sure for s in newest], "D:", color="#E39A6B", label="aangenomen, waar het model niet twijfelt")
    left.plot(x, [s.share for s in newest], "o-", color="#CC6A2E", label="voorstellen ongewijzigd aangenomen")
    left.plot(x, [s.kappa for s in newest], "s-", color="#2F6690", label="κ, alle codes tegelijk")
    left.plot(x, [s.mean_kappa for s in newest], "^--", color="#528FBF", label="κ, gemiddeld per code")
    left.set(ylim=(0, 1), xlabel="interviews gevalideerd", title="Voorstellen voor het volgende interview")
    middle.plot(x, [s.from_nothing for s in newest], "o-", color="#A9BBCB", label="vanaf niets")
    middle.plot(x, [s.decisions for s in newest], "s-", color="#CC6A2E", label="met voorstellen")
    middle.plot(x, [s.least for s in newest], "^--", color="#9C4A17", label="als elk voorstel klopte")
    middle.set(xlabel="interviews gevalideerd", title="Beslissingen per interview")
    middle.set_ylim(bottom=0)
    for axes in (left, middle):
        axes.legend(fontsize=7, frameon=False, loc="lower right")
        axes.set_xticks(x)
    for number, (order, label, color) in enumerate(
        (("as spoken", "zoals gesproken", "#A9BBCB"), ("informative first", "leerzaamste eerst", "#CC6A2E"))
    ):
        heights = [by_order[order, budget][1] for budget in BUDGETS if by_order]
        bars = right.bar(np.arange(len(heights)) + 0.4 * number, heights, 0.38, color=color, label=label)
        right.bar_label(bars, [f"{height:.2f}".replace("0.", ",") for height in heights], fontsize=8)
    right.set(ylim=(0, 1), title="κ per code op latere interviews")
    right.set_xticks(np.arange(len(BUDGETS)) + 0.2, [f"{budget:.0%}" for budget in BUDGETS])
    right.set_xlabel("van elk interview gevalideerd")
    right.legend(fontsize=7, frameon=False, loc="upper left")
    for axes in (left, middle, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "loop.png")
    parser.add_argument("--interviews", type=int, help="only so many, to try it out")
    parser.add_argument("--seed", type=int, help="the interviews in another order, drawn with this seed")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "codeboom-loop", help="for fits")
    options = parser.parse_args()
    codebook = read_codebook(shipped("codebook"))
    ships = shipped_rows(codebook)
    splits = json.loads((SAMPLE / "splits.json").read_text(encoding="utf-8"))
    names = [f"{PREFIX}{name}" for name in [*splits["train"], *splits["choose"]]]
    if options.seed is not None:
        random.Random(options.seed).shuffle(names)
    fits = cached(ships.book, ships.passages, ships.interviews, codebook.ids, options.cache)
    parts = [
        frozenset(i for i, row in enumerate(fits.hers) if row.interview == name) for name in names[: options.interviews]
    ]
    start = time.perf_counter()
    newest, used, decisions = replay(fits, parts)
    by_order = orders(fits, parts) if len(parts) > TAUGHT and options.seed is None else {}
    if options.seed is None:
        draw(newest, by_order, options.picture)
    print("\n" + tables(newest, used, decisions, by_order))
    print(f"\n{len(ships.passages)} passages, {len(fits.hers)} segments, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
