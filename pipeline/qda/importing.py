"""Codings that were made in another program, as decisions of their coders in the store.

Codings are added, and nothing that the store has is taken back, unless that is asked for: importing the same project
twice adds nothing.
"""

import csv
import io
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from pipeline.codebook import read_codebook
from pipeline.decisions.records import Event, Judged, Judgement, done_value
from pipeline.decisions.store import Store, coder_name, open_store
from pipeline.errors import CodeboomError, QdaError
from pipeline.files import write_atomic
from pipeline.formulas import neutralise
from pipeline.manifest import read_manifest
from pipeline.qda.codes import resolve
from pipeline.qda.collect import Said, Unplaced, collect, users_of
from pipeline.qda.match import Interviews
from pipeline.qda.positions import Reading, place
from pipeline.qda.read import read_project
from pipeline.qda.records import guid
from pipeline.qda.restore import slugify
from pipeline.qda.study import read_suggestions
from pipeline.records import Coding, Segment
from pipeline.tables import read_segments

SOURCE = "refi-qda"
UNPLACED = "not-imported"
BORROWED = 0.8  # of the suggestions on a coder's name: no person agrees so well with a model by chance
FEWEST_BORROWED = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """How to import: who coded where the project does not say (`coder`), who corrected the model's codings in place
    (`corrected_by`) and above which score those were exported, whether codings that a coder took away are taken back
    (`withdraw`), that all is the work of who it is named after (`own`), and how the program counts where that is known.
    """

    coder: str = ""
    corrected_by: str = ""
    above: float = 0.0
    withdraw: bool = False
    own: bool = False
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `added` counts the new decisions of each coder; `known` those that stood already;
    `absent` those that the store has on these texts and the project has not."""

    said: Said
    texts: int
    reading: Reading
    misfits: int
    added: Mapping[str, int]
    known: int
    absent: int
    skipped: Mapping[str, int]
    unplaced: Path | None


def import_project(path: Path, out: Path, codebook: Path, wish: Wish) -> Imported:
    """Take the codings of the project `path` into the store of `out`: all coders' decisions, or none. Codings that
    found no segment are listed in a table. Raises CodeboomError."""
    if not (out / "segments.csv").is_file():
        raise CodeboomError(f"{out}: no segments.csv here. Give the folder with the tables that `codeboom run` wrote.")
    segments = {segment.segment_id: segment for segment in read_segments(out / "segments.csv")}
    interviews: dict[str, list[Segment]] = {}
    for segment in segments.values():
        interviews.setdefault(segment.interview, []).append(segment)
    book = read_codebook(codebook, out)
    manifest = read_manifest(out)
    suggestions = list(read_suggestions(out / "codings.csv"))
    models = {coding.coder for coding in suggestions} | ({manifest.model} if manifest else set())
    project = read_project(path)
    ours = project.origin.startswith("Codeboom")
    read = place(project, str(path), ours, wish.reading)
    users = users_of(project, models, wish.coder)
    ids = {guid("source", interview): interview for interview in interviews}
    codes = resolve(project.codes, book)
    said = collect(project, read, Interviews(interviews), codes, users, ids)
    wanted = _wanted(said, set(book.ids), segments.keys())
    if wish.corrected_by:
        _correct(wanted, said, [coding for coding in suggestions if coding.score >= wish.above], wish.corrected_by)
    elif not (ours or said.by_model or wish.own):
        _refuse_borrowed(wanted, said, suggestions, str(path))
    there = {known.id for known in codes.values()}
    lacked = _lacked(said, [code.id for code in book.codes if code.origin == "open"], there)
    added: dict[str, int] = {}
    known = absent = 0
    if wanted:
        with open_store(out) as store, store.transaction():
            added, known, absent = _append(store, wanted, said, segments, wish.withdraw, lacked)
    listed = _write_unplaced(out / f"{UNPLACED}-{slugify(path.stem)}.csv", said.unplaced)
    skipped = Counter(project.skipped)
    return Imported(said, len(read.sources), read.reading, read.misfits, added, known, absent, skipped, listed)


def _wanted(said: Said, codes: set[str], segments: Iterable[str]) -> dict[tuple[str, str], Judgement]:
    """How each segment stands for each coder in the project. A code that is given counts above a memo that refuses
    it: it was given later."""
    known = set(segments)
    wanted: dict[tuple[str, str], Judgement] = {}
    for key in dict.fromkeys((*said.given, *said.remarks, *said.verdicts)):
        coder, segment_id = coder_name(key[0]), key[1]
        if segment_id not in known:
            continue
        memo = said.verdicts.get(key)
        refused = {code: False for code in (memo.refused if memo else ()) if code in codes}
        before = wanted.get((coder, segment_id), Judgement())  # two spellings of a name are one coder
        given = {code: True for code in said.given.get(key, ())}  # noqa: C420
        remark = "\n".join(part for part in (before.remark, *said.remarks.get(key, ())) if part)
        wanted[coder, segment_id] = Judgement(
            {**before.codes, **refused, **given},
            before.done or bool(memo and memo.done),
            before.doubt or bool(memo and memo.doubt),
            remark,
        )
    return wanted


def _lacked(said: Said, opened: Sequence[str], there: Container[str | None]) -> dict[tuple[str, str], list[str]]:
    """The open codes that a segment was not read for where it was done, by coder and segment: by a memo of ours, and
    those that are not `there` in the project, from which nobody could have chosen them."""
    return {
        (coder_name(coder), segment_id): [code for code in opened if code in memo.unread or code not in there]
        for (coder, segment_id), memo in said.verdicts.items()
        if memo.done
    }


def _correct(
    wanted: dict[tuple[str, str], Judgement], said: Said, suggestions: Iterable[Coding], corrector: str
) -> None:
    """The model's codings as `corrector` left them: what still stands is given, what is gone was refused."""
    coder = coder_name(corrector)
    standing: dict[str, set[str]] = {}
    for (_, segment_id), given in said.by_model.items():
        standing.setdefault(segment_id, set()).update(given)
    verdicts: dict[str, dict[str, bool]] = {name: dict.fromkeys(codes, True) for name, codes in standing.items()}
    for coding in suggestions:
        if coding.segment_id in said.placed and coding.code not in standing.get(coding.segment_id, ()):
            verdicts.setdefault(coding.segment_id, {})[coding.code] = False
    for segment_id, codes in verdicts.items():
        own = wanted.get((coder, segment_id), Judgement())
        wanted[coder, segment_id] = Judgement({**codes, **own.codes}, own.done, own.doubt, own.remark)


