"""Whether a new version of the model is taken into use, and why, in sentences for the researcher."""

from collections.abc import Collection, Sequence
from pathlib import Path

from pipeline.retraining.compare import MARGIN, Comparison
from pipeline.retraining.versions import Version


def decide(
    parent: Version,
    compared: Comparison | None,
    new_codes: Sequence[str],
    shared: bool,
    withdrew: Collection[str],
) -> tuple[bool, str]:
    """Whether the new version is taken into use, and why, as a sentence. `new_codes` are those of the codebook that the
    model in use does not know; `shared` says whether there are others. `withdrew` are interviews that it learnt from,
    and whose respondents withdrew: it may not stay in use, however good it was."""
    if withdrew:
        return True, _withdrew(parent.name, withdrew)
    if compared is None:
        why = "There is too little to compare on yet (that takes two validated interviews)"
        if new_codes and not shared:
            return True, f"{why}; but {parent.name} knows none of the {len(new_codes)} code(s) of the codebook."
        return False, f"{why}, so that it cannot be known what is better."
    if not any(pair.both for pair in compared.codes):
        return True, "No code that both models know was given yet, so that there is nothing to compare."
    figures = f"mean kappa {compared.new:.3f} against {compared.old:.3f} of {parent.name}, on the same interviews"
    if compared.better:
        return True, f"It is better: {figures}."
    if new_codes and compared.not_worse:
        return True, f"It is not worse, and knows {len(new_codes)} code(s) that {parent.name} does not: {figures}."
    if compared.old - compared.new >= MARGIN:
        return False, f"It is worse: {figures}."
    return False, (
        f"The difference is too small to tell from chance (less than {MARGIN:.2f}): {figures}. The next retraining "
        "builds on all that you validated, and may gain more."
    )


def taught(why: str, parent: Version, new_codes: Sequence[str], possible: bool) -> str:
    """Why a version that was not better on the codes that both know is in use all the same, taught new codes only; or
    why that is not `possible`."""
    what = f"{why} But {parent.name} does not know {len(new_codes)} code(s) of the codebook"
    if not possible:
        return (
            f"{what}, and what it learnt the others from is not on this computer: the new model would know those from "
            "their definitions alone."
        )
    return (
        f"{what}, which need not wait: what you validated since taught the new model those alone; on the rest it is as "
        f"{parent.name}."
    )


def lacking(out: Path, parent: Version, interviews: Collection[str], ships: str) -> str:
    """Why a model that learnt from interviews about which nothing is decided here cannot be built on. `ships` is the
    name of the model to go back to."""
    return (
        f"{parent.name} learnt from {', '.join(sorted(interviews))}, and {out} holds no decisions about that, so that "
        "it cannot be compared. Retrain in the folder where it was validated. If a respondent withdrew: `codeboom "
        "forget INTERVIEW --yes`. If those decisions are gone for good, go back to a model that did not learn from "
        f"them, `codeboom models use {ships}`; then retrain."
    )


def _withdrew(parent: str, interviews: Collection[str]) -> str:
    return (
        f"{parent} learnt from {', '.join(sorted(interviews))}, whose respondent withdrew. Remove the folder of that "
        "version too."
    )


def known_already(version: str, parent: str, withdrew: Collection[str]) -> str:
    """Why nothing is trained where `version` learnt from exactly what stands now, with `parent` in use; or was, where
    respondents `withdrew`."""
    if withdrew and version != parent:
        return (
            f"{version}, which was trained on exactly this, is in use now: {_withdrew(parent, withdrew)} Next: run the "
            "pipeline again."
        )
    if version == parent:
        return f"Nothing was validated since {version} was trained, so nothing was done."
    return (
        f"{version} was trained on exactly this, and {parent} is in use. Nothing was done. To take it into use: "
        f"codeboom models use {version}."
    )
