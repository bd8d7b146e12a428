"""Turns: what one respondent says until someone else really takes the floor, and the question that was asked before.

A backchannel ("hm hm", "ja, precies") does not take the floor: the turn it falls into goes on.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.records import SafeUtterance

BACKCHANNELS = frozenset(
    "ah aha ach goed goh hm hmm hè ho ja jaja jawel jep juist klopt leuk mhm mm mooi nee nou o oh oja ok oke oké okay"
    " okee precies prima snap right sure tof tuurlijk uh uhm eh ehm euh uhu wauw wow yes zeker duidelijk exact".split()
)
"""Words of which a turn that only signals listening consists."""

BACKCHANNEL_WORDS = 4
PAUSE_MS = 1500
"""Where speakers are unknown, a silence of this length may be a change of speaker."""

QUESTION_WORDS = 60
"""The end of a long question says what is asked; the beginning of it is introduction."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The utterances of one respondent's turn, in order, and the question before it ("" where there is none)."""

    utterances: tuple[SafeUtterance, ...]
    question: str


def words(text: str) -> list[str]:
    """The words of `text`, in lower case, without punctuation; a pseudonym counts as one word."""
    return re.findall(r"\[[^\]]*\]|[\w'’-]+", text.lower())


def is_backchannel(text: str) -> bool:
    """Whether `text` only signals listening: a few words, all of them backchannels, and no question."""
    found = words(text)
    return len(found) <= BACKCHANNEL_WORDS and "?" not in text and all(word in BACKCHANNELS for word in found)


def turns(utterances: Sequence[SafeUtterance]) -> list[Turn]:
    """The respondents' turns of one interview, in order of their beginning.

    Every utterance that is not the interviewer's is in exactly one turn. A paragraph of a document is a turn of
    its own. Where no speakers are known, a pause or a question ends a turn, and is the question of what follows.
    """
    result: list[Turn] = []
    talk: list[SafeUtterance] = []
    asked: list[str] = []
    question = ""
    aside: list[SafeUtterance] = []  # another respondent's backchannels, which may not break the turn

    def close() -> None:
        nonlocal question
        if talk:
            result.append(Turn(tuple(talk), question))
            if talk[-1].role == "unknown" and talk[-1].text.endswith("?"):
                question = _question([talk[-1].text], question)
        result.extend(Turn((utterance,), question) for utterance in aside)
        talk.clear()
        aside.clear()

    for utterance in utterances:
        if utterance.role == "interviewer":
            if is_backchannel(utterance.text):
                continue
            if talk and not _only_listening(talk):
                asked.clear()  # the respondent has answered: what follows is a new question
            close()
            asked.append(utterance.text)
            question = _question(asked, question)
        elif not talk or _goes_on(talk[-1], utterance):
            talk.append(utterance)
        elif utterance.role == "respondent" and is_backchannel(utterance.text):
            aside.append(utterance)
        else:
            close()
            talk.append(utterance)
    close()
    return sorted(result, key=lambda turn: turn.utterances[0].number)


def _goes_on(before: SafeUtterance, after: SafeUtterance) -> bool:
    """Whether `after` belongs to the turn that `before` is in."""
    if after.role == before.role == "respondent":
        return after.speaker == before.speaker
    if not after.role == before.role == "unknown" or before.text.endswith("?"):
        return False
    return before.end_ms is not None and after.start_ms is not None and after.start_ms - before.end_ms <= PAUSE_MS


def _only_listening(talk: Iterable[SafeUtterance]) -> bool:
    return is_backchannel(" ".join(utterance.text for utterance in talk))


def _question(asked: Sequence[str], previous: str) -> str:
    """What the interviewer asked last: the end of her latest talk; a short remark leaves the question standing."""
    text = " ".join(asked)
    if "?" not in text and len(words(text)) < BACKCHANNEL_WORDS and previous:
        return previous
    parts = text.split()
    if len(parts) <= QUESTION_WORDS:
        return text
    tail = " ".join(parts[-QUESTION_WORDS:])
    starts = [m.end() for m in re.finditer(r"[.?!]\s+(?=[A-Z\[])", tail)]
    # Begin at a sentence where that leaves the better part of it.
    begin = next((start for start in starts if start < len(tail) / 2), 0)
    return f"… {tail[begin:]}"
