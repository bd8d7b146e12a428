"""What the format cannot say about a segment, as a memo of the coder: read to the end, in doubt, codes refused, and
open codes that it was not read for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.decisions.records import Judgement

_PREFIX = "Codeboom: wat er bekeken is door "
_HEAD = "Codeboom leest deze notitie terug. Laat haar staan zoals zij is."
_DONE, _DOUBT, _NO, _UNREAD = "bekeken", "twijfel", "niet ", "niet bekeken op "


@dataclass(slots=True)
class Verdicts:
    """What a memo says of one segment: two flags, the ids of codes refused, and of codes it was not read for."""

    done: bool = False
    doubt: bool = False
    refused: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def verdicts_name(coder: str) -> str:
    """The name of the memo, by which it is known again."""
    return _PREFIX + coder


def is_verdicts(name: str) -> bool:
    """Whether a memo of this name is one of ours; other programs may put a number or folder before it."""
    return _PREFIX.strip() in name


def compose_verdicts(standing: Mapping[str, Judgement], unread: Mapping[str, Sequence[str]]) -> str:
    """The memo, a line for each segment of which there is something to say; "" when there is nothing. `unread` are the
    open codes that a segment was not read for."""
    lines = []
    for segment_id, judgement in sorted(standing.items()):
        refused = [code for code, given in judgement.codes.items() if not given]
        flags = [word for word, on in ((_DONE, judgement.done), (_DOUBT, judgement.doubt)) if on]
        later = unread.get(segment_id, ()) if judgement.done else ()
        if flags or refused:
            codes = [*(_NO + code for code in refused), *(_UNREAD + code for code in later)]
            lines.append(f"{segment_id}: " + "; ".join([*flags, *codes]))
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
            if word.startswith(_UNREAD):
                verdicts.unread.append(word.removeprefix(_UNREAD).strip())
            elif word.startswith(_NO):
                verdicts.refused.append(word.removeprefix(_NO).strip())
        if verdicts.done or verdicts.doubt or verdicts.refused:
            found[segment_id] = verdicts
    return found
