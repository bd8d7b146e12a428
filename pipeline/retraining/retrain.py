"""Retraining: the validated labels of a study in; a new version of its model out, in use if it is better."""

import csv
import datetime
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline import __version__
from pipeline.answers import Agreement, read_agreement
from pipeline.classifier import Classifier
from pipeline.coding import Bar, load_classifier
from pipeline.errors import CodeboomError
from pipeline.evaluation import quality
from pipeline.files import write_atomic
from pipeline.formulas import neutralise
from pipeline.retraining.building import building, publish
from pipeline.retraining.card import card
from pipeline.retraining.compare import Comparison, Scored, choose, compare, folds, out_of_interview, score
from pipeline.retraining.errors import by_segment, second_look
from pipeline.retraining.material import FEWEST, Material, read_material
from pipeline.retraining.reasons import decide, known_already, lacking, taught
from pipeline.retraining.recipes import (
    WITH_SAMPLE,
    Recipe,
    entry,
    makers,
    of_new_codes,
    of_version,
    save_version,
    trained,
    way_of,
    ways,
)
from pipeline.retraining.rows import Validated
from pipeline.retraining.versions import (
    POINTER,
    RECORD,
    model_in_use,
    models_folder,
    next_name,
    point_at,
    read_version,
    read_versions,
    refuse_fixed,
    use,
)
from pipeline.retraining.withdrawn import withdrawn
from pipeline.settings import Settings
from pipeline.tables import read_codings
from pipeline.training import Labelled, known, targets

SECOND_LOOK = "second-look.csv"
COLUMNS = ("segment_id", "interview", "code", "verdict", "score", "text")


@dataclass(frozen=True)
class Retrained:
    """What a retraining did. `version` is None where there was nothing new to learn; `left_out` are interviews whose
    respondents withdrew; `compared` is None where there was nothing to compare on; `changed` are the suggestions (gone,
    new) of segments that nobody validated, None unless the new version is in use; `suspects` are labels and segments
    for a second look."""

    reason: str
    parent: str
    version: str | None = None
    promoted: bool = False
    with_sample: bool = False
    interviews: tuple[str, ...] = ()
    segments: int = 0
    conflicts: int = 0
    left_out: tuple[str, ...] = ()
    compared: Comparison | None = None
    changed: tuple[int, int] | None = None
    suspects: tuple[int, int] | None = None


