"""Whether a new version of the model is taken into use, and why, in sentences for the researcher."""

from collections.abc import Collection, Sequence
from pathlib import Path

from pipeline.retraining.compare import MARGIN, Comparison
from pipeline.retraining.versions import STEM, Version


def decide(
    parent: Version, compared: Comparison | None, new_codes: Sequence[str], withdrew: Collection[str]
) -> tuple[bool, str]:
    """Whether the new version is taken into use, and why, as a sentence. `withdrew` are interviews that the model in
    use learnt from, and whose respondents withdrew: it may not stay in use, however good it was."""
    if withdrew:
        return True, (
            f"{parent.name} learnt from {', '.join(sorted(withdrew))}, whose respondent withdrew. Remove the folder of "
            "that version too."
        )
    if compared is None:
        why = "There are fewer than two validated interviews to compare on"
        if new_codes:
            return True, (
                f"{why}; but {parent.name} does not know {len(new_codes)} code(s) of the codebook, and what you "
                "validated since taught only those."
            )
        return False, f"{why}, so that {parent.name} stays in use until it is known what is better."
    if not any(pair.both for pair in compared.codes):
        return True, "No code that both models know was given, so that nothing can have become worse."
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


def lacking(out: Path, parent: Version, interviews: Collection[str]) -> str:
    """Why a model that learnt from interviews about which nothing is decided here cannot be built on."""
    return (
        f"{parent.name} learnt from {', '.join(sorted(interviews))}, and {out} holds no decisions about that, so that "
        "it cannot be compared. Retrain in the folder where it was validated. If a respondent withdrew: `codeboom "
        "forget INTERVIEW --yes`. If those decisions are gone for good, go back to a model that did not learn from "
        f"them, `codeboom models use {STEM}`; then retrain."
    )


def known_already(version: str, parent: str) -> str:
    """Why nothing is trained where `version` learnt from exactly what stands now, with `parent` in use."""
    if version == parent:
        return f"Nothing was validated since {version} was trained, so nothing was done."
    return (
        f"{version} was trained on exactly this, and {parent} is in use. Nothing was done. To take it into use: "
        f"codeboom models use {version}."
    )
