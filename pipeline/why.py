"""Why a code was suggested: the words of question and segment that carried it.

A linear model says so itself: each term adds its weight. What a pair of words adds is halved between them, and what a
piece of a word adds goes to the words that it is in.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.files import write_atomic
from pipeline.records import Segment

if TYPE_CHECKING:
    from pipeline.classifier import FastClassifier

NAME = "why.json"
MOST = 5  # words shown for a suggestion
Why = dict[str, dict[str, list[list[str | float]]]]
"""By segment_id and code the words with their weights, the heaviest first."""


def carried_by(model: "FastClassifier", text: str, question: str, code: str) -> list[tuple[str, float]]:
    """The words that speak for `code`, the heaviest first; at most `MOST`, none where nothing does."""
    from pipeline.features import pieces_of, words_of  # not for whoever only reads what was explained

    row = model.features.matrix([text], [question])
    added = row.data * model.weights[row.indices, model.codes.index(code)]
    words = dict.fromkeys([*words_of(question), *words_of(text)])
    inside: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        for piece in dict.fromkeys(pieces_of(word)):
            inside[piece].append(word)
    totals: defaultdict[str, float] = defaultdict(float)
    for column, weight in zip(row.indices.tolist(), added.tolist(), strict=True):
        view, term = model.features.term_of(column)
        owners = inside[term] if view == "pieces" else term.split()
        for word in owners:
            totals[word] += weight / len(owners)
    heaviest = sorted(((word, weight) for word, weight in totals.items() if weight > 0), key=lambda pair: -pair[1])
    return heaviest[:MOST]


def explain(model: "FastClassifier", segments: Sequence[Segment], suggested: Mapping[str, Sequence[str]]) -> Why:
    """The words behind each suggestion. `suggested` gives the codes of each segment_id."""
    return {
        segment.segment_id: {
            code: [
                [word, round(float(np.float32(weight)), 3)]
                for word, weight in carried_by(model, segment.text, segment.question, code)
            ]
            for code in suggested[segment.segment_id]
        }
        for segment in segments
        if suggested.get(segment.segment_id)
    }


def read_why(folder: Path) -> Why:
    """What a run explained; it is an extra, so that a file that is missing or damaged explains nothing."""
    try:
        content = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else {}
    except (OSError, ValueError, RecursionError):
        return {}


def write_why(path: Path, why: Why) -> None:
    """Write it, a segment a line. Raises OutputError."""
    lines = (
        f"{json.dumps(segment)}: {json.dumps(codes, ensure_ascii=False)}" for segment, codes in sorted(why.items())
    )
    write_atomic(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())
