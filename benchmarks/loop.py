"""The loop, replayed: the gold of the sample as if a researcher validated one interview after another.

    make benchmark-loop        # some thirty minutes; writes docs/loop.png and prints the tables

The first model knows the codebook and the single passages only; after each interview a new one is trained on all
that were validated, and taken into use by the rule of `codeboom retrain`, on the same folds (each interview its own).
The interviews that are untouched (see data/sample/splits.json) stay out. Fits are kept in a temporary folder, so that a
replay that was stopped goes on; `--seed` replays the interviews in another order. What is counted:

- κ: Cohen's, of the suggestions for the next interview before anybody looked at it; the mean over the codes that occur
  in it, and over all codes at once;
- accepted: the share of the suggestions that the gold has too;
- decisions: one for each suggestion accepted or rejected, each code added, and each segment that has neither a
  suggestion nor a code; from nothing: one for each code typed and one for each segment judged;
- actions on the review page, where one key accepts or refuses all that is left and goes on: the smaller of accepting
  and rejecting, each code added, and one key a segment; from nothing: each code and one key a segment.
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
TAUGHT = 6  # interviews that the two orders are compared on


@dataclass(frozen=True)
class Step:
    """What the suggestions for one interview were worth, after `validated` interviews."""

    validated: int
    interview: str
    mean_kappa: float
    kappa: float
    accepted: int
    rejected: int
    added: int
    decisions: int
    from_nothing: int
    actions: int
    actions_from_nothing: int

    @property
    def share(self):
        return self.accepted / max(1, self.accepted + self.rejected)


def work(rows, suggested, codes):
    """Counts of decisions and actions for the segments `rows`, with suggestions of shape (segments, codes)."""
    truth = targets(rows, codes)
    hit, wrong, missed = (
        (a & b).sum(axis=1) for a, b in ((truth, suggested), (~truth, suggested), (truth, ~suggested))
    )
    nothing = (hit + wrong + missed) == 0
    return {
        "accepted": int(hit.sum()),
        "rejected": int(wrong.sum()),
        "added": int(missed.sum()),
        "decisions": int((hit + wrong + missed + nothing).sum()),
        "from_nothing": int(truth.sum() + len(rows)),
        "actions": int((np.minimum(hit, wrong) + missed + 1).sum()),
        "actions_from_nothing": int(truth.sum() + len(rows)),
    }


def measure(suggested, rows, codes, validated):
    """What the suggestions of a model for an interview that it never saw are worth."""
    return Step(
        validated,
        rows[0].interview.removeprefix(PREFIX),
        mean_kappa(rows, suggested, codes),
        cohen_kappa(targets(rows, codes).ravel(), suggested.ravel()),
        **work(rows, suggested, codes),
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
            before, after = (
                mean_kappa(rows_of(fits, rest), fits.predict(model)[1][rest], fits.codes) for model in (in_use, seen)
            )
            decisions.append((number, compared.old, compared.new, compared.better, before, after))
            if compared.better:
                in_use = seen
        rows, places = rows_of(fits, sorted(part)), sorted(part)
        newest.append(measure(fits.predict(seen)[1][places], rows, fits.codes, number))
        used.append(measure(fits.predict(in_use)[1][places], rows, fits.codes, number))
    return newest, used, decisions


def unseen(fits, model, validated):
    """What a model that saw the segments `model` suggests for those validated, each interview left out in turn."""
    found = np.zeros((len(fits.hers), len(fits.codes)), bool)
    for part in fits.interviews(validated):
        found[sorted(part)] = fits.predict(model - part)[1][sorted(part)]
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
                    scores, suggested = (table[places] for table in fits.predict(chosen))
                    counts = targets(rows_of(fits, sorted(chosen)), fits.codes).sum(axis=0).tolist()
                    unread = np.zeros(len(places), bool)
                    picked = informative(scores, thresholds(scores, suggested), counts, unread)
                    places = [places[i] for i in picked]
                chosen |= frozenset(places[: round(budget * len(part))])
            said = fits.predict(chosen)[1][rest]
            found[order, budget] = (len(chosen), mean_kappa(rows_of(fits, rest), said, fits.codes))
    return found


def tables(newest, used, decisions, by_order):
    """The figures as Markdown."""
    lines = ["| validated | next | mean κ | κ | accepted | decisions | from nothing | share | actions | from nothing |"]
    lines.append("|---" * 10 + "|")
    for s in newest:
        lines.append(
            f"| {s.validated} | {s.interview} | {s.mean_kappa:.2f} | {s.kappa:.2f} | {s.share:.0%} | {s.decisions} "
            f"| {s.from_nothing} | {s.decisions / s.from_nothing:.0%} | {s.actions} | {s.actions_from_nothing} |"
        )
    lines += ["", "| after | κ in use, folds | κ new, folds | promoted | κ in use, later | κ new, later |"]
    lines.append("|---" * 6 + "|")
    lines += [
        f"| {n} | {old:.3f} | {new:.3f} | {'yes' if yes else 'no'} | {before:.3f} | {after:.3f} |"
        for n, old, new, yes, before, after in decisions
    ]
    worse = sum(yes and after < before for *_, yes, before, after in decisions)
    lines += ["", f"Promoted a model that was worse on later interviews: {worse} of {len(decisions)} retrainings.", ""]
    lines += ["| order | share of each interview | segments | mean κ on later interviews |", "|---|---|---|---|"]
    lines += [f"| {o} | {b:.0%} | {n} | {k:.3f} |" for (o, b), (n, k) in by_order.items()]
    lines += ["", f"In use: {', '.join(f'{s.interview} {s.mean_kappa:.2f}' for s in used)} (mean κ)"]
    return "\n".join(lines)


def draw(newest, path):
    """The picture: agreement, acceptance and decisions, by how many interviews were validated before."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.4), dpi=130)
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    x = [s.validated for s in newest]
    left.plot(x, [s.share for s in newest], "o-", color="#CC6A2E", label="voorstellen ongewijzigd aangenomen")
    left.plot(x, [s.kappa for s in newest], "s-", color="#2F6690", label="κ, alle codes tegelijk")
    left.plot(x, [s.mean_kappa for s in newest], "^--", color="#528FBF", label="κ, gemiddeld per code")
    left.set(ylim=(0, 1), xlabel="interviews gevalideerd", title="Voorstellen voor het volgende interview")
    right.plot(x, [s.from_nothing for s in newest], "o-", color="#A9BBCB", label="vanaf niets")
    right.plot(x, [s.decisions for s in newest], "s-", color="#CC6A2E", label="beslissingen, met voorstellen")
    right.plot(x, [s.actions for s in newest], "^--", color="#9C4A17", label="toetsen op de pagina")
    right.set(xlabel="interviews gevalideerd", title="Werk per interview")
    right.set_ylim(bottom=0)
    for axes in (left, right):
        axes.legend(fontsize=7, frameon=False, loc="lower right")
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xticks(x)
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
        draw(newest, options.picture)
    print("\n" + tables(newest, used, decisions, by_order))
    print(f"\n{len(ships.passages)} passages, {len(fits.hers)} segments, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