def _refuse_borrowed(
    wanted: Mapping[tuple[str, str], Judgement], said: Said, suggestions: Iterable[Coding], where: str
) -> None:
    """Refuse a coder who has nearly everything that the model suggested: the program put the model's codings on the
    name of who opened the project, and they would pass for decisions. Raises QdaError."""
    shown = [coding for coding in suggestions if coding.segment_id in said.placed]
    given = {(coder, name, code) for (coder, name), judgement in wanted.items() for code in judgement.codes}
    for coder in dict.fromkeys(coder for coder, _ in wanted):
        same = sum((coder, coding.segment_id, coding.code) in given for coding in shown)
        if same >= FEWEST_BORROWED and same >= BORROWED * len(shown):
            raise QdaError(
                f"{where}: {coder} has {same} of the {len(shown)} codings that the model suggested on these texts, and "
                "the model has none: the program may have put the model's codings on that name. If that person "
                "checked them, say --corrected-by with the name; if all is that person's own work, say --own."
            )


def _append(
    store: Store,
    wanted: Mapping[tuple[str, str], Judgement],
    said: Said,
    segments: Mapping[str, Segment],
    withdraw: bool,
    lacked: Mapping[tuple[str, str], Sequence[str]],
) -> tuple[dict[str, int], int, int]:
    """Write what is new. Returns how many decisions were added by coder, stood already, and stand only here."""
    by_coder: dict[str, dict[str, Judgement]] = {}
    for (coder, segment_id), judgement in wanted.items():
        by_coder.setdefault(coder, {})[segment_id] = judgement
    added: dict[str, int] = {}
    known = absent = 0
    for coder, judgements in by_coder.items():
        before = store.judgements(coder)
        events: list[Event] = []
        for segment_id, judgement in judgements.items():
            done = done_value(lacked.get((coder, segment_id), ()))
            new = list(_events(segment_id, before.get(segment_id, Judgement()), judgement, done))
            known += _size(judgement) - len(new)
            events += new
        gone = [
            Event(segment_id, "code", code)
            for segment_id, judgement in before.items()
            for code, given in judgement.codes.items()
            if given and segment_id in said.placed and code not in judgements.get(segment_id, Judgement()).codes
        ]
        absent += len(gone)
        events += gone if withdraw else []
        if events:
            judged = (segments[name] for name in dict.fromkeys(event.segment_id for event in events))
            store.append(coder, SOURCE, events, [Judged(s.segment_id, s.interview, s.text, s.question) for s in judged])
        added[coder] = len(events)
    return added, known, absent


def _size(judgement: Judgement) -> int:
    return len(judgement.codes) + judgement.done + judgement.doubt + bool(judgement.remark)


def _events(segment_id: str, before: Judgement, after: Judgement, done: str) -> Iterator[Event]:
    """What has to be decided for a segment to stand as `after`, keeping what only `before` says. `done` is the value of
    a segment that was judged as a whole."""
    for code, given in after.codes.items():
        if before.codes.get(code) != given:
            yield Event(segment_id, "code", code, "yes" if given else "no")
    if after.done and not before.done:
        yield Event(segment_id, "done", value=done)
    if after.doubt and not before.doubt:
        yield Event(segment_id, "doubt", value="yes")
    # Programs and XML change the line ends of Windows.
    if after.remark and _lines(after.remark) not in _lines(before.remark):
        yield Event(segment_id, "remark", value=f"{before.remark}\n{after.remark}".strip())


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _write_unplaced(path: Path, unplaced: Iterable[Unplaced]) -> Path | None:
    """Write the list of codings that found no segment; None, and no earlier list either, when there are none."""
    rows = list(unplaced)
    if not rows:
        path.unlink(missing_ok=True)
        return None
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([field.name for field in fields(Unplaced)])
    writer.writerows([neutralise(cell) if isinstance(cell, str) else cell for cell in astuple(row)] for row in rows)
    write_atomic(path, buffer.getvalue().encode("utf-8-sig", "replace"))
    return path
