"""The card of a retrained version: what it was made from, how it compares, and how confidential it is."""

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pipeline.retraining.compare import Comparison, Pair

if TYPE_CHECKING:
    from pipeline.retraining.retrain import Retrained

_CARD = """\
# {name}

A model of this study, made by `codeboom retrain` on {date} from `{parent}`.

**As confidential as the interviews.** Its vocabulary and weights come from their pseudonymised talk. Keep it where the
interviews are kept, do not share it, and remove it when a respondent that it learnt from withdraws.

- Learnt from {segments} validated segments of {interviews};{sample}
- conflicts between coders that were left out: {conflicts};
- hash of all it learnt from: `{data}`.

**{decision}** {reason}

## Compared with {parent}

{compared}
## Labels

| code | validated segments |
|---|---|
{counts}
"""


def card(done: "Retrained", counts: Mapping[str, int], data: str) -> str:
    """The card as Markdown."""
    sample = " and from the interviews and passages that ship with Codeboom;" if done.with_sample else ""
    return _CARD.format(
        name=done.version,
        date=datetime.date.today().isoformat(),
        parent=done.parent,
        segments=done.segments,
        interviews=", ".join(done.interviews) or "no interview",
        sample=sample or " the codebook; nothing else that ships;",
        conflicts=done.conflicts,
        data=data,
        decision="Taken into use." if done.promoted else "Not taken into use.",
        reason=done.reason,
        compared=_tables(done.compared),
        counts="\n".join(f"| `{code}` | {number} |" for code, number in counts.items()),
    )


def _tables(compared: Comparison | None) -> str:
    if compared is None:
        return "Not compared.\n"
    return (
        "Each validated interview coded by models that never saw it (`codeboom models compare` makes it again). Where "
        "there were two ways to train, the way was chosen on the other interviews.\n\n"
        + _table("code", compared.codes)
        + "\n"
        + _table("interview", compared.interviews)
    )


def _table(what: str, pairs: tuple[Pair, ...]) -> str:
    lines = [f"| `{p.name}` | {p.positives} | {p.old:.2f} | {p.new:.2f} |" for p in pairs]
    return "\n".join([f"| {what} | codes given | κ before | κ |", "|---|---|---|---|", *lines]) + "\n"
