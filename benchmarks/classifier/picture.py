"""The learning curve as a picture: κ and the hit rate of the top three, in colours that the colour-blind tell apart."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from benchmarks.classifier.curve import Curve
from benchmarks.classifier.folds import DEEP, FAST, Way

# Okabe and Ito's colours; the marker says the same for whoever sees none.
LOOKS = {
    ("fast", "gemma"): ("#D55E00", "o"),
    ("fast",): ("#0072B2", "s"),
    ("svm",): ("#009E73", "^"),
    ("logistic",): ("#CC79A7", "v"),
    ("encoder",): ("#8A7400", "D"),
    (): ("#777777", "x"),
}
PANELS = (("mean_kappa", "Agreement: mean κ per code"), ("top3", "A right code among the best three"))


def draw(found: Curve, path: Path) -> None:
    """Write the picture."""
    figure = Figure(figsize=(10.5, 5.4), dpi=130)
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2)
    for axes, (measure, title) in zip(panels, PANELS, strict=True):
        for way in reversed(found.found):  # the models are drawn over the baselines
            _line(axes, found, way, measure)
        axes.set_title(title, loc="left", fontsize=11)
        axes.set(xlabel="interviews learned from", ylim=(-0.02, 1), xticks=found.points())
        axes.grid(axis="y", color="#E4E9EE")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles[::-1], labels[::-1], loc="lower center", ncol=3, fontsize=8, frameon=False)
    figure.tight_layout(rect=(0, 0.17, 1, 1))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Software": None})


def _line(axes: Axes, found: Curve, way: Way, measure: str) -> None:
    """One way: its mean, and for the models as they ship the range over the orders."""
    color, marker = LOOKS[way.layers]
    points = sorted(found.found[way])
    ships = way in (DEEP, FAST)
    axes.plot(
        points, [found.mean(way, point, measure) for point in points], color=color, marker=marker, label=way.name,
        linestyle="-" if way.passages else "--", linewidth=2.4 if ships else 1.2, markersize=6 if ships else 4.5,
        markerfacecolor=color if way.passages else "white", zorder=3 if ships else 2,
    )  # fmt: skip
    if ships:
        values = [[getattr(q, measure) for q in found.found[way][point]] for point in points]
        axes.fill_between(points, [min(v) for v in values], [max(v) for v in values], color=color, alpha=0.13, lw=0)
