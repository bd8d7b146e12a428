"""The store of decisions: `decisions.sqlite` beside the tables. Who decided what, when, and what they were shown.

It is append-only, and the database itself refuses a change; the one exception is an interview whose respondent
withdrew. A batch is written whole or not at all, and is on disk when `append` returns. A run of the pipeline never
touches it.
"""

import datetime
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pipeline.decisions.database import Database
from pipeline.decisions.records import Batch, Done, Event, Judged, Judgement, Kind, LastWord, Memo, Past, lacked_in
from pipeline.errors import StoreError

NAME = "decisions.sqlite"
_LONGEST_NAME = 64
_TEXT = "segment_id, interview, text, question"
_EVENT = "e.segment_id, e.kind, e.code, e.value, e.suggested, e.score, e.model, e.blind"
_EVENTS = "event e JOIN batch b ON b.id = e.batch"
_UNDONE = "SELECT undoes FROM batch WHERE undoes IS NOT NULL"
_EMPTY = "SELECT id FROM batch WHERE id NOT IN (SELECT batch FROM event)"


def store_path(out: Path) -> Path:
    """Where the store of an output folder is, whether it exists or not."""
    return out / NAME


def open_store(out: Path, create: bool = True) -> "Store":
    """The store of the output folder `out`; a new one where there is none, unless `create` is False.

    Raises StoreError when there is none, or the file is of another version of Codeboom, damaged, or not a store.
    """
    path = store_path(out)
    if not out.is_dir():
        raise StoreError(f"{out}: no such folder. Give the folder with the tables that `codeboom run` wrote.")
    if not create and not path.exists():
        raise StoreError(
            f"{path}: nothing was decided yet. Validate first, with `codeboom review` or `codeboom import-validated`."
        )
    return Store(path)


def coder_name(name: str) -> str:
    """The name of a coder as it is kept: composed Unicode, single blanks. Raises StoreError for an empty or long
    name, or one with characters that cannot be shown."""
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    if not clean or len(clean) > _LONGEST_NAME or not clean.isprintable():
        raise StoreError(f"A coder's name is 1 to {_LONGEST_NAME} characters on one line. Give another --coder.")
    return clean


