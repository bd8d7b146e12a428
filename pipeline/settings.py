"""A study's settings: one immutable object, unknown keys refused, all errors at once.

Paths in the settings file are relative to that file, so that a study's folder can be moved as a whole.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from pipeline.codebook import describe, load_yaml
from pipeline.errors import SettingsError
from pipeline.files import sha256

ROOT = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """A folder that ships with Codeboom (`models`, `codebook`): in a checkout, or inside an installed wheel."""
    installed = Path(__file__).resolve().parent / f"_{name}"
    return installed if installed.is_dir() else ROOT / name


def shipped_model(kind: str) -> Path:
    """The folder of a model that ships, `fast` or `deep`."""
    return shipped("models") / f"{kind}-nl"


def _named_model(value: object) -> object:
    return shipped_model(str(value)) if value in KINDS else value


KINDS = ("fast", "deep")


class Settings(BaseModel):
    """What a study decides. Every setting has a default, so that a folder of transcripts is enough to start.

    `study` names the pseudonym key, so that it stays the same when folders move. `model` is a folder, or `fast` or
    `deep` for one that ships and what retraining makes of it; with `encoder`, a folder or a hub's id, retraining makes
    deep models that are fine-tuned from that. `text` is the talk that is
    segmented and coded: `verbatim`, or `clean` without hesitations and immediate repeats. `min_words` and
    `max_words` bound a segment. `names_model` is the finder of names that nobody listed; `extra_names` is a text file
    with one more person's name a line; `extra_terms` one with organisations, places and functions that are to be
    replaced as well (`kind: term` a line). `pseudonyms` of those who are only spoken of are numbers, `[Collega 3]`, or
    invented names, `[Marijn]`; who has one keeps it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")] | None = None
    codebook: Path = Field(default_factory=lambda: shipped("codebook"))
    model: Annotated[Path, BeforeValidator(_named_model)] = Field(default_factory=lambda: shipped_model("fast"))
    encoder: str | None = None
    names_model: Path = Field(default_factory=lambda: shipped("models") / "names-nl")
    extra_names: Path | None = None
    extra_terms: Path | None = None
    pseudonyms: Literal["numbered", "invented"] = "numbered"
    key: Path | None = None
    text: Literal["verbatim", "clean"] = "verbatim"
    min_words: Annotated[int, Field(ge=1, le=200)] = 12
    max_words: Annotated[int, Field(ge=10, le=1000)] = 70

    @property
    def kind(self) -> str | None:
        """Which kind of model the study asks for by name; None where it leaves that open, or names a folder."""
        return next((k for k in KINDS if "model" in self.model_fields_set and self.model == shipped_model(k)), None)

    @model_validator(mode="after")
    def _bounds(self) -> "Settings":
        if self.max_words < 2 * self.min_words:
            raise ValueError("max_words is at least twice min_words, or there is no room to cut")
        return self


def study_id(settings: Settings, folder: Path | None) -> str:
    """What the study is called, for its key: as the settings say, else after its folder of transcripts."""
    return settings.study or f"study-{sha256(str(folder.resolve()).encode() if folder else b'')[:12]}"


def read_settings(path: Path | None) -> Settings:
    """The settings in a YAML file, or the defaults when `path` is None.

    Raises SettingsError, which lists everything that is wrong.
    """
    if path is None:
        return Settings()
    if not path.is_file():
        raise SettingsError(f"{path}: no such settings file. Leave STUDY away to use the defaults.")
    try:
        settings = Settings.model_validate(load_yaml(path) or {})
    except ValidationError as error:
        listed = "\n".join(f"  {line}" for line in describe(error))
        raise SettingsError(f"{path}: {error.error_count()} setting(s) to mend:\n{listed}") from error
    except ValueError as error:
        raise SettingsError(str(error)) from error
    base = path.resolve().parent
    resolved: dict[str, Path] = {
        name: base / value
        for name in ("codebook", "model", "names_model", "extra_names", "extra_terms", "key")
        if isinstance(value := getattr(settings, name), Path) and name in settings.model_fields_set
    }
    if settings.encoder and (base / settings.encoder).is_dir():  # else it is the id of a model on a hub
        return settings.model_copy(update={**resolved, "encoder": str(base / settings.encoder)})
    return settings.model_copy(update=resolved)
