"""The confusion as a picture: a square for every pair of codes, darker where one is more often taken for the other."""

import io
import textwrap
import warnings
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pipeline.agreement.confusion import NOTHING, NOTHING_ELSE, Confusion, both_ways
from pipeline.codebook import Code

INK, SOFT, LINE, AGREED = "#1F2933", "#6B7785", "#A9BBCB", "#E4E9EE"
_CODE = ("#FDEFE3", "#FAD9BD", "#F5B98A", "#E98F55", "#CC6A2E", "#9C4A17")
_NONE = ("#EDF3F9", "#D5E4F1", "#B3CFE6", "#86B2D6", "#528FBF", "#2F6690")
_LONGEST = 60
_SQUARE, _LETTER = 0.36, 0.066  # inches: a square, and a letter of a label on average


def draw(found: tuple[Confusion, ...], codes: Sequence[Code]) -> bytes:
    """A PNG of the confusion, the codes in the order of the codebook. Codes that nobody gave are left out."""
    cells = both_ways(found)
    occurring = {code for pair in cells for code in pair}
    shown = [code for code in codes if code.id in occurring]
    keys = [code.id for code in shown] + [mark for mark in (NOTHING_ELSE, NOTHING) if mark in occurring]
    labels = [_short(code.name) for code in shown] + keys[len(shown) :]
    place = {key: number for number, key in enumerate(keys)}
    counts = np.zeros((len(keys), len(keys)), dtype=int)
    for (x, y), count in cells.items():
        counts[place[x], place[y]] = count

    caption = _caption(found)
    words = max(len(label) for label in labels) * _LETTER
    side = max(_SQUARE * len(keys), 1.0)
    left, right, top = words + 0.7, max(0.5, words * 0.7), words * 0.8 + 1.2
    width = max(left + side + right, 7.0)
    note = textwrap.fill(caption, int((width - 0.6) / _LETTER))
    bottom = 0.4 + 0.17 * (note.count("\n") + 1)
    height = bottom + side + top
    figure = Figure(figsize=(width, height), dpi=130)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((left / width, bottom / height, side / width, side / height))
    _squares(axes, counts, len(shown))
    _labels(axes, labels, found)
    _bounds(axes, shown, len(keys))
    title = "Welke codes voor elkaar worden aangezien"
    figure.text(0.25 / width, 1 - 0.25 / height, title, va="top", fontsize=13, color=INK)
    figure.text(0.25 / width, 0.2 / height, note, va="bottom", fontsize=8.5, color=SOFT)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a letter that the font lacks is an empty box
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _caption(found: tuple[Confusion, ...]) -> str:
    caption = (
        "Aantallen fragmenten. Grijs: beiden gaven de code. Oranje: de een gaf de ene code, de ander in plaats daarvan "
        "de andere. Blauw: tegenover de code stond niets. “geen code”: de ander gaf het fragment geen enkele code; "
        "“geen andere code”: alleen codes die beiden gaven."
    )
    return caption + (" Alle paren codeurs samen, in beide richtingen geteld." if len(found) > 1 else "")


def _squares(axes: Axes, counts: NDArray[np.int64], codes: int) -> None:
    """Colour and number the squares. The rows and columns without a code are scaled by themselves: they hold far more,
    and would make all else pale."""
    levels = len(_CODE)
    between = np.zeros(counts.shape, dtype=bool)
    between[:codes, :codes] = True
    same = np.eye(len(counts), dtype=bool)
    shade = np.zeros(counts.shape)
    for part, start in ((between & ~same, 0), (~between & ~same, levels)):
        most = max(8, counts[part].max(initial=0))  # one segment is never dark
        level = np.ceil(np.sqrt(counts / most) * levels)  # a root, so that small counts show
        shade = np.where(part & (counts > 0), start + level, shade)
    shade[same & between] = 2 * levels + 1
    axes.imshow(shade, cmap=ListedColormap(["#FFFFFF", *_CODE, *_NONE, AGREED]), vmin=0, vmax=2 * levels + 1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            dark = not same[row, column] and (shade[row, column] - 1) % levels >= levels - 2
            colour = "#FFFFFF" if dark else INK
            axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)


def _labels(axes: Axes, labels: Sequence[str], found: tuple[Confusion, ...]) -> None:
    axes.set_xticks(range(len(labels)), labels, rotation=50, ha="left", rotation_mode="anchor", fontsize=8.5)
    axes.set_yticks(range(len(labels)), labels, fontsize=8.5)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, labelcolor=INK)
    one, other = (found[0].first, found[0].second) if len(found) == 1 else ("de ene codeur", "de andere codeur")
    axes.set_ylabel(f"{_short(one)} gaf …", fontsize=10.5, color=INK)
    axes.set_xlabel(f"… waar {_short(other)} gaf", fontsize=10.5, color=INK, labelpad=10)


def _bounds(axes: Axes, shown: Sequence[Code], size: int) -> None:
    """A line between variables, and thin ones between codes."""
    for number in range(size + 1):
        axes.axhline(number - 0.5, color="#EEF1F4", linewidth=0.5, zorder=0.5)
        axes.axvline(number - 0.5, color="#EEF1F4", linewidth=0.5, zorder=0.5)
    variables = [code.variable for code in shown] + ["" for _ in range(size - len(shown))]
    for number in range(1, size):
        if variables[number] != variables[number - 1]:
            axes.axhline(number - 0.5, color=LINE, linewidth=1.1)
            axes.axvline(number - 0.5, color=LINE, linewidth=1.1)
    for variable in dict.fromkeys(code.variable for code in shown):
        places = [number for number, code in enumerate(shown) if code.variable == variable]
        middle, room = (places[0] + places[-1]) / 2, max(8, 5 * len(places))
        label = textwrap.shorten(variable, room, placeholder="…")
        axes.text(size - 0.3, middle, _short(label), rotation=270, va="center", fontsize=9, color=SOFT)
    for edge in axes.spines.values():
        edge.set_color(LINE)


def _short(name: str) -> str:
    """A name as a label: not too long, and with nothing that matplotlib takes for a formula."""
    plain = name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
    return plain.replace("$", r"\$")
