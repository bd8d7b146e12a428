"""Which coders are compared: those that were named, or all; each once, and no two of one name."""

import unicodedata
from collections.abc import Sequence
from itertools import combinations

from pipeline.agreement.units import Coder
from pipeline.errors import CodeboomError

MODEL = "model"
"""What the model may be called on the command line, whatever its version."""


def choose(coders: Sequence[Coder], names: Sequence[str] | None, blind: bool = False) -> tuple[Coder, ...]:
    """The coders called so, in that order, or all of them; "model" is the model, whatever its versions, and the name of
    one version is that version alone. A name is found however it is spelled, but as it is spelled first.

    Raises CodeboomError for a name that no coder has or that fits two, fewer than two coders, and two coders of one
    name among those to compare.
    """
    known = [one for coder in coders for one in (coder, *coder.parts)]
    there = ", ".join(coder.name for coder in known) or "none"
    if blind:
        there += " (of persons, only who judged something blind)"
    chosen: list[Coder] = []
    for coder in coders if names is None else (_called(name, known, there) for name in names):
        if not any(coder is other for other in chosen):
            chosen.append(coder)
    if len(chosen) < 2:
        raise CodeboomError(
            f"Agreement is between two coders or more. Coders here: {there}. Validate with `codeboom review` or "
            "`codeboom import-validated`, or give a table of codings with --codings."
        )
    for one, other in combinations((one for coder in chosen for one in (coder, *coder.parts)), 2):
        if one is not other and _plain(one.name) == _plain(other.name):
            raise _clash(one, other)
    return tuple(chosen)


def _called(name: str, known: Sequence[Coder], there: str) -> Coder:
    """The coder with this name."""
    alike = [coder for coder in known if _plain(coder.name) == _plain(name)]
    if not alike and _plain(name) == MODEL:
        alike = [coder for coder in known if coder.kind == "model"][:1]
    exact = [coder for coder in alike if coder.name == name]
    match exact or alike:
        case [coder]:
            return coder
        case [one, other, *_]:
            raise _clash(one, other)
        case _:
            raise CodeboomError(f"There is no coder {name}. Coders here: {there}. Choose with --coders.")


def _plain(name: str) -> str:
    """A name without what makes it look otherwise: capitals, blanks, and letters composed in another way."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _clash(one: Coder, other: Coder) -> CodeboomError:
    if one.kind == other.kind == "person":
        return CodeboomError(
            f"{one.name} and {other.name} are one name, spelled in two ways in the store of decisions, and would count "
            "as two coders. Name whom to compare with --coders, each spelled as it is here."
        )
    return CodeboomError(
        f"Two coders are called {other.name}: one in a table, another in the store of decisions, the model or a second "
        "table. Rename one in the column coder of the table, or name others with --coders."
    )
