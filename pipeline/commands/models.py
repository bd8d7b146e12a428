"""The commands that make and choose a study's models: retrain, models."""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.commands.shared import Add, add_model, progress, settings_of
from pipeline.errors import ModelError

if TYPE_CHECKING:
    from pipeline.retraining.compare import Comparison
    from pipeline.retraining.retrain import Retrained


def register(add: Add) -> None:
    """Add the commands of this module."""
    retrain = add("retrain", _retrain, "train a new model on what was validated; it is used only if it is better")
    _study(retrain)
    add_model(retrain)

    models = add("models", _list, "list the models of a study, compare two of them, go back to an earlier one")
    kinds = models.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _study(add("list", _list, "list the models of a study and what they were trained on", to=kinds))
    compare = add("compare", _compare, "compare two models on the validated interviews, on the same folds", to=kinds)
    compare.add_argument("old", metavar="A")
    compare.add_argument("new", metavar="B")
    _study(compare)
    use = add("use", _use, "take a model into use; the next run codes with it", to=kinds)
    use.add_argument("name", metavar="NAME", help="as in the list; fast-nl and deep-nl ship")
    _study(use)


def _study(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "out", nargs="?", type=Path, default=Path("output"), metavar="OUT", help="the output folder (default: output)"
    )
    command.add_argument("--study", type=Path, help="the study's settings, a YAML file")


def _retrain(options: argparse.Namespace) -> int:
    from pipeline.retraining.retrain import SECOND_LOOK, retrain
    from pipeline.retraining.versions import models_folder, study_of

    settings = settings_of(options)
    study = study_of(settings, options.out)
    print("Training takes some minutes. The model in use stays as it is until the end.", flush=True)
    done = retrain(options.out, settings, study, progress)
    if done.version is None:
        print(done.reason)
        return 0
    _tell(done)
    if done.suspects is not None and done.suspects[0]:
        labels, segments = done.suspects
        print(
            f"{labels} of your labels in {segments} segments differ from what a model that never saw them is sure of: "
            f"{options.out / SECOND_LOOK}. Look again where you like; nothing was changed."
        )
    folder = models_folder(settings, study, options.out)
    print(f"Kept in {folder}, which is as confidential as the interviews: it learnt from their words.")
    if done.promoted:
        print("Next: run the pipeline again, so that it codes what you did not validate with the new model.")
    return 0


def _tell(done: "Retrained") -> None:
    sample = "with" if done.with_sample else "without"
    print(
        f"{done.version}: trained on {done.segments} validated segments of {len(done.interviews)} interviews, "
        f"{sample} the interviews and passages that ship."
    )
    if done.conflicts:
        print(f"{done.conflicts} verdicts (a code on a segment) on which coders contradict each other were left out.")
    if done.left_out:
        print(
            f"Left out: {', '.join(done.left_out)}, whose respondent withdrew. Decisions about it stand here all the "
            "same: codeboom forget INTERVIEW --yes deletes them."
        )
    if done.compared is not None:
        _table(done.compared, done.parent, done.version or "")
    if done.promoted:
        print(f"{done.version} is in use now. {done.reason}")
    else:
        print(f"{done.parent} stays in use. {done.reason} To use the new one: codeboom models use {done.version}.")
    if done.changed is not None:
        gone, new = done.changed
        print(f"Of the segments that nobody validated {new} suggestions are new and {gone} are gone.")


def _table(compared: "Comparison", old: str, new: str) -> None:
    print(f"Kappa of {old} and {new}, each validated interview coded by models that never saw it:")
    print(f"  {'':74}{'given':>5}{'before':>7}{'new':>7}")
    for pair in compared.codes:
        unknown = "" if pair.both else "  (not known to both; does not count)"
        print(f"  {pair.name:74}{pair.positives:>5}{pair.old:>7.2f}{pair.new:>7.2f}{unknown}")
    for pair in compared.interviews:
        print(f"  {pair.name:74}{pair.positives:>5}{pair.old:>7.2f}{pair.new:>7.2f}")
    if not math.isnan(compared.old):
        print(f"  {'mean over the codes':79}{compared.old:>7.3f}{compared.new:>7.3f}")


def _list(options: argparse.Namespace) -> int:
    from pipeline.retraining.versions import is_fixed, model_in_use, read_versions, study_of, unreadable
    from pipeline.settings import read_settings

    settings = read_settings(options.study)
    study = study_of(settings, options.out)
    try:
        used, missing = model_in_use(settings, study, options.out), ""
    except ModelError as error:
        used, missing = None, str(error)
    for version in read_versions(settings, study, options.out):
        record = version.record
        mark = "*" if version.folder == used else " "
        if not record:
            print(f"{mark} {version.name:12} ships with Codeboom")
            continue
        figures = "" if record["new"] is None else f"  kappa {record['new']:.3f} ({record['old']:.3f} before)"
        learnt = f"{len(record['labels'])} segments of {', '.join(record['interviews']) or 'no interview'}"
        print(f"{mark} {version.name:12} {record['made'][:10]}  from {record['parent']}, {learnt}{figures}")
    for name in unreadable(settings, study, options.out):
        print(f"  {name:12} cannot be read: damaged, or made by another version of Codeboom")
    print(missing or "* is in use.")
    if is_fixed(settings):
        print(f"The study's settings name the model: {settings.model}.")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from pipeline.retraining.retrain import compare_versions
    from pipeline.retraining.versions import study_of
    from pipeline.settings import read_settings

    settings = read_settings(options.study)
    study = study_of(settings, options.out)
    found = compare_versions(options.out, settings, study, (options.old, options.new), progress)
    _table(found, options.old, options.new)
    return 0


def _use(options: argparse.Namespace) -> int:
    from pipeline.retraining.versions import study_of, use
    from pipeline.settings import read_settings

    settings = read_settings(options.study)
    version = use(settings, study_of(settings, options.out), options.out, options.name)
    print(f"{version.name} is in use. The next run codes with it what was not validated.")
    return 0