def retrain(out: Path, settings: Settings, study: str, progress: Bar) -> Retrained:
    """Train a version on everything validated in `out`, compare it with the model in use on the same folds, and take
    it into use when it is better (the rule stands in `compare.py`). With fewer than two validated interviews nothing
    can be compared: then the version is kept beside, unless the model in use does not know a code of the codebook.
    Writes `second-look.csv` to `out`. Raises CodeboomError; the model in use is then as it was.
    """
    refuse_fixed(settings)
    folder = models_folder(settings, study, out)
    with building(folder) as stage:
        parent = read_version(model_in_use(settings, study, out))
        away = withdrawn(folder)
        material = read_material(out, settings, away)
        codes = material.codebook.ids
        new_codes = [code for code in codes if code not in parent.description["codes"]]
        learnt = set(parent.record.get("interviews", ()))
        withdrew, ships = learnt & away, f"{settings.kind or 'fast'}-nl"
        if gone := learnt - away - {one.row.interview for one in material.hers}:
            raise CodeboomError(lacking(out, parent, gone, ships))
        if not material.hers and not new_codes:
            raise CodeboomError(
                f"{out}: nothing was validated yet, so that there is nothing to learn. Validate an interview first, "
                "with `codeboom review` or `codeboom import-validated`."
                + f" {parent.name} learnt from decisions that were deleted: codeboom models use {ships}."
                * bool(withdrew)
            )
        theirs, make = makers(parent, None if settings.kind == "fast" else settings.encoder)
        kind = "deep" if make else "fast"
        for version in reversed(read_versions(settings, study, out)):
            if version.record.get("data") == material.sha256 and version.is_of(kind, getattr(make, "encoder", None)):
                if withdrew and version.name != parent.name:
                    use(settings, study, out, version.name)
                return Retrained(known_already(version.name, parent.name, withdrew), parent.name)

        name = next_name(folder, kind)
        measured = [one.row for one in material.measured]
        recipes = ways([one.row for one in material.hers], material.ships, codes, make)
        old = of_version(parent, material.hers, material.ships, theirs)
        way, found, compared = _measure(old, material, recipes, progress)
        shared = len(new_codes) < len(codes)
        promoted, reason = decide(parent, compared, new_codes, shared, withdrew)
        hers = material.hers
        if new_codes and shared and not promoted:
            masked = tuple(of_new_codes(hers, parent))
            same = way_of(parent, ways([one.row for one in masked], material.ships, codes, make))
            promoted, reason = same is not None, taught(reason, parent, new_codes, same is not None)
            if same is not None:  # another model than the one that was compared
                hers, way, compared = masked, same, None
        model = trained(name, way.rows, codes, make)
        done = Retrained(
            reason=reason,
            parent=parent.name,
            version=name,
            promoted=promoted,
            with_sample=way.name == WITH_SAMPLE,
            interviews=tuple(sorted({one.row.interview or "" for one in hers})),
            segments=len(hers),
            conflicts=material.conflicts,
            left_out=material.left_out,
            compared=compared,
            changed=_changed(out, model, material) if promoted else None,
            suspects=_write_second_look(out, material, found) if found else None,
        )
        figures = _figures(measured, found, codes, compared)
        expected = {pair.name: Agreement(pair.new, pair.positives) for pair in compared.codes} if compared else {}
        if hers is not material.hers:
            expected = read_agreement(parent.description.get("agreement", {}))
        save_version(model, stage, card(done, _counts(material), material.sha256), figures, expected)
        write_atomic(stage / RECORD, (json.dumps(_record(done, material, hers), indent=1) + "\n").encode(), mode=0o600)
        load_classifier(Settings(model=stage))  # what cannot be read back is never published
        if promoted:
            point_at(name, stage / POINTER, settings, folder)
        publish(stage, folder / name)
        if promoted:
            use(settings, study, out, name)
    return done


def compare_versions(out: Path, settings: Settings, study: str, names: tuple[str, str], progress: Bar) -> Comparison:
    """Two versions on the same folds of the validated interviews, each made again without the interviews that it is
    measured on. Raises CodeboomError where there are fewer than two such interviews or no such versions."""
    known_versions = {version.name: version for version in read_versions(settings, study, out)}
    for name in names:
        if name not in known_versions:
            raise CodeboomError(f"There is no model {name}. There are: {', '.join(known_versions)}.")
    material = read_material(out, settings, withdrawn(models_folder(settings, study, out)))
    measured = [one.row for one in material.measured]
    if len(folds(measured)) < 2:
        raise CodeboomError(
            f"Models are compared on validated interviews, at least two, with {FEWEST} segments or more in each on "
            "which coders do not contradict each other about any code. Validate more first."
        )
    old, new = (
        of_version(one, material.hers, material.ships, makers(one)[0])
        for one in (known_versions[name] for name in names)
    )
    codes = material.codebook.ids
    with progress("comparing", 2 * len(folds(measured))) as bar:
        before, after = (out_of_interview(measured, codes, way.without, bar.update) for way in (old, new))
    return compare(measured, before.suggested, after.suggested, codes, set(old.codes) & set(new.codes))


def _measure(
    old: Recipe, material: Material, recipes: Sequence[Recipe], progress: Bar
) -> tuple[Recipe, Scored | None, Comparison | None]:
    """The best way to train, what it says of the measured segments out of interview, and how that compares with the
    model in use; where there is too little to compare, the first way that is possible."""
    measured, codes = [one.row for one in material.measured], material.codebook.ids
    parts = folds(measured)
    held = [[measured[i] for i in part] for part in parts]
    possible = [way for way in recipes if all(way.possible(part) for part in held)]
    if len(parts) < 2 or not possible:
        return _possible(recipes), None, None
    if not all(old.possible(part) for part in held):
        return possible[0], None, None
    with progress("comparing", len(parts) * (len(possible) + 1)) as bar:
        found = [out_of_interview(measured, codes, way.without, bar.update) for way in possible]
        before = out_of_interview(measured, codes, old.without, bar.update)
    best, honest = choose(measured, found, codes)
    return possible[best], honest, compare(measured, before.suggested, honest.suggested, codes, set(old.codes))


