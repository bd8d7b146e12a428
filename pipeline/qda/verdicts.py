"""What the format cannot say about a segment, as a memo of the coder: read to the end, in doubt, codes refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.decisions.records import Judgement

_PREFIX = "Codeboom: wat er bekeken is door "
_HEAD = "Codeboom leest deze notitie terug. Laat haar staan zoals zij is."
_DONE, _DOUBT, _NO = "bekeken", "twijfel", "niet "


@dataclass(slots=True)
class Verdicts:
    """What a memo says of one segment: the ids of codes that were refused, and two flags."""

    done: bool = False
    doubt: bool = False
    refused: list[str] = field(default_factory=list)


def verdicts_name(coder: str) -> str:
    """The name of the memo, by which it is known again."""
    return _PREFIX + coder


def is_verdicts(name: str) -> bool:
    """Whether a memo of this name is one of ours; other programs may put a number or folder before it."""
    return _PREFIX.strip() in name


def compose_verdicts(standing: Mapping[str, Judgement]) -> str:
    """The memo, a line for each segment of which there is something to say; "" when there is nothing."""
    lines = []
    for segment_id, judgement in sorted(standing.items()):
        refused = [code for code, given in judgement.codes.items() if not given]
        flags = [word for word, on in ((_DONE, judgement.done), (_DOUBT, judgement.doubt)) if on]
        if flags or refused:
            lines.append(f"{segment_id}: " + "; ".join([*flags, *(_NO + code for code in refused)]))
    return "\n".join([_HEAD, *lines]) if lines else ""


def parse_verdicts(text: str) -> dict[str, Verdicts]:
    """What a memo says, by segment id; lines that say nothing of the kind are passed over."""
    found: dict[str, Verdicts] = {}
    for line in text.splitlines():
        segment_id, separator, said = line.strip().partition(": ")
        if not separator or " " in segment_id:
            continue
        verdicts = Verdicts()
        for word in said.split("; "):
            verdicts.done |= word == _DONE
            verdicts.doubt |= word == _DOUBT
            if word.startswith(_NO):
                verdicts.refused.append(word.removeprefix(_NO).strip())
        if verdicts.done or verdicts.doubt or verdicts.refused:
            found[segment_id] = verdicts
    return found
