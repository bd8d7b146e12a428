"""How a model of the study was, or will be, made: so that it can be made again without an interview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.classifier import Classifier, FastClassifier, load
from pipeline.errors import CodeboomError
from pipeline.retraining.rows import Shipped, Validated, unseen
from pipeline.retraining.versions import Version
from pipeline.training import Labelled, interviews_of, train

WITH_SAMPLE, OWN = "with the sample", "codebook and own interviews"


@dataclass(frozen=True)
class Recipe:
    """What a model is made from. `fixed` is a finished model, used as it is on interviews that it never saw."""

    name: str
    rows: tuple[Labelled, ...]
    codes: tuple[str, ...]
    fixed: Classifier | None = None

    def without(self, held: Sequence[Labelled]) -> Classifier:
        """A model that never saw the interviews of `held`. Raises CodeboomError where too little is left."""
        rows = unseen(self.rows, held)
        if self.fixed is not None and len(rows) == len(self.rows):
            return self.fixed
        return trained(self.name, rows, self.codes)

    def possible(self, held: Sequence[Labelled]) -> bool:
        """Whether enough is left to train on without the interviews of `held`."""
        return len(interviews_of(unseen(self.rows, held))) >= 2


def trained(name: str, rows: Sequence[Labelled], codes: Sequence[str]) -> FastClassifier:
    """A model of these rows. Raises CodeboomError where they are of fewer than two interviews."""
    if len(interviews_of(rows)) < 2:
        raise CodeboomError(
            "A model needs labelled segments of at least two interviews. Validate another one; then retrain."
        )
    return train(name, rows, codes)


def ways(hers: Sequence[Labelled], ships: Shipped, codes: Sequence[str]) -> list[Recipe]:
    """The ways to train: with all that ships, and on the codebook and her own interviews alone."""
    own = unseen([*ships.interviews, *ships.passages], hers)  # her labels go before those that ship
    found = [Recipe(OWN, (*ships.book, *hers), tuple(codes))]
    if own:
        found.insert(0, Recipe(WITH_SAMPLE, (*ships.book, *own, *hers), tuple(codes)))
    return found


def of_version(version: Version, hers: Sequence[Validated], ships: Shipped) -> Recipe:
    """How a version was made. Its labels are those of its record; their texts come from the store, so that what was
    deleted there is gone here too. Raises ModelError for a damaged model."""
    model = load(version.folder)
    record = version.record
    if not record:  # what ships
        rows = (*ships.book, *ships.passages, *ships.interviews)
        return Recipe(version.name, rows, model.codes, fixed=model)
    texts = {one.segment_id: one.row for one in hers}
    own = [
        labelled(entry, texts[entry["segment"]], record["codes"])
        for entry in record["labels"]
        if entry["segment"] in texts
    ]
    recipes = ways(own, ships, model.codes)
    chosen = next((way for way in recipes if way.name == record["recipe"]), recipes[-1])
    book = frozenset(model.codes)
    rows = tuple(Labelled(r.text, r.question, r.codes & book, r.interview, r.unknown & book) for r in chosen.rows)
    return Recipe(version.name, rows, model.codes)


def entry(one: Validated, codes: Sequence[str]) -> dict[str, Any]:
    """A label for the record of a version: ids, and codes by their place in `codes`; no text."""
    place = {code: number for number, code in enumerate(codes)}
    return {
        "segment": one.segment_id,
        "codes": sorted(place[code] for code in one.row.codes if code in place),
        "unknown": sorted(place[code] for code in one.row.unknown if code in place),
    }


def labelled(entry: Mapping[str, Any], text: Labelled, codes: Sequence[str]) -> Labelled:
    """The row that an entry of a record stands for, with the text of `text`."""
    names = [frozenset(codes[number] for number in entry[part]) for part in ("codes", "unknown")]
    return Labelled(text.text, text.question, names[0], text.interview, names[1])
