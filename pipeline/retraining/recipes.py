"""How a model of the study was, or will be, made: so that it can be made again without an interview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.answers import Agreement
from pipeline.classifier import Classifier, FastClassifier, save
from pipeline.coding import load_classifier
from pipeline.errors import CodeboomError
from pipeline.retraining.rows import Shipped, Validated, unseen
from pipeline.retraining.versions import Version
from pipeline.settings import Settings
from pipeline.training import Labelled, held_out, interviews_of, known, settle, targets

if TYPE_CHECKING:
    from pipeline.transformer.layers import Maker

WITH_SAMPLE, OWN = "with the sample", "codebook and own interviews"
GROUPS = 5
"""Of rows, to calibrate on where there are too few interviews."""


@dataclass(frozen=True)
class Recipe:
    """What a model is made from. `fixed` is a finished model, used as it is on interviews that it never saw; `make`
    trains the layer beside the fast model of a deep one."""

    name: str
    rows: tuple[Labelled, ...]
    codes: tuple[str, ...]
    fixed: Classifier | None = None
    make: "Maker | None" = None

    def without(self, held: Sequence[Labelled]) -> Classifier:
        """A model that never saw the interviews of `held`. Raises CodeboomError where too little is left."""
        rows = unseen(self.rows, held)
        if self.fixed is not None and len(rows) == len(self.rows):
            return self.fixed
        return trained(self.name, rows, self.codes, self.make)

    def possible(self, held: Sequence[Labelled]) -> bool:
        """Whether enough is left to train on without the interviews of `held`, where there is anything to train."""
        rows = unseen(self.rows, held)
        return (self.fixed is not None and len(rows) == len(self.rows)) or teach(grouped(rows), self.codes)


def teach(rows: Sequence[Labelled], codes: Sequence[str]) -> bool:
    """Whether a model can be trained and calibrated on rows: at least two interviews, in which codes were given and
    others were not."""
    spoken = [row for row in rows if row.interview is not None]
    labels, sure = targets(spoken, codes), known(spoken, codes)
    return len(interviews_of(spoken)) >= 2 and bool((labels & sure).any() and (~labels & sure).any())


def grouped(rows: Sequence[Labelled]) -> list[Labelled]:
    """Rows that a model can be calibrated on: with fewer than two interviews, the others are put in groups that take
    their place, so that a new codebook gets a first guess from its definitions and examples."""
    if len(interviews_of(rows)) >= 2:
        return list(rows)
    return [replace(row, interview=row.interview or f"rows {number % GROUPS}") for number, row in enumerate(rows)]


def trained(name: str, rows: Sequence[Labelled], codes: Sequence[str], make: "Maker | None" = None) -> Classifier:
    """A model of these rows (see `grouped`), deep where `make` trains a layer beside the fast one. Raises CodeboomError
    where the rows teach nothing."""
    rows = grouped(rows)
    if not teach(rows, codes):
        raise CodeboomError(
            "A model needs labelled segments, with codes that were given and codes that were not, or a codebook with "
            "examples. Validate more of them; then retrain."
        )
    held = held_out(rows, codes)
    fast = settle(name, held, codes)
    if make is None:
        return fast
    from pipeline.transformer.deep import train_deep

    return train_deep(name, fast, held, rows, make)


def ways(hers: Sequence[Labelled], ships: Shipped, codes: Sequence[str], make: "Maker | None" = None) -> list[Recipe]:
    """The ways to train: with all that ships, and on the codebook and her own interviews alone."""
    own = unseen([*ships.interviews, *ships.passages], hers)  # her labels go before those that ship
    found = [Recipe(OWN, (*ships.book, *hers), tuple(codes), make=make)]
    if own:
        found.insert(0, Recipe(WITH_SAMPLE, (*ships.book, *own, *hers), tuple(codes), make=make))
    return found


def of_new_codes(hers: Sequence[Validated], parent: Version) -> list[Validated]:
    """What was validated, saying nothing about the codes that `parent` knows, but where it learnt that from it: a model
    that cannot be compared with it may learn new codes, and not get worse at the others."""
    old = frozenset(parent.description["codes"])
    places, learnt = parent.record.get("codes", ()), parent.record.get("labels", ())
    silent = {entry["segment"]: frozenset(places[number] for number in entry["unknown"]) & old for entry in learnt}
    masks = [silent.get(one.segment_id, old) for one in hers]
    return [
        replace(one, row=replace(one.row, codes=one.row.codes - mask, unknown=one.row.unknown | mask))
        for one, mask in zip(hers, masks, strict=True)
    ]


def way_of(parent: Version, recipes: Sequence[Recipe]) -> Recipe | None:
    """The way in which `parent` was trained; None where what it learnt from is not here (the sample, which an installed
    package lacks)."""
    wanted = OWN if parent.record.get("recipe", WITH_SAMPLE) != WITH_SAMPLE else WITH_SAMPLE
    return next((way for way in recipes if way.name == wanted and way.possible(())), None)


def of_version(version: Version, hers: Sequence[Validated], ships: Shipped, make: "Maker | None" = None) -> Recipe:
    """How a version was made, with `make` for the layer of a deep one. Its labels are those of its record; their texts
    come from the store, so that what was deleted there is gone here too. Raises ModelError for a damaged model."""
    model = load_classifier(Settings(model=version.folder))
    record = version.record
    if not record:  # what ships
        rows = (*ships.book, *ships.passages, *ships.interviews)
        return Recipe(version.name, rows, model.codes, model, make)
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
    whole = len(own) == len(record["labels"]) and record.get("shipped") == ships.sha256
    return Recipe(version.name, rows, model.codes, model if whole else None, make)


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


def makers(version: Version, encoder: str | None = None) -> "tuple[Maker | None, Maker | None]":
    """What trains the layer of a version, and of the one after it: the same, unless `encoder` is to be fine-tuned; None
    for a fast model. Raises ModelError when the extra that it needs is not installed."""
    described = version.description.get("layer")
    if not described and not encoder:
        return None, None
    from pipeline.transformer.layers import maker_of

    theirs = maker_of(described)
    return theirs, maker_of(None, encoder) if encoder else theirs


def save_version(
    model: Classifier, folder: Path, text: str, figures: Mapping[str, float], expected: Mapping[str, Agreement]
) -> None:
    """Write a version; `expected` is on her interviews alone, and empty where nothing was measured. A deep one holds
    its fast model in a folder of its own. Raises OutputError."""
    if isinstance(model, FastClassifier):
        save(replace(model, agreement=expected), folder, text, figures)
        return
    from pipeline.transformer.deep import DeepClassifier, save_deep

    assert isinstance(model, DeepClassifier)
    save(replace(model.fast, agreement=expected), folder / "fast", text)
    save_deep(replace(model, agreement=expected), folder, folder / "fast", text, figures)
