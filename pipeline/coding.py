"""From segments to codings: the model of a study, whichever kind it is, what it says, and why."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pipeline.classifier import Classifier, Progress, load, read_description
from pipeline.codebook import Codebook
from pipeline.records import Coding, Segment
from pipeline.settings import Settings
from pipeline.why import Why, explain, read_why

Bar = Callable[[str, int], AbstractContextManager[Any]]
"""Given what is done and how many steps it has: a progress bar, whose `update` takes the steps done."""


def load_classifier(settings: Settings) -> Classifier:
    """The model of the study, of whichever kind. Raises ModelError."""
    if read_description(settings.model).get("kind") == "deep":
        from pipeline.transformer.deep import load_deep  # torch, for whoever wants it

        return load_deep(settings.model)
    return load(settings.model)


def classify(
    interviews: Mapping[str, Sequence[Segment]], codebook: Codebook, model: Classifier | None, progress: Bar
) -> dict[str, list[Coding]]:
    """The codings of each interview, on the codes of the codebook that the model knows; `model` may be None where there
    are no interviews."""
    if model is None:
        return {}
    segments = [segment for part in interviews.values() for segment in part]
    texts = [(segment.segment_id, segment.text, segment.question) for segment in segments]
    with progress("classifying", len(segments)) as bar:
        found = scored(model, texts, [code for code in codebook.ids if code in model.codes], bar.update)
    codings: dict[str, list[Coding]] = {name: [] for name in interviews}
    for segment, row in zip(segments, found, strict=True):
        codings[segment.interview] += row
    return codings


def scored(
    model: Classifier, texts: Sequence[tuple[str, str, str]], codes: Sequence[str], step: Progress
) -> list[list[Coding]]:
    """The codings of each text, given as (id, text, question), on `codes` in their order, which the model knows."""
    scores, suggested = model.predict([text for _, text, _ in texts], [question for *_, question in texts], step)
    doubted = model.limits.doubt(scores, suggested)
    columns = [(model.codes.index(code), code) for code in codes]
    rows = zip(texts, scores.tolist(), suggested.tolist(), doubted.tolist(), strict=True)
    return [
        [Coding(at, code, row[i], proposed[i], model.name, doubt[i]) for i, code in columns]
        for (at, *_), row, proposed, doubt in rows
    ]


def explain_all(
    out: Path | None,
    segments: Mapping[str, Sequence[Segment]],
    codings: Mapping[str, Sequence[Coding]],
    recoded: Sequence[str],
    model: Classifier | None,
) -> Why:
    """The words behind every suggestion; those of interviews that were not coded anew are as they were."""
    kept = {s.segment_id for name, part in segments.items() if name not in recoded for s in part}
    earlier = read_why(out) if out is not None else {}
    why = {segment: words for segment, words in earlier.items() if segment in kept}
    if model is None:
        return why
    for name in recoded:
        suggested: dict[str, list[str]] = {}
        for coding in codings[name]:
            if coding.suggested and coding.code in model.codes:
                suggested.setdefault(coding.segment_id, []).append(coding.code)
        why |= explain(model.fast, segments[name], suggested)
    return why
