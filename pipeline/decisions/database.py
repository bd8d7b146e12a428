"""The SQLite file under the store: made, checked, written in whole transactions, append-only by its own triggers."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import StoreError

FORMAT = 3
"""2 since there are memos, 3 since a segment can be done "before" open codes that could not be chosen. The tables are
those of format 1, and older formats are taken over where they are found; an older version of Codeboom would not know
what these mean, and so must refuse."""
_APPLICATION = 0x43424D44  # "CBMD": tells our file from any other database
_PATIENCE = 20.0  # seconds to wait for another process that writes

_SCHEMA = """
CREATE TABLE batch (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    coder TEXT NOT NULL,
    source TEXT NOT NULL,
    at TEXT NOT NULL,
    undoes INTEGER UNIQUE REFERENCES batch (id)
);
CREATE TABLE judged (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    segment_id TEXT NOT NULL,
    interview TEXT NOT NULL,
    text TEXT NOT NULL,
    question TEXT NOT NULL
);
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL REFERENCES batch (id),
    segment_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    value TEXT NOT NULL,
    suggested INTEGER NOT NULL,
    score REAL,
    model TEXT NOT NULL,
    blind INTEGER NOT NULL
);
CREATE INDEX batch_coder ON batch (coder);
CREATE INDEX judged_segment ON judged (segment_id);
CREATE INDEX event_batch ON event (batch);
CREATE INDEX event_segment ON event (segment_id);
"""
_TABLES = ("batch", "judged", "event")


class Database:
    """An open file, to be shared between threads, and by several processes at once. Raises StoreError when the file is
    of another version of Codeboom, damaged, not a store of decisions, or cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        with self._told():
            self._connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            with self._told():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Close the file; what was committed is on disk already."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[str | int] = ()) -> list[Any]:
        """All rows that a question gives."""
        with self._lock, self._told():
            return self._connection.execute(sql, values).fetchall()

    def insert(self, table: str, columns: str, rows: Sequence[Sequence[object]]) -> int:
        """Insert rows into a table; within a transaction. Returns the id of the last."""
        places = ", ".join("?" * len(columns.split(",")))
        with self._lock, self._told():
            self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)
            return int(self._connection.execute("SELECT last_insert_rowid()").fetchone()[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything written within is written together or not at all, on disk when the outermost one ends; nobody
        else writes meanwhile."""
        with self._lock, self._told():
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._connection.execute("COMMIT")
            except BaseException:
                if self._depth == 1 and self._connection.in_transaction:  # a full disk has rolled back already
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def delete(self, statements: Sequence[tuple[str, Sequence[str]]]) -> int:
        """Run statements that delete, in one transaction, past the triggers that forbid it, and wipe what they deleted
        from the file's free pages and log. Returns how many rows the first of them deleted.

        Raises StoreError also when another process has the file open, so that traces may be left in the log.
        """
        with self._lock, self._told():
            self._connection.execute("PRAGMA secure_delete = ON")
            with self.transaction():
                for table in _TABLES:
                    self._connection.execute(f"DROP TRIGGER no_delete_{table}")
                gone = [self._connection.execute(sql, values).rowcount for sql, values in statements]
                self._forbid("DELETE")
            self._empty_log()
            self._connection.execute("VACUUM")
            self._empty_log()
        return gone[0]

    def _prepare(self) -> None:
        """Check that the file is ours and of this format, or make it, and set how it is written."""
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._check(self._state())
        # Two processes that make the file at once: the second waits, or is refused at once and tries again.
        deadline = time.monotonic() + _PATIENCE
        while self._connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            try:
                if self._connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
                    break  # a disk without shared memory: the rollback journal is as safe, and slower
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA fullfsync = ON")  # macOS only: else "on disk" means in the disk's own memory
        if self._state() == (0, 0, 0):
            with self.transaction():
                if self._state() == (0, 0, 0):  # nobody made it while we waited
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        self._connection.execute(statement)
                    self._connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                    self._connection.execute(f"PRAGMA user_version = {FORMAT}")
                    self._forbid("UPDATE")
                    self._forbid("DELETE")
        elif self._state()[1] < FORMAT:
            with self.transaction():
                self._connection.execute(f"PRAGMA user_version = {FORMAT}")
        self._check(self._state())

    def _state(self) -> tuple[int, int, int]:
        """Application id, format, and the number of things in the database: all 0 for a new file."""
        questions = ("PRAGMA application_id", "PRAGMA user_version", "SELECT COUNT(*) FROM sqlite_master")
        within = self._connection.in_transaction
        if not within:  # else another process could make the file between one question and the next
            self._connection.execute("BEGIN")
        try:
            application, number, things = (self._connection.execute(ask).fetchone()[0] for ask in questions)
        finally:
            if not within:
                self._connection.execute("COMMIT")
        return application, number, things

    def _check(self, state: tuple[int, int, int]) -> None:
        application, number, _ = state
        if state == (0, 0, 0):
            return
        if application != _APPLICATION:
            raise StoreError(f"{self.path}: is a database of another program. Move it elsewhere; then try again.")
        if not 1 <= number <= FORMAT:
            version = "a newer" if number > FORMAT else "an older"
            raise StoreError(
                f"{self.path}: was made by {version} version of Codeboom (format {number}; this version knows "
                f"{FORMAT}). Use that version; nothing was changed."
            )

    def _forbid(self, what: str) -> None:
        for table in _TABLES:
            self._connection.execute(
                f"CREATE TRIGGER no_{what.lower()}_{table} BEFORE {what} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END"
            )

    def _empty_log(self) -> None:
        if self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            raise StoreError(
                f"{self.path}: the decisions are deleted, but another program has the store open, so that traces may "
                "be left in its log. Close the review page; then do it again."
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite cannot do, in words that a researcher can act on."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: {_reason(error)}") from error


def _reason(error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return "is damaged, or not a store of decisions. Put back a copy of it, or move it elsewhere to start anew."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return "another program kept writing to it. Nothing was written; try again when that is done."
        case sqlite3.SQLITE_FULL:
            return "the disk is full. Nothing was written; make room, then try again."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return "cannot be opened for writing. Check that the file and its folder are writable."
        case _:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            return f"cannot be read or written ({name}). Nothing was written; check the disk, then try again."
