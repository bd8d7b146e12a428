"""The versions of a study's model: folders `fast-nl-2`, `deep-nl-3`, ... beside its key, and which of them is in use.

    fast-nl-2/        a model folder as any other, with its card, and:
      training.json   what it was trained on (segments and labels by id, no text), its parent, how it compared
    current.json      the name of the model in use, and of the one of each kind; without it, those that ship are.
                      A version that appears with one of its own is in use from that moment: no kill comes between
    retrain.lock      held while a retraining goes on; the system lets go of it when the program dies

A version is built in a folder of its own and appears whole, by a rename, or not at all.
"""

import json
import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.classifier import read_description
from pipeline.errors import CodeboomError, ModelError
from pipeline.files import write_atomic
from pipeline.manifest import read_manifest
from pipeline.persons.keyfile import key_path
from pipeline.records import Coding
from pipeline.retraining.building import make_private
from pipeline.retraining.withdrawn import withdrawn
from pipeline.settings import KINDS, Settings, shipped_model
from pipeline.transformer.needs import DEEP as NEEDED
from pipeline.transformer.needs import require

POINTER, IN_USE = "current.json", "model"
RECORD = "training.json"
STEM, DEEP = "fast-nl", "deep-nl"
_NAME = re.compile(rf"(?:{STEM}|{DEEP})-([1-9][0-9]{{0,5}})")


@dataclass(frozen=True)
class Version:
    """A model of the study. `description` is its `model.json`; `record` its `training.json`, empty for the model that
    ships."""

    name: str
    folder: Path
    description: dict[str, Any]
    record: dict[str, Any]

    def is_of(self, kind: str, encoder: str | None) -> bool:
        """Whether it is fast or deep, as `kind` says, and fine-tuned from `encoder` or not at all."""
        layer = self.description.get("layer") or {}
        return self.name.startswith(kind) and layer.get("encoder") == encoder


def study_of(settings: Settings, out: Path) -> str:
    """What the study with its results in `out` is called: as its settings or the last run say. Raises CodeboomError."""
    manifest = read_manifest(out)
    ran = manifest.settings.get("study") if manifest else None
    name = settings.study or ran
    if ran and name != ran:
        raise CodeboomError(f"{out}: was coded as another study than these settings name. Give its own settings.")
    if not isinstance(name, str):
        raise CodeboomError(
            f"{out}: no finished run of this study here. Code the interviews first, `codeboom run FOLDER`, or give the "
            "study's settings with --study."
        )
    return name


def models_folder(settings: Settings, study: str, out: Path) -> Path:
    """Where the versions of `study` are: beside its key, never inside the output folder `out`. Raises KeyFileError."""
    name = "models" if settings.key is None else f"models-{study}"  # a key of her choice may lie beside another study's
    return key_path(study, out, settings.key).with_name(name)


def is_fixed(settings: Settings) -> bool:
    """Whether the settings name a model folder, which every run then uses; not a kind of model, `fast` or `deep`."""
    return "model" in settings.model_fields_set and settings.kind is None


def model_in_use(settings: Settings, study: str, out: Path) -> Path:
    """The folder of the model in use: what the settings name; else the version taken into use, of the kind that they
    ask for; else what ships.

    Raises ModelError when the version is not there, or it cannot be told which it is.
    """
    if is_fixed(settings):
        return settings.model
    folder = models_folder(settings, study, out)
    name = _pointers(folder).get(settings.kind or IN_USE, f"{settings.kind or 'fast'}-nl")
    found = folder / name if _NAME.fullmatch(name) else shipped_model(name.removesuffix("-nl"))
    if not (found / "model.json").is_file():
        raise ModelError(f"{found}: the model in use is not there. Choose another: `codeboom models use NAME`.")
    return found


def with_model_in_use(settings: Settings, study: str, out: Path) -> Settings:
    """The settings with the model in use as their model. Raises ModelError."""
    return settings.model_copy(update={"model": model_in_use(settings, study, out)})


def read_versions(settings: Settings, study: str, out: Path) -> list[Version]:
    """The models that ship, and every version of the study, the oldest first; those that cannot be read (damaged, or
    of another version of Codeboom) are left out, so that another can be chosen. Raises ModelError where the model that
    ships cannot be read."""
    first = settings.model if is_fixed(settings) else shipped_model("fast")
    found = [Version(first.name, first, read_description(first), {})]
    deep = shipped_model("deep")
    if (deep / "model.json").is_file():
        with suppress(ModelError):
            found.append(Version(DEEP, deep, read_description(deep), {}))
    folder = models_folder(settings, study, out)
    for name in _names(folder):
        with suppress(ModelError):
            found.append(read_version(folder / name))
    return found


def unreadable(settings: Settings, study: str, out: Path) -> list[str]:
    """The names of the versions that `read_versions` leaves out."""
    names = {version.name for version in read_versions(settings, study, out)}
    return [name for name in _names(models_folder(settings, study, out)) if name not in names]


