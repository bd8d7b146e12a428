"""What retraining takes from the store: of each judged segment the codes that are known to belong to it, and not to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook
from pipeline.decisions.records import Done, Judged, Judgement
from pipeline.decisions.store import Store


@dataclass(frozen=True, slots=True)
class Known:
    """One judged text, and the ids of the codes of the codebook that it carries, does not carry, and the rest."""

    judged: Judged
    positive: frozenset[str]
    negative: frozenset[str]
    unknown: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """A code on which as many coders say yes as no."""

    segment_id: str
    code: str
    yes: tuple[str, ...]
    no: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """The judged segments by segment_id, and what the coders must settle first."""

    segments: Mapping[str, Known]
    conflicts: tuple[Conflict, ...]


def labels(store: Store, codebook: Codebook, coders: Sequence[str] | None = None) -> Labels:
    """What `coders` (by default all) say together of every segment that one of them judged, on the codes of `codebook`.

    A code is known when most of those who say something about it agree; equally many is a conflict, and unknown. A
    coder who judged a whole segment refuses the codes not given, except while in doubt about it, and except open codes
    that nobody had used yet, or that the coder could not choose. What nobody looked at says nothing.
    """
    opened = open_codes(codebook, store.first_used())
    votes: dict[str, dict[str, tuple[list[str], list[str]]]] = {}
    for coder in store.coders() if coders is None else coders:
        done_at = store.done_at(coder)
        for segment_id, judgement in store.judgements(coder).items():
            later = unread(opened, done_at.get(segment_id))
            asked = [code for code in codebook.ids if code not in later]
            for code, given in _votes(judgement, asked).items():
                yes, no = votes.setdefault(segment_id, {}).setdefault(code, ([], []))
                (yes if given else no).append(coder)
    texts = store.judged()
    known = {segment_id: _known(texts[segment_id], found, codebook) for segment_id, found in votes.items()}
    conflicts = tuple(
        Conflict(segment_id, code, tuple(yes), tuple(no))
        for segment_id, found in votes.items()
        for code, (yes, no) in found.items()
        if len(yes) == len(no) and code in codebook.ids
    )
    return Labels({key: one for key, one in known.items() if one.positive or one.negative}, conflicts)


def open_codes(codebook: Codebook, first_used: Mapping[str, int]) -> dict[str, int | None]:
    """The open codes of the codebook, each with the number of the decision that first used it; None for none yet."""
    return {code.id: first_used.get(code.id) for code in codebook.codes if code.origin == "open"}


def unread(opened: Mapping[str, int | None], done: Done | None) -> list[str]:
    """The open codes for which a segment was not read: those that nobody had used when it was last `done`, and those
    that could not be chosen then. Of these, being done refuses none."""
    at_for = (done or Done(0)).at_for
    return [code for code, first in opened.items() if first is None or first >= at_for(code)]


def _votes(judgement: Judgement, asked: Sequence[str]) -> dict[str, bool]:
    """What one coder says of each code; nothing of the codes that are left out. `asked` are the codes that the coder
    could have given."""
    implied = dict.fromkeys(asked, False) if judgement.done and not judgement.doubt else {}
    return {**implied, **judgement.codes}


def _known(judged: Judged, votes: Mapping[str, tuple[list[str], list[str]]], codebook: Codebook) -> Known:
    positive = frozenset(code for code, (yes, no) in votes.items() if len(yes) > len(no) and code in codebook.ids)
    negative = frozenset(code for code, (yes, no) in votes.items() if len(no) > len(yes) and code in codebook.ids)
    return Known(judged, positive, negative, frozenset(codebook.ids) - positive - negative)
