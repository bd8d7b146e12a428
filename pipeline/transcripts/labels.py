"""Find who speaks in `Naam: tekst`, without taking prose with a colon for a speaker.

One line alone never decides. A line can hold a label only if the label looks like a name or a role; labels are
accepted for the file as a whole, when they recur and cover enough of it.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.transcripts.times import offset

_LONGEST = 60
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_TIME_ALONE = re.compile(rf"[\[(]?({_CLOCK})[\])]?$")
_TIME_FIRST = re.compile(rf"(?:[\[(]({_CLOCK})[\])]|({_CLOCK}))[ \t]*(?:-[ \t]+)?(?=\S)")
_TIME_BEHIND_LABEL = re.compile(rf"[\[(]({_CLOCK})[\])][ \t]?:")
_TIME_IN_TEXT = re.compile(rf"[\[(]({_CLOCK})[\])][ \t]*")
_BRACKETED = re.compile(rf"\[([^\[\]:]{{1,{_LONGEST}}})\][ \t]?:")

_ROLE = re.compile(
    r"(?:spreker|speaker|interviewer|interviewee|geïnterviewde|respondent|deelnemer|participant|moderator|"
    r"onderzoeker)(?:[ _.-]?\d{1,3})?$|(?:persoon|int|resp|s|p|i|r)[ _.-]?\d{1,3}$",
    re.IGNORECASE,
)
# Words of minutes, letters and speech that stand before a colon and are nobody.
_NOBODY = re.compile(
    r"(?:datum|tijd|tijdstip|locatie|plaats|adres|aanwezig\w*|afwezig\w*|onderwerp\w*|van|aan|cc|bcc|betreft|"
    r"project|actie\w*|besluit\w*|let op|nb|n\.b\.|ps|bijlage\w*|subject|date|time|from|to|audio file|duur|"
    r"functie|interview|titel|conclusie|doel|samenvatting|agenda\w*|opmerking\w*|toelichting|afspraken|notulist|"
    r"voorzitter|telefoon|tel|e-?mail|link|bron|opname|transcript\w*|bijvoorbeeld|kijk|maar|dus|nou|ja|nee|oké|"
    r"ok|want|en|of|ik|dat|namelijk|kortom|punt|eerst|verder|tot slot|https?|"
    r"(?:vraag|stap|punt|thema|hoofdstuk|bijlage|week|fase|deel|optie|stelling|tabel|figuur|paragraaf)"
    r"[ -]?\d+\w?)$",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    "de den der het 't ter ten te van von vom zu da di du del della la le el al bin ibn ben y in op uit bij en".split()
)
# A sentence may start so, and go on with a name: `In Utrecht: daar ...`.
_SENTENCE_STARTS = frozenset(
    "in op uit bij en maar dus want of een ja nee nou die dat dit als dan toen zo wat wie met naar voor over ik "
    "we wij hij zij ze er hier daar".split()
)


class Labelled(NamedTuple):
    """A line that may open a turn: its label, the time written with it (ms or None), and the text after it."""

    label: str
    start_ms: int | None
    text: str


def split_label(line: str) -> Labelled | None:
    """The label, time and text of a line such as `Anna de Vries [00:12]: tekst`, `[SPEAKER_00]: tekst`,
    `00:00:12 S00: tekst`, `S00: [00:00:12] tekst`, or a table's row `Anna de Vries⇥tekst`; None when the line
    cannot open a turn. Brackets around a label are punctuation, not part of it.
    """
    line, time = line.strip(), None
    if (line[:1].isdigit() or line[:1] in ("[", "(")) and (first := _TIME_FIRST.match(line)):
        time, line = first[1] or first[2], line[first.end() :]
    head = line[: _LONGEST + 20]
    if match := _BRACKETED.match(head):
        label, end = match[1], match.end()
    elif (match := _TIME_BEHIND_LABEL.search(head)) and ":" not in head[: match.start()]:
        label, end, time = head[: match.start()], match.end(), match[1]
    else:
        tab, colon = head.find("\t"), head.find(":")
        end = tab if tab > 0 and (colon < 0 or tab < colon) else colon
        label, end = head[: max(end, 0)], end + 1
        if line[end - 1 : end] == ":" and (line[end : end + 1].isdigit() or line.startswith("//", end)):
            return None  # half past ten, or a link
    label = label.strip()
    if not _may_be_label(label):
        return None
    text = line[end:].strip()
    if inner := _TIME_IN_TEXT.match(text):
        time, text = inner[1], text[inner.end() :]
    return Labelled(label, None if time is None else offset(time), text)


def time_alone(line: str) -> int | None:
    """The milliseconds of a line that is nothing but a time, as transcription services put above a turn."""
    match = _TIME_ALONE.match(line.strip()) if len(line) < 60 else None
    return None if match is None else offset(match[1])


def accepted(candidates: Sequence[Labelled | None], unlabelled_turns: bool) -> frozenset[str]:
    """The labels that are speakers in this file; empty when the file has no such turns.

    `candidates` holds one item a line (or cue). Labels are accepted when two that recur cover a fifth of the
    lines, when one does half of them, or when every line has one. `unlabelled_turns` (cues) says that a line
    without label is a turn too, so that even one full name is enough.
    """
    counts = Counter(item.label for item in candidates if item)
    names = {label for label in counts if like_a_speaker(label)}
    if len(candidates) > 1 and len(names) > 1 and sum(counts[label] for label in names) == len(candidates):
        return frozenset(names)
    sure = {label for label in names if counts[label] > 1}
    # Some type every name without a capital.
    sure |= {label for label, count in counts.items() if count > 2 and len(label.split()) < 3}
    sure |= {label for label in names if _ROLE.match(label) and not _in_a_header(label, candidates, sure)}
    covered = sum(counts[label] for label in sure)
    people = {label for label in sure | names if label in sure or not _starts_sentence(label)}
    most = sum(counts[label] for label in people) >= 0.5 * len(candidates)
    # Somebody may speak once, but then by a full name, or where most lines have a label.
    once = {label for label in people if most or len(label.split()) > 1}
    if (len(sure) > 1 and covered >= 0.2 * len(candidates)) or (sure and covered >= 0.5 * len(candidates)):
        first = next(index for index, item in enumerate(candidates) if item and item.label in sure)
        return frozenset(sure | {item.label for item in candidates[first:] if item and item.label in once})
    return frozenset(label for label in once if len(label.split()) > 1) if unlabelled_turns else frozenset()


def like_a_speaker(label: str) -> bool:
    """Whether a label is a role (`Spreker 1`), or has a capital on every word that is no particle:
    `Vries, Anna de (HU)`, `A. in 't Veld`."""
    if not _may_be_label(label):
        return False
    if _ROLE.match(label):
        return True
    if label[0] == "(" or label.count("(") != label.count(")"):
        return False
    words = [word for word in (part.strip("(),.-") for part in label.replace("’", "'").split()) if word]
    return any(word[0].isupper() for word in words) and all(
        word[0].isupper() or word[0].isdigit() or word.lower() in _PARTICLES for word in words
    )


def names_a_participant(item: Labelled) -> bool:
    """Whether a line above the talk says who has a role, by a full name: `Respondent: Joris Smit`."""
    return _ROLE.match(item.label) is not None and len(item.text.split()) > 1 and like_a_speaker(item.text)


def _may_be_label(label: str) -> bool:
    if not any(map(str.isalpha, label)) or len(label) > _LONGEST or any(mark in label for mark in '?!;:"“”…\t'):
        return False
    return len(label.split()) <= 6 and not _NOBODY.match(label)


def _in_a_header(label: str, candidates: Sequence[Labelled | None], recurring: set[str]) -> bool:
    """Whether a role only heads a list of who took part (`Interviewer: Anna de Vries`), in a file where others
    take turns."""
    texts = [item.text for item in candidates if item and item.label == label]
    return len(recurring) > 1 and len(texts) == 1 and (not texts[0] or like_a_speaker(texts[0]))


def _starts_sentence(label: str) -> bool:
    return label.split()[0].lower() in _SENTENCE_STARTS