def read_version(folder: Path) -> Version:
    """The version in `folder`; its record is empty where it has none. Raises ModelError."""
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if not isinstance(record, dict) or not all("segment" in entry for entry in record.get("labels", ())):
            raise ValueError
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: damaged. Put back a copy of this version, or remove its folder.") from error
    return Version(folder.name, folder, read_description(folder), record)


def learnt_from(folder: Path) -> frozenset[str]:
    """The interviews of the study that the model in `folder` was trained on; none for the model that ships, or where
    the record cannot be read."""
    try:
        return frozenset(read_version(folder).record.get("interviews", ()))
    except ModelError:
        return frozenset()


def segments_learnt(folder: Path) -> frozenset[str]:
    """The same by segment: the ids of those that were judged."""
    try:
        return frozenset(entry["segment"] for entry in read_version(folder).record.get("labels", ()))
    except ModelError:
        return frozenset()


def all_learnt_from(settings: Settings, out: Path) -> dict[str, frozenset[str]]:
    """What `learnt_from` says of each model of the study, by its name as a coder; empty where that cannot be told."""
    with suppress(CodeboomError):
        found = read_versions(settings, study_of(settings, out), out)
        return {version.description["name"]: learnt_from(version.folder) for version in found}
    return {}


def keep_earlier(learnt: Collection[str], now: Sequence[Coding], before: Sequence[Coding]) -> list[Coding]:
    """The codings `now`, but of the segments that the model learnt from what an earlier model said, for that one had
    not seen their labels; what nobody scored yet (a new open code) comes from the model in use."""
    earlier = {(coding.segment_id, coding.code): coding for coding in before if coding.segment_id in learnt}
    return [earlier.get((coding.segment_id, coding.code), coding) for coding in now]


def use(settings: Settings, study: str, out: Path, name: str) -> Version:
    """Take a version into use; the next run codes with it. Where the settings ask for a kind of model, only the one of
    that kind changes. Raises ModelError when there is none of that name, when the settings name a model themselves, and
    for a deep model of which the extra is not installed."""
    refuse_fixed(settings)
    if settings.kind and not name.startswith(settings.kind):
        raise ModelError(f"The study's settings say `model: {settings.kind}`. Change that line to use {name}.")
    known = {version.name: version for version in read_versions(settings, study, out)}
    if name not in known:
        raise ModelError(f"There is no model {name}. There are: {', '.join(known)}.")
    if (known[name].description.get("layer") or {}).get("kind") == "gemma":
        require("deep", NEEDED)
    folder = models_folder(settings, study, out)
    if withdrew := learnt_from(known[name].folder) & withdrawn(folder):
        raise ModelError(
            f"{name} learnt from {', '.join(sorted(withdrew))}, whose respondent withdrew. Choose another model, and "
            f"remove the folder {known[name].folder}."
        )
    make_private(folder)
    point_at(name, folder / POINTER, settings, folder)
    for version in _names(folder):
        with suppress(FileNotFoundError):
            (folder / version / POINTER).unlink()
    return known[name]


def point_at(name: str, path: Path, settings: Settings, folder: Path) -> None:
    """Write to `path` that the model `name` is in use, with what else `folder` says of models in use. Raises
    OutputError."""
    try:
        pointers = _pointers(folder)
    except ModelError:  # this mends it
        pointers = {}
    kind = name.split("-")[0]
    if settings.kind is None or pointers.get(IN_USE, STEM).startswith(kind):
        pointers[IN_USE] = name
    write_atomic(path, (json.dumps({**pointers, kind: name}) + "\n").encode(), mode=0o600)


def refuse_fixed(settings: Settings) -> None:
    """Raise ModelError where the settings name a model: then nothing else can be taken into use."""
    if is_fixed(settings):
        raise ModelError(
            f"The study's settings name a model ({settings.model}), which every run uses. Take the line `model:` out "
            "of them, or say fast or deep; then retrain, or choose a version."
        )


def next_name(folder: Path, kind: str) -> str:
    """What the next version is called, of the kind `fast` or `deep`; both are counted on together."""
    return f"{kind}-nl-{max(map(_number, _names(folder)), default=1) + 1}"


def _pointers(folder: Path) -> dict[str, str]:
    """The name of the model in use, and of the one of each kind, as far as they were ever chosen."""
    path = next(
        (own for name in reversed(_names(folder)) if (own := folder / name / POINTER).is_file()), folder / POINTER
    )
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        names = {key: found[key] for key in (IN_USE, *KINDS) if key in found}
        if not isinstance(found, dict) or not names:
            raise ValueError
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        names = {IN_USE: None}
    if any(not isinstance(name, str) or not (name in (STEM, DEEP) or _NAME.fullmatch(name)) for name in names.values()):
        raise ModelError(f"{path}: does not say which model is in use. Choose one: `codeboom models use NAME`.")
    return names


def _names(folder: Path) -> list[str]:
    """The versions in `folder`, the oldest first."""
    found = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted((name for name in found if _NAME.fullmatch(name)), key=_number)


def _number(name: str) -> int:
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else 0
