"""The loop, replayed: the gold of the sample as if a researcher validated one interview after another.

    make benchmark-loop        # some thirty minutes; writes docs/loop.png and prints the tables

The first model knows the codebook and the single passages only; after each interview a new one is trained on all
that were validated, and taken into use by the rule of `codeboom retrain` (in three folds, to save time). The interviews
that are untouched (see data/sample/splits.json) stay out. What is counted:

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
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.agreement.statistics import cohen_kappa  # noqa: E402
from pipeline.codebook import read_codebook  # noqa: E402
from pipeline.retraining.compare import compare, mean_kappa, out_of_interview, score  # noqa: E402
from pipeline.retraining.rows import PREFIX, SAMPLE, shipped_rows  # noqa: E402
from pipeline.review.order import informative  # noqa: E402
from pipeline.settings import shipped  # noqa: E402
from pipeline.training import targets, train  # noqa: E402

FOLDS = 3
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


class Models:
    """Models by what they were trained on: the same is never trained twice."""

    def __init__(self, codebook, ships):
        self.codes, self.ships, self.known = codebook.ids, ships, {}

    def of(self, rows):
        key = frozenset(rows)
        if key not in self.known:
            start = time.perf_counter()
            interviews = {row.interview for row in rows}
            passages = list(self.ships.passages)
            if len(interviews) < 2:  # to calibrate takes two interviews: groups of passages stand in
                passages = [replace(row, interview=f"passages {i % 5}") for i, row in enumerate(passages)]
            self.known[key] = train("loop", [*self.ships.book, *passages, *rows], self.codes)
            print(f"  trained on {len(interviews)} interviews, {time.perf_counter() - start:.0f} s", flush=True)
        return self.known[key]


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


def measure(model, rows, codes, validated):
    """What the suggestions of a model for an interview that it never saw are worth."""
    said = score(model, rows, codes).suggested
    return Step(
        validated,
        rows[0].interview.removeprefix(PREFIX),
        mean_kappa(rows, said, codes),
        cohen_kappa(targets(rows, codes).ravel(), said.ravel()),
        **work(rows, said, codes),
    )


def replay(models, parts, codes):
    """The loop: the newest model on each next interview, the one in use, and each decision to promote."""
    newest, used, decisions = [], [], []
    in_use, in_use_rows = models.of([]), []
    for number, part in enumerate(parts):
        seen = [row for earlier in parts[:number] for row in earlier]
        model = models.of(seen)
        if number >= 2:
            old, new = (
                out_of_interview(seen, codes, lambda held, rows=rows: models.of(without(rows, held)), most=FOLDS)
                for rows in (in_use_rows, seen)
            )
            compared = compare(seen, old.suggested, new.suggested, codes, codes)
            rest = [row for later in parts[number:] for row in later]
            before, after = (mean_kappa(rest, score(m, rest, codes).suggested, codes) for m in (in_use, model))
            decisions.append((number, compared.old, compared.new, compared.not_worse, before, after))
            print(f"after {number}: {decisions[-1]}", flush=True)
            if compared.not_worse:
                in_use, in_use_rows = model, seen
        newest.append(measure(model, part, codes, number))
        used.append(measure(in_use, part, codes, number))
        print(newest[-1], flush=True)
    return newest, used, decisions


def without(rows, held):
    out = {row.interview for row in held}
    return [row for row in rows if row.interview not in out]


def orders(models, parts, codes):
    """κ on the later interviews after a part of each of the first was validated, as spoken or informative first."""
    rest = [row for part in parts[TAUGHT:] for row in part]
    found = {}
    for budget in BUDGETS:
        for order in ("as spoken", "informative first"):
            chosen = []
            for number, part in enumerate(parts[:TAUGHT]):
                places = range(len(part))
                if order == "informative first":
                    model = models.of([row for earlier in parts[:number] for row in earlier])
                    scores = score(model, part, codes).scores
                    counts = targets(chosen, codes).sum(axis=0) if chosen else np.zeros(len(codes))
                    places = informative(scores, model.thresholds, counts.tolist(), np.zeros(len(part), bool))
                chosen += [part[i] for i in list(places)[: round(budget * len(part))]]
            said = score(models.of(chosen), rest, codes).suggested
            found[order, budget] = (len(chosen), mean_kappa(rest, said, codes))
            print(order, budget, found[order, budget], flush=True)
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
    options = parser.parse_args()
    codebook = read_codebook(shipped("codebook"))
    ships = shipped_rows(codebook)
    splits = json.loads((SAMPLE / "splits.json").read_text(encoding="utf-8"))
    order = [f"{PREFIX}{name}" for name in [*splits["train"], *splits["choose"]]][: options.interviews]
    parts = [[row for row in ships.interviews if row.interview == name] for name in order]
    models = Models(codebook, ships)
    start = time.perf_counter()
    newest, used, decisions = replay(models, parts, codebook.ids)
    draw(newest, options.picture)
    by_order = orders(models, parts, codebook.ids) if len(parts) > TAUGHT else {}
    print("\n" + tables(newest, used, decisions, by_order))
    print(f"\n{len(models.known)} models trained, {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