class Store:
    """An open store: a context manager, to be shared between threads, and by several processes at once. Every method
    raises StoreError when the file cannot be read or written."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the store; what was acknowledged is on disk already."""
        self._db.close()

    # --- writing -------------------------------------------------------------------------------------------

    def transaction(self) -> AbstractContextManager[None]:
        """Everything written within is written together or not at all, and nobody else writes meanwhile."""
        return self._db.transaction()

    def append(
        self,
        coder: str,
        source: str,
        events: Sequence[Event],
        judged: Sequence[Judged],
        at: datetime.datetime | None = None,
    ) -> int:
        """Write what `coder` decided, all or nothing; on disk when this returns, unless within a `transaction`.

        `source` is how it came in ("review", "workbook"). `judged` holds the text of the segments in `events`; only
        what is new of it is kept; a memo needs none. `at` is now by default. Returns the id of the batch. Raises
        ValueError for no events at all, or one about a segment of which the store has no text.
        """
        if not events:
            raise ValueError("a batch holds at least one event")
        with self.transaction():
            about = {event.segment_id for event in events if event.kind != "memo"}
            for segment_id in about - {text.segment_id for text in judged}:
                if not self._db.rows("SELECT 1 FROM judged WHERE segment_id = ? LIMIT 1", [segment_id]):
                    raise ValueError("an event is about a segment of which the store has no text")
            for text in judged:
                self._remember(text)
            return self._insert(self.spelling(coder), source, events, at)

    def undo(self, coder: str) -> Batch | None:
        """Take back the coder's last batch that was not undone: what stood before it stands again, and the history
        keeps both. Returns the batch that was taken back; None when there is none."""
        with self.transaction():
            batch = self.last(coder)
            if batch is None:
                return None
            before: dict[tuple[str, str, str], Event] = {}
            for segment_id in dict.fromkeys(event.segment_id for event in batch.events):
                rows = self._db.rows(
                    f"SELECT {_EVENT} FROM {_EVENTS} WHERE b.coder = ? AND e.segment_id = ? AND b.id < ? ORDER BY e.id",
                    [batch.coder, segment_id, batch.id],
                )
                before |= {event.key: event for event in map(_event, rows)}
            reverse = {event.key: before.get(event.key) or _nothing(event) for event in batch.events}
            self._insert(batch.coder, batch.source, list(reverse.values()), undoes=batch.id)
            return batch

    def forget(self, interview: str) -> int:
        """Delete every decision and memo about one interview, and its text, also from the free pages and the log of the
        file: for a respondent who withdrew. Memos about codes stay. Returns how many decisions and memos were deleted;
        they cannot be brought back.

        Raises StoreError also when another process has the store open, so that traces may be left in its log.
        """
        mine = "kind <> 'memo' AND segment_id IN (SELECT segment_id FROM judged WHERE interview = ?)"
        return self._db.delete(
            [
                (f"DELETE FROM event WHERE ({mine}) OR (kind = 'memo' AND segment_id = ?)", [interview, interview]),
                ("DELETE FROM judged WHERE interview = ?", [interview]),
                (f"DELETE FROM batch WHERE undoes IN ({_EMPTY})", []),
                (f"DELETE FROM batch WHERE id IN ({_EMPTY})", []),
            ]
        )

    # --- reading -------------------------------------------------------------------------------------------

    def coders(self) -> list[str]:
        """Every coder, in the order in which they first decided something; who only wrote memos decided nothing."""
        decided = f"SELECT b.coder FROM {_EVENTS} WHERE e.kind <> 'memo' GROUP BY b.coder ORDER BY MIN(b.id)"
        return [row[0] for row in self._db.rows(decided)]

    def spelling(self, coder: str) -> str:
        """A coder's name as the store has it: in any other capitals it is the same coder. Where it has several, from
        before that was so, each keeps its own; a coder who is new keeps the name as it is given."""
        name = coder_name(coder)
        if self._db.rows("SELECT 1 FROM batch WHERE coder = ? LIMIT 1", [name]):
            return name
        known = self._db.rows("SELECT coder FROM batch GROUP BY coder ORDER BY MIN(id)")
        return next((other for (other,) in known if _folded(other) == _folded(name)), name)

    def judgements(self, coder: str, source: str | None = None) -> dict[str, Judgement]:
        """How each segment stands for `coder`, by segment_id; those of which nothing stands are left out.

        With a `source`, only what came in that way counts, batches that were undone left out.
        """
        if source is None:
            return self._fold("b.coder = ?", [self.spelling(coder)])
        only = f"b.coder = ? AND b.source = ? AND b.undoes IS NULL AND b.id NOT IN ({_UNDONE})"
        return self._fold(only, [self.spelling(coder), source])

    def judgement(self, coder: str, segment_id: str) -> Judgement:
        """How one segment stands for `coder`; an empty judgement when nothing does."""
        found = self._fold("b.coder = ? AND e.segment_id = ?", [self.spelling(coder), segment_id])
        return found.get(segment_id, Judgement())

    def judged(self) -> dict[str, Judged]:
        """Every text that any coder judged, by segment_id, as it was when it was last judged."""
        return {row[0]: Judged(*row) for row in self._db.rows(f"SELECT {_TEXT} FROM judged ORDER BY id")}

    def history(self, segment_id: str) -> list[Past]:
        """Everything that was decided about a segment, the earliest first."""
        rows = self._db.rows(
            f"SELECT b.id, b.at, b.coder, b.source, b.undoes IS NOT NULL, {_EVENT} "
            f"FROM {_EVENTS} WHERE e.segment_id = ? ORDER BY e.id",
            [segment_id],
        )
        return [
            Past(number, datetime.datetime.fromisoformat(at), coder, source, _event(event), bool(undo))
            for number, at, coder, source, undo, *event in rows
        ]

    def last(self, coder: str) -> Batch | None:
        """The batch that `undo` would take back; None when there is none."""
        found = self._db.rows(
            "SELECT id, coder, source, at FROM batch WHERE coder = ? AND undoes IS NULL "
            f"AND id NOT IN ({_UNDONE}) ORDER BY id DESC LIMIT 1",
            [self.spelling(coder)],
        )
        if not found:
            return None
        number, name, source, at = found[0]
        events = self._db.rows(f"SELECT {_EVENT} FROM event e WHERE e.batch = ? ORDER BY e.id", [number])
        return Batch(number, name, source, datetime.datetime.fromisoformat(at), tuple(map(_event, events)))

    def last_words(self, kind: Kind, code: str = "") -> list[LastWord]:
        """The last word of each coder on each segment (or, for memos, interview or code), of one kind and, where it is
        given, about one code; in the order in which they were said. What stands again after an undo came in as it
        first did."""
        only, values = ("AND e.code = ?", [kind, code]) if code else ("", [kind])
        rows = self._db.rows(
            f"SELECT b.coder, e.segment_id, e.code, e.value, b.source, e.blind, MAX(e.id) FROM {_EVENTS} "
            f"WHERE e.kind = ? AND b.undoes IS NULL AND b.id NOT IN ({_UNDONE}) {only} "
            "GROUP BY b.coder, e.segment_id, e.code ORDER BY 7",
            values,
        )
        return [
            LastWord(name, segment_id, about, value, source, bool(blind))
            for name, segment_id, about, value, source, blind, _ in rows
        ]

    def memos(self, coder: str | None = None) -> list[Memo]:
        """The memos of all coders, or of one, in the order in which they were last written."""
        mine = None if coder is None else self.spelling(coder)
        words = [word for word in self.last_words("memo") if word.value and mine in (None, word.coder)]
        return [Memo(word.coder, word.segment_id, word.code, word.value) for word in words]

    def marks(self, coder: str) -> tuple[int, int, int]:
        """Three numbers to tell by whether what was read still holds: the first is another one when anything was
        written by another than this open store, the second when something was deleted, the third when `coder` decided
        or undid something."""
        # To delete, the triggers that forbid it are dropped and made again, which changes the schema.
        (changed,), (deleted,) = (self._db.rows(f"PRAGMA {name}_version")[0] for name in ("data", "schema"))
        last = self._db.rows("SELECT COALESCE(MAX(id), 0) FROM batch WHERE coder = ?", [self.spelling(coder)])
        return int(changed), int(deleted), int(last[0][0])

    def batches(self) -> list[int]:
        """The ids of all batches, in order."""
        return [row[0] for row in self._db.rows("SELECT id FROM batch ORDER BY id")]

    def first_used(self) -> dict[str, int]:
        """The number of the decision by which each code was first given or refused, by code id."""
        return dict(self._db.rows("SELECT code, MIN(id) FROM event WHERE kind = 'code' AND value <> '' GROUP BY code"))

    def done_at(self, coder: str, segment_id: str = "") -> dict[str, Done]:
        """By which decision `coder` last said of each segment, or of one, that it was judged as a whole."""
        only, values = ("AND e.segment_id = ? ", [segment_id]) if segment_id else ("", [])
        rows = self._db.rows(
            f"SELECT e.segment_id, e.id, e.value FROM {_EVENTS} WHERE b.coder = ? AND b.undoes IS NULL "
            f"AND b.id NOT IN ({_UNDONE}) AND e.kind = 'done' {only}ORDER BY e.id",
            [self.spelling(coder), *values],
        )
        found: dict[str, Done] = {}
        for name, number, value in rows:
            earlier = found.pop(name, Done(0))
            if value:  # what was read for a code earlier on still is
                found[name] = Done(number, {code: earlier.at_for(code) for code in lacked_in(value)})
        return found

    # --- inside --------------------------------------------------------------------------------------------

    def _fold(self, where: str, values: Sequence[str]) -> dict[str, Judgement]:
        rows = self._db.rows(
            f"SELECT e.segment_id, e.kind, e.code, e.value FROM {_EVENTS} "
            f"WHERE {where} AND e.kind <> 'memo' ORDER BY e.id",
            values,
        )
        standing: dict[str, dict[tuple[str, str], str]] = {}
        for segment_id, kind, code, value in rows:
            standing.setdefault(segment_id, {})[kind, code] = value
        return {segment_id: _judgement(now) for segment_id, now in standing.items() if any(now.values())}

    def _remember(self, text: Judged) -> None:
        """Keep a text, unless it is the one that the store has of this segment already."""
        now = (text.segment_id, text.interview, text.text, text.question)
        known = f"SELECT {_TEXT} FROM judged WHERE segment_id = ? ORDER BY id DESC LIMIT 1"
        if self._db.rows(known, [text.segment_id]) != [now]:
            self._db.insert("judged", _TEXT, [now])

    def _insert(
        self,
        coder: str,
        source: str,
        events: Sequence[Event],
        at: datetime.datetime | None = None,
        undoes: int | None = None,
    ) -> int:
        when = (at or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC).isoformat(timespec="milliseconds")
        batch = self._db.insert("batch", "coder, source, at, undoes", [(coder, source, when, undoes)])
        rows = [(batch, e.segment_id, e.kind, e.code, e.value, e.suggested, e.score, e.model, e.blind) for e in events]
        self._db.insert("event", f"batch, {_EVENT.replace('e.', '')}", rows)
        return batch


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())


def _event(row: Sequence[Any]) -> Event:
    segment_id, kind, code, value, suggested, score, model, blind = row
    return Event(segment_id, kind, code, value, bool(suggested), score, model, bool(blind))


def _nothing(event: Event) -> Event:
    """The event by which nothing stands any more where `event` said something."""
    return replace(event, value="", suggested=False, score=None, model="")


def _judgement(now: Mapping[tuple[str, str], str]) -> Judgement:
    return Judgement(
        codes={code: value == "yes" for (kind, code), value in now.items() if kind == "code" and value},
        done=bool(now.get(("done", ""))),
        doubt=bool(now.get(("doubt", ""))),
        remark=now.get(("remark", ""), ""),
    )
