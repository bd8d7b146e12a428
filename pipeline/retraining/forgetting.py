"""What a study's models hold of an interview that is to be forgotten."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import CodeboomError
from pipeline.retraining.versions import (
    learnt_from,
    model_in_use,
    models_folder,
    read_versions,
    study_of,
    unreadable,
)
from pipeline.settings import Settings

_AGAIN = "run `codeboom retrain`, which then leaves it out, and remove the folders of those that learnt from it"


@dataclass(frozen=True)
class Models:
    """The models in `folder`, None where it cannot be told which study this is: the names of those that `learnt` from
    the interview, of those that are `unreadable`, and of the one in use ("" where it is not there)."""

    folder: Path | None
    learnt: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    used: str = ""

    @property
    def line(self) -> str:
        """What the researcher must know and do, in a sentence."""
        if self.folder is None:
            return (
                "models that were retrained on decisions about it (which could not be looked up here; with the study's "
                f"settings, --study, they can): {_AGAIN}"
            )
        doubt = f"; {', '.join(self.unreadable)} cannot be read and may have" if self.unreadable else ""
        if not self.learnt:
            none = "none of those in" if self.folder.is_dir() else "there are none of this study, as they would be in"
            return f"models: {none} {self.folder} learnt from it{doubt}; backups of others may have"
        in_use = f"; {self.used} is in use" if self.used in self.learnt else ""
        return f"models: {', '.join(self.learnt)} in {self.folder} learnt from it{in_use}{doubt}: {_AGAIN}"


def models_with(settings: Settings, out: Path, interview: str) -> Models:
    """The study's models, as far as `interview` is in them. Raises CodeboomError, also where the settings name another
    study than the one with its results in `out`."""
    try:
        study = study_of(settings, out)
    except CodeboomError:
        if settings.study:
            raise
        return Models(None)
    used = ""
    with suppress(CodeboomError):
        used = model_in_use(settings, study, out).name
    learnt = [one.name for one in read_versions(settings, study, out) if interview in learnt_from(one.folder)]
    folder = models_folder(settings, study, out)
    return Models(folder, tuple(learnt), tuple(unreadable(settings, study, out)), used)
