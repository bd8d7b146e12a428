"""What one coder does on the page: every decision goes to the store first, and only then stands.

Every answer is a dictionary that can be sent as JSON. A blind coder is never sent a suggestion, a score, the words or
passages behind one, how far the model can be trusted, or anything that another coder decided.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.codebook import Codebook
from pipeline.decisions import Event, Judgement, Memo, Store, admitted
from pipeline.decisions.labels import open_codes, unread
from pipeline.decisions.records import Done
from pipeline.errors import CodebookError
from pipeline.review.alike import alike, comparable
from pipeline.review.queue import NOTHING, Filter, letter, offered
from pipeline.review.shown import shown_code, shown_memos, shown_progress, shown_segment, shown_standing
from pipeline.review.study import Study, load_study, stamp, with_codebook
from pipeline.review.unseen import accepted_unseen, still_unseen
from pipeline.review.wishes import Renewed, ReviewError, after, event_of, judged, memo_of, says_more
from pipeline.similar import Passages

SOURCE = "review"
_MOST_EVENTS = 500


@dataclass
class Review:
    """One coder at work on the tables of `out`; safe to call from several threads.

    `read_codes` reads the codebook anew. Raises CodeboomError where there is no finished run, and where the coder
    worked the other way (blind or not) before: the two may not be mixed under one name.
    """

    out: Path
    store: Store
    coder: str
    blind: bool
    read_codes: Callable[[], Codebook]
    study: Study = field(init=False)
    judgements: dict[str, Judgement] = field(init=False, default_factory=dict)
    memos: list[Memo] = field(init=False, default_factory=list)
    _done_at: dict[str, Done] = field(init=False, default_factory=dict)
    _unseen: dict[str, set[str]] = field(init=False, default_factory=dict)
    _used: dict[str, int | None] = field(init=False, default_factory=dict)
    _passages: Passages | None = field(init=False, default=None)
    _stamp: tuple[int, ...] = field(init=False)
    _marks: tuple[int, int, int] = field(init=False, default=(-1, -1, -1))
    _lock: threading.RLock = field(init=False, default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.coder = admitted(self.store, self.coder, self.blind)
        self._stamp = stamp(self.out)
        self._load()
        self._refresh()

    # --- reading -------------------------------------------------------------------------------------------

    def overview(self) -> dict[str, Any]:
        """What the page starts with: who codes, the codebook, and the interviews with their progress."""
        with self._lock:
            self._refresh()
            study = self.study
            names = {code.id: code.name for code in study.codebook.codes}
            trust = {} if self.blind else study.agreement
            return {
                "version": self._version(),
                "coder": self.coder,
                "blind": self.blind,
                "model": "" if self.blind else study.model,
                "codes": [shown_code(code, names, trust.get(code.id)) for code in study.codebook.codes],
                "memos": shown_memos(self.memos),
                "look_again": {
                    name: [names[code] for code in codes if code in names] for name, codes in study.look_again.items()
                },
                "changed": sum(j != NOTHING for name, j in self.judgements.items() if name not in study.rows),
                "progress": shown_progress(self.study, self.judgements),
            }

    def interview(self, name: str) -> dict[str, Any]:
        """The segments of one interview, as spoken, each with its suggestions and how it stands."""
        with self._lock:
            self._refresh()
            if name not in self.study.interviews:
                raise ReviewError("Dit interview is er niet (meer). Laad de pagina opnieuw.")
            segments = []
            for row in self.study.interviews[name]:
                standing = self._shown(self.study.segments[row].segment_id)
                segments.append(shown_segment(self.study, row, self.blind, standing))
            return {"version": self._version(), "name": name, "segments": segments}

    def queue(self, wanted: Filter) -> dict[str, Any]:
        """The ids of the segments that `wanted` lets through, in its order; for each the number of its interview in
        `names`, and in `status` its `letter`."""
        with self._lock:
            self._refresh()
            again = self._all_again()
            rows = offered(self.study, self.judgements, wanted, self.blind, again)
            number = {name: i for i, name in enumerate(self.study.interviews)}
            segments = [self.study.segments[row] for row in rows]
            return {
                "version": self._version(),
                "names": list(number),
                "ids": [segment.segment_id for segment in segments],
                # Only there: the page may have segments that it was sent before the code was made.
                "again": again if wanted.state == "again" else {},
                "interviews": [number[segment.interview] for segment in segments],
                "status": "".join(
                    self._letter(row, s.segment_id in again) for row, s in zip(rows, segments, strict=True)
                ),
            }

    def similar(self, segment_id: str, code: str) -> dict[str, Any]:
        """What resembles a segment, for one code: see `alike`. Nothing for a blind coder."""
        with self._lock:
            self._refresh()
            if self._passages is None:
                return {"version": self._version(), "passages": [], "examples": []}
            found = alike(self.study, self._passages, self.store, self.coder, segment_id, code)
            return {"version": self._version()} | found

    def version(self) -> str:
        """What the tables and the codebook are now; another text when either was renewed."""
        with self._lock:
            self._refresh()
            return self._version()

    # --- deciding ------------------------------------------------------------------------------------------

    def decide(self, wishes: Sequence[Mapping[str, Any]], version: str | None = None) -> dict[str, Any]:
        """Write what the coder decided, each wish with segment, kind, code and value; on disk when this returns. What
        stands already is not written again, so that asking twice does no harm. A wish with `if_open` gives way to a
        verdict that stands: what was left open in one window may have been decided in another. A code that
        was accepted unseen and is given now was looked at: that is written, though it stands as it did.

        `version` is that of what the coder was shown; None where that makes no difference, as for a remark. Raises
        Renewed when it is no longer so: what was never seen can be neither accepted nor refused. Raises ReviewError for
        a wish that makes no sense, StoreError when it cannot be written. Nothing was written, then.
        """
        if not isinstance(wishes, list) or not 0 < len(wishes) <= _MOST_EVENTS:
            raise ReviewError("De pagina stuurde geen oordeel dat te begrijpen is. Laad haar opnieuw.")
        with self._lock:
            with self.store.transaction():  # nobody else writes between looking and writing
                self._refresh()
                if version not in (None, self._version()):
                    raise Renewed(self._version())
                # Of several wishes about one thing the last counts.
                events = [event_of(self.study, wish, self.blind) for wish in wishes]
                asked = {event.key: (event, wish) for event, wish in zip(events, wishes, strict=True)}
                new = [
                    event
                    for event, wish in asked.values()
                    if says_more(self._standing(event), event, wish, self._is_unseen(event)) or self._reads_again(event)
                ]
                number = None
                if new:
                    touched = dict.fromkeys(event.segment_id for event in new)
                    texts = [judged(self.study.segments[self.study.rows[name]]) for name in touched]
                    number = self.store.append(self.coder, SOURCE, new, texts)
            if number is not None:  # committed: only now does it stand
                for event in new:
                    self.judgements[event.segment_id] = after(self._standing(event), event)
                self._follow(new)
                self._marks = (*self._marks[:2], number)
            return self._answer([segment_id for segment_id, _, _ in asked])

    def memo(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Write a memo, with `interview` or `code`, and `value`; on disk when this returns. An empty one takes back
        what stood. Raises ReviewError and StoreError as `decide` does."""
        with self._lock:
            with self.store.transaction():
                self._refresh()
                event = memo_of(self.study, wish, self.blind)
                stands = {(memo.interview, memo.code): memo.text for memo in self.memos}
                number = None
                if stands.get((event.segment_id, event.code), "") != event.value:
                    number = self.store.append(self.coder, SOURCE, [event], [])
            if number is not None:
                self.memos = self.store.memos(self.coder)
                self._marks = (*self._marks[:2], number)
            return self._answer([]) | {"memos": shown_memos(self.memos)}

    def undo(self) -> dict[str, Any]:
        """Take back what this coder decided or wrote last on the page; `undone` names the segments, the first one
        first, and `memo` says whether it was a memo."""
        with self._lock:
            with self.store.transaction():
                self._refresh()
                last = self.store.last(self.coder)
                if last is None:
                    raise ReviewError("Er is niets om ongedaan te maken.")
                if last.source != SOURCE:
                    raise ReviewError(
                        "Het laatste van deze codeur is een ingelezen werkmap; die maakt deze pagina niet ongedaan."
                    )
                self.store.undo(self.coder)
                marks = self.store.marks(self.coder)
            memo = any(event.kind == "memo" for event in last.events)
            touched = dict.fromkeys(event.segment_id for event in last.events if event.kind != "memo")
            self.memos = self.store.memos(self.coder)
            self._follow(last.events)
            for segment_id in touched:  # not all: with 10,000 judged segments that takes most of a tenth of a second
                self.judgements[segment_id] = self.store.judgement(self.coder, segment_id)
                self._unseen[segment_id] = still_unseen(self.store, self.coder, segment_id)
            self._marks = marks
            here = [segment_id for segment_id in touched if segment_id in self.study.rows]
            first = self.study.segments[self.study.rows[here[0]]].interview if here else ""
            return self._answer(here) | {
                "undone": here,
                "interview": first,
                "memo": memo,
                "memos": shown_memos(self.memos),
            }

    # --- inside --------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        """Follow what others did: a run that renewed the tables, an open code, another window of this coder, or a
        respondent who withdrew, which leaves no later batch to tell by."""
        now = stamp(self.out)
        new = now != self._stamp
        if now[:2] != self._stamp[:2]:
            self._load()
        elif now != self._stamp:
            try:
                self.study = with_codebook(self.study, self.read_codes())
            except CodebookError:
                now = self._stamp  # somebody is writing in it: the codes that were read serve until it is sound again
        self._stamp = now
        # Not by when the file was written: that changes with one in a hundred of our own decisions, and with every one
        # of another coder, who matters only to when an open code was first used. Reading all takes a fifth of a second.
        marks = self.store.marks(self.coder)
        if marks[1:] != self._marks[1:]:
            self.judgements = self.store.judgements(self.coder)
            self.memos = self.store.memos(self.coder)
            self._done_at = self.store.done_at(self.coder)
            self._unseen = accepted_unseen(self.store, self.coder)
        if new or marks != self._marks:
            self._find_used()
        self._marks = marks

    def _load(self) -> None:
        """Read the tables. What makes passages comparable is made at once: it takes half a second for 10,000."""
        self.study = load_study(self.out, self.read_codes())
        self._passages = None if self.blind else comparable(self.study)

    def _follow(self, events: Sequence[Event]) -> None:
        """Keep, after these events, when segments were done, when open codes were first used, and what is unseen."""
        for event in events:
            self._unseen.get(event.segment_id, set()).discard(event.code)
        if any(event.code in self._used and self._used[event.code] is None for event in events):
            self._find_used()
        for segment_id in {event.segment_id for event in events if event.kind == "done"}:
            self._done_at.pop(segment_id, None)
            self._done_at |= self.store.done_at(self.coder, segment_id)

    def _is_unseen(self, event: Event) -> bool:
        """Whether an event is about a code that was accepted unseen."""
        return event.code in self._unseen.get(event.segment_id, ())

    def _again(self, segment_id: str) -> list[str]:
        """The open codes for which a segment is offered again: it was done before they were first used, and nothing was
        said of them since."""
        standing = self.judgements.get(segment_id, NOTHING)
        if not standing.done:
            return []
        later = unread(self._used, self._done_at.get(segment_id))
        return [code for code in later if self._used[code] is not None and code not in standing.codes]

    def _all_again(self) -> dict[str, list[str]]:
        """The same for every segment; those with none are left out."""
        newest = max((first for first in self._used.values() if first is not None), default=0)
        older = (name for name, done in self._done_at.items() if done.lacked or done.at <= newest)
        return {name: codes for name in older if (codes := self._again(name))}

    def _find_used(self) -> None:
        """Find the open codes, each with the number of the decision that first used it."""
        self._used = open_codes(self.study.codebook, self.store.first_used())

    def _reads_again(self, event: Event) -> bool:
        """Whether an event says that a segment was read for a new open code too, though it stood as done."""
        return event.kind == "done" and bool(event.value) and bool(self._again(event.segment_id))

    def _standing(self, event: Event) -> Judgement:
        return self.judgements.get(event.segment_id, NOTHING)

    def _letter(self, row: int, again: bool) -> str:
        name = self.study.segments[row].segment_id
        judgement = self.judgements.get(name, NOTHING)
        doubted = [] if self.blind or judgement.done else self.study.doubted[row]
        unseen = self._unseen.get(name, ())
        close = any(code not in judgement.codes or code in unseen for code in doubted)
        return letter(judgement, again, close)

    def _shown(self, segment_id: str) -> dict[str, Any]:
        """How a segment stands, to be sent; of what was accepted unseen, only what can still be confirmed."""
        unseen = sorted(self._unseen.get(segment_id, set()) & self.study.columns.keys())
        return shown_standing(self.judgements.get(segment_id, NOTHING), self._again(segment_id), unseen)

    def _version(self) -> str:
        return f"{self._stamp[0]:x}-{self.study.codebook.sha256[:8]}"

    def _answer(self, touched: Sequence[str]) -> dict[str, Any]:
        segments = {name: self._shown(name) for name in touched}
        return {
            "version": self._version(),
            "segments": segments,
            "status": {name: self._letter(self.study.rows[name], bool(segments[name]["again"])) for name in touched},
            "progress": shown_progress(self.study, self.judgements),
        }