def _possible(recipes: Sequence[Recipe]) -> Recipe:
    """The first way in which something can be trained."""
    return next((way for way in recipes if way.possible(())), recipes[0])


def _changed(out: Path, model: Classifier, material: Material) -> tuple[int, int]:
    """How many suggestions are gone, and how many new, of the segments that nobody validated."""
    learnt = {one.segment_id for one in material.hers}
    rest = [segment for segment in material.segments if segment.segment_id not in learnt]
    ids, codes = {segment.segment_id for segment in rest}, material.codebook.ids
    before = {(c.segment_id, c.code) for c in read_codings(out / "codings.csv") if c.suggested and c.segment_id in ids}
    if not rest:
        return 0, 0
    rows = [Labelled(segment.text, segment.question, frozenset(), None) for segment in rest]
    places = np.argwhere(score(model, rows, codes).suggested)
    after = {(rest[row].segment_id, codes[column]) for row, column in places}
    return len(before - after), len(after - before)


def _write_second_look(out: Path, material: Material, found: Scored) -> tuple[int, int]:
    """Write the labels that deserve a second look; returns how many, and in how many segments. The text is that of the
    tables now, for one that was judged earlier may hold a name that was ruled on since."""
    measured, codes = material.measured, material.codebook.ids
    rows = [one.row for one in measured]
    suspects = second_look(found.scores, targets(rows, codes), known(rows, codes))
    texts = {segment.segment_id: segment.text for segment in material.segments}
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in suspects:
        segment_id, verdict = measured[one.row].segment_id, "given" if one.given else "refused"
        cells = (segment_id, rows[one.row].interview or "", codes[one.column], verdict, f"{one.score:.4f}")
        writer.writerow([neutralise(cell) for cell in (*cells, texts.get(segment_id, ""))])
    write_atomic(out / SECOND_LOOK, buffer.getvalue().encode("utf-8-sig"))
    return len(suspects), by_segment(suspects)


def _figures(
    rows: Sequence[Labelled], found: Scored | None, codes: Sequence[str], compared: Comparison | None
) -> dict[str, float]:
    """What the pipeline shows of the model's quality; nothing where it was not measured."""
    truth = targets(rows, codes)
    if found is None or compared is None or not truth.any():
        return {}
    best = quality(truth, found.scores, found.suggested, codes)
    mean = float(np.mean([pair.new for pair in compared.codes]))
    return {"mean_kappa": mean, "macro_f1": best.macro_f1, "top1": best.top1, "top3": best.top3}


def _counts(material: Material) -> dict[str, int]:
    """How many validated segments carry each code of the codebook."""
    given = Counter(code for one in material.hers for code in one.row.codes)
    return {code: given[code] for code in material.codebook.ids}


def _record(done: Retrained, material: Material, hers: Sequence[Validated]) -> dict[str, object]:
    """What stands in `training.json`: ids, counts and hashes, no text. `hers` is what was learnt of what coders
    validated."""
    codes, compared = list(material.codebook.ids), done.compared
    pairs = [(p.name, p.positives, round(p.old, 4), round(p.new, 4)) for p in compared.codes] if compared else []
    return {
        "parent": done.parent,
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "codeboom": __version__,
        "data": material.sha256,
        "shipped": material.ships.sha256,
        "recipe": WITH_SAMPLE if done.with_sample else "own",
        "interviews": dict(sorted(Counter(one.row.interview or "" for one in hers).items())),
        "promoted": done.promoted,
        "reason": done.reason,
        "old": compared.old if compared and pairs else None,
        "new": compared.new if compared and pairs else None,
        "compared": pairs,
        "counts": _counts(material),
        "codes": codes,
        "labels": [entry(one, codes) for one in hers],
    }
