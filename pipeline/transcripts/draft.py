"""What every reader fills in: drafts of utterances, and a tally of what was seen, kept, dropped and mended.

`finish` turns both into a Transcript, and is the one place where utterances are ordered and numbered.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pipeline.errors import TranscriptError
from pipeline.records import Source, Transcript, Utterance

# Lone surrogates cannot be written as UTF-8; JSON and numeric references can smuggle them in.
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Draft:
    """An utterance that has no number yet. Times in milliseconds or None; `span` is [start, end) in the text."""

    speaker: str | None
    start_ms: int | None
    end_ms: int | None
    text: str
    cues: tuple[str, ...]
    span: tuple[int, int]
    number: int | None = None


@dataclass(slots=True)
class Tally:
    """The account of one file: pieces kept, pieces dropped by reason, and mends by reason."""

    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def seen(self) -> int:
        """Every piece of the file, kept or not."""
        return self.kept + self.dropped.total()

    def summary(self) -> str:
        """The drops in words, most frequent first: "empty cue (12), ..."."""
        return ", ".join(f"{reason} ({count})" for reason, count in self.dropped.most_common())


class Turns:
    """Builds drafts line by line, for formats where a turn is a heading or a label with talk under it.

    Turns are kept, or dropped as "empty turn" when nothing was said in them. They have a start at most.
    """

    def __init__(self, tally: Tally) -> None:
        self.drafts: list[Draft] = []
        self._tally = tally
        self._open: Draft | None = None
        self._talk: list[str] = []
        self._end = 0

    @property
    def is_open(self) -> bool:
        """Whether a turn has been opened, so that a line can belong to it."""
        return self._open is not None

    def open(self, label: str | None, start_ms: int | None, cue: str, span: tuple[int, int], talk: str = "") -> None:
        """Close the turn before, and start one; `talk` is what its first line already says."""
        self.close()
        self._open = Draft(tidy_label(label, self._tally), start_ms, None, "", (cue,), span)
        self._talk = [talk]
        self._end = span[1]

    def add(self, talk: str, end: int) -> None:
        """Put a line of talk, which stands up to character `end`, into the open turn."""
        self._talk.append(talk)
        self._end = end

    def close(self) -> list[Draft]:
        """End the open turn, if any; all drafts so far."""
        if self._open is not None:
            text = tidy(join_lines("\n".join(self._talk).split("\n")), self._tally)
            if text:
                self._tally.kept += 1
                self.drafts.append(replace(self._open, text=text, span=(self._open.span[0], self._end)))
            else:
                self._tally.dropped["empty turn"] += 1
            self._open = None
        return self.drafts


@dataclass(frozen=True, slots=True)
class Origin:
    """Which file is read, for which interview: what errors and sources name."""

    file: str
    interview: str

    def error(self, problem: str, next_step: str) -> TranscriptError:
        """The one shape of an error: file, what is wrong (never quoting the file), what to do."""
        return TranscriptError(f"{self.file}: {problem}. {next_step}.")


def tidy(text: str, tally: Tally) -> str:
    """`text` without control characters and lone surrogates, NBSP as space, outer whitespace stripped."""
    if text.isprintable():  # nearly always: then it holds none of these
        return text.strip()
    text = text.replace("\xa0", " ").replace("\u202f", " ")
    text, surrogates = _SURROGATE.subn("\ufffd", text)
    text, controls = _CONTROL.subn(" ", text)
    if surrogates:
        tally.notes["unreadable character replaced by \ufffd"] += surrogates
    if controls:
        tally.notes["control character replaced by a space"] += controls
    return text.strip()


def tidy_label(label: object, tally: Tally) -> str | None:
    """A speaker's label on one line, otherwise as it stands in the file; None when there is none."""
    return tidy(join_lines(label.split("\n")), tally) or None if isinstance(label, str) else None


def join_lines(lines: Iterable[str]) -> str:
    """Display lines as running text: stripped, the empty ones left out, joined by one space."""
    return " ".join(stripped for line in lines if (stripped := line.strip()))


def finish(origin: Origin, variant: str, drafts: list[Draft], tally: Tally, in_order: bool) -> Transcript:
    """The Transcript of these drafts, numbered from 1 (or as numbered already).

    `in_order` says that the order of the file is the order of talk; otherwise drafts are sorted by start,
    stably, one without a start staying behind its predecessor. Raises TranscriptError when nothing is left.
    """
    if not drafts:
        why = f"all {tally.seen} pieces were dropped: {tally.summary()}" if tally.seen else "it holds no text"
        raise origin.error(
            f"no speech was found in this file, read as {variant}; {why}",
            "Check that it is the transcript itself, and export it again",
        )
    drafts = [_check_times(draft, tally) for draft in drafts]
    if not in_order:
        drafts = _sorted(drafts, tally)
    utterances = tuple(
        Utterance(
            interview=origin.interview,
            number=draft.number or position,
            speaker=draft.speaker,
            start_ms=draft.start_ms,
            end_ms=draft.end_ms,
            text=draft.text,
            source=Source(origin.file, draft.cues, *draft.span),
        )
        for position, draft in enumerate(drafts, start=1)
    )
    dropped = {reason: count for reason, count in tally.dropped.items() if count}
    notes = {reason: count for reason, count in tally.notes.items() if count}
    return Transcript(origin.interview, variant, utterances, tally.seen, tally.kept, dropped, notes)


def _check_times(draft: Draft, tally: Tally) -> Draft:
    start, end = draft.start_ms, draft.end_ms
    if start is not None and start < 0:
        # Transcription began while somebody was already talking.
        tally.notes["negative start set to 0"] += 1
        draft = replace(draft, start_ms=0)
    if end is not None and end < (earliest := draft.start_ms or 0):
        tally.notes["end before start set to the start"] += 1
        draft = replace(draft, end_ms=earliest)
    return draft


def _sorted(drafts: list[Draft], tally: Tally) -> list[Draft]:
    keyed: list[tuple[int, Draft]] = []
    latest, previous = 0, 0
    for draft in drafts:
        key = previous if draft.start_ms is None else draft.start_ms
        if key < latest:
            tally.notes["out of order, sorted by start"] += 1
        latest, previous = max(latest, key), key
        keyed.append((key, draft))
    return [draft for _, draft in sorted(keyed, key=lambda pair: pair[0])]
