"""`codeboom import-validated`: what stands in a filled-in workbook goes to the store, all of it or nothing.

A cell that is as it was at the last import says nothing new. So the same file twice adds nothing, and what was decided
on the review page since is not overruled by a workbook that was not touched since. A cell that was emptied takes back
what it said, if that is asked for: another copy of the workbook has empty cells too (see `overruling`).
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.codebook import Codebook
from pipeline.decisions.coders import admitted
from pipeline.decisions.labels import open_codes, unread
from pipeline.decisions.overruling import Overruling
from pipeline.decisions.records import BULK, WORKBOOK, Event, Judged, Judgement, Kind, done_value
from pipeline.decisions.rows import Said, read_rows
from pipeline.decisions.store import Store, coder_name, open_store
from pipeline.errors import CodeboomError, ImportProblems
from pipeline.records import Coding, Segment
from pipeline.tables import read_codings, read_segments
from pipeline.workbook import Filled, Names, read_bytes, read_filled

SOURCE = WORKBOOK
_LISTED = 50
_NOTHING = Judgement()
_KINDS: tuple[Kind, ...] = ("code", "done", "doubt", "remark")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import added to the store: decisions by kind ("accepted", "rejected", "added", "in doubt", "remarks",
    "wholly judged", "taken back", "accepted unseen"), how many of them `overruled` what stood, the segments that they
    are about, the rows that were read, and sentences for the researcher."""

    coder: str
    new_coder: bool
    rows: int
    segments: int
    counts: Mapping[str, int]
    overruled: int = 0
    notes: tuple[str, ...] = ()


def import_validated(
    path: Path,
    out: Path,
    codebook: Codebook,
    coder: str,
    accept_above: float | None = None,
    overrule: bool = False,
) -> Imported:
    """Take the workbook `path` as what `coder` decided about the segments in `out`, in one transaction.

    With `accept_above`, a suggestion with that score or more on which the coder said nothing, here or elsewhere, is
    accepted unseen. Only with `overrule` is what stands taken back where a cell is empty now, or replaced where it was
    decided elsewhere. Raises ImportProblems with everything that is wrong, and then nothing is taken; CodeboomError
    when the workbook, the tables or the store cannot be read, and where the coder coded blind before.
    """
    coder = coder_name(coder)
    data = read_bytes(path)
    if data is None:
        raise CodeboomError(f"{path}: no such file. Give the workbook that you filled in.")
    segments, codings = read_segments(out / "segments.csv"), read_codings(out / "codings.csv")
    filled = read_filled(path, data)
    said, problems = read_rows(filled, segments, codings, codebook, scored=accept_above is not None)
    if problems:
        more = [f"  ... and {len(problems) - _LISTED} more"] if len(problems) > _LISTED else []
        listed = "\n".join([f"  {problem}." for problem in problems[:_LISTED]] + more)
        raise ImportProblems(f"{path}: {len(problems)} thing(s) to mend; nothing was taken:\n{listed}")
    with open_store(out) as store, store.transaction():
        coder = admitted(store, coder, blind=False)
        known = store.coders()
        found = _decide(store, coder, said, codings, codebook, _listed_codes(filled, codebook), accept_above)
        if found.overruling and not overrule:
            raise ImportProblems(found.overruling.refusal(path, filled.sheet))
        for source, events in ((SOURCE, found.by_hand), (BULK, found.unseen)):
            if events:
                about = {event.segment_id for event in events}
                texts = [row.segment for row in said if row.segment.segment_id in about]
                judged = [Judged(s.segment_id, s.interview, s.text, s.question) for s in texts]
                store.append(coder, source, events, judged)
    about = {event.segment_id for event in [*found.by_hand, *found.unseen]}
    notes = tuple(_notes(filled, segments, said))
    return Imported(coder, coder not in known, len(said), len(about), found.counts, len(found.overruling), notes)


def _notes(filled: Filled, segments: Sequence[Segment], said: Sequence[Said]) -> Iterator[str]:
    """What the researcher should know of a workbook that was taken."""
    if own := filled.own_additions:
        yield f"Not read: {own} cells, notes, colours or sheets of your own."
    there = {row.segment.interview for row in said}
    if lacking := [name for name in dict.fromkeys(s.interview for s in segments) if name not in there]:
        yield (
            f"Not in this workbook: {len(lacking)} interview(s) of the tables, {', '.join(lacking)}. What was decided "
            "about them stays as it was."
        )


def _listed_codes(filled: Filled, codebook: Codebook) -> set[str]:
    """The codes that she could choose from: those of the workbook's own codebook sheet, by their ids of today."""
    names = Names(codebook, filled.code_ids)
    return {code for name in filled.code_ids if (code := names.code_id(name))}


@dataclass(slots=True)
class _Found:
    by_hand: list[Event] = field(default_factory=list)
    unseen: list[Event] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    overruling: Overruling = field(default_factory=Overruling)


def _decide(
    store: Store,
    coder: str,
    said: Sequence[Said],
    codings: Sequence[Coding],
    codebook: Codebook,
    listed: Collection[str],
    accept_above: float | None,
) -> _Found:
    """The events that bring the store to what the rows say, and what they overrule. `listed` are the codes that the
    workbook gave to choose from."""
    now, last = store.judgements(coder), store.judgements(coder, SOURCE)
    sources: dict[tuple[str, str, str], str] = {
        (word.segment_id, kind, word.code): word.source
        for kind in _KINDS
        for word in store.last_words(kind)
        if word.coder == coder
    }
    done_at = store.done_at(coder)
    opened = open_codes(codebook, store.first_used())
    models = {(c.segment_id, c.code): c for c in codings if c.suggested}
    found = _Found()
    for row in said:
        segment_id = row.segment.segment_id
        before, stands = (_about(how.get(segment_id, _NOTHING), codebook) for how in (last, now))
        lacked = [code for code in opened if code not in listed or code in row.unread]
        done, later = done_value(lacked), unread(opened, done_at.get(segment_id))
        newer = {code for code in later if opened[code] is not None and code not in lacked}
        events = list(_by_hand(row, before, stands, models, done, newer))
        found.by_hand += events
        found.counts.update(_counted(event) for event in events)
        found.overruling.look(row, events, before, stands, sources, later)
        if accept_above is not None:
            unseen = list(_unseen(row, _after(stands, events), models, accept_above, done))
            found.unseen += unseen
            found.counts.update("accepted unseen" if e.kind == "code" else _counted(e) for e in unseen)
    return found


def _about(judgement: Judgement, codebook: Codebook) -> Judgement:
    """The judgement without the codes that left the codebook, which no workbook can speak of any more."""
    return replace(judgement, codes={code: given for code, given in judgement.codes.items() if code in codebook.ids})


def _by_hand(
    row: Said, last: Judgement, now: Judgement, models: Mapping[tuple[str, str], Coding], whole: str, newer: set[str]
) -> Iterator[Event]:
    """What the row says that it did not say at the last import. `whole` is how a finished row is done; `newer` are open
    codes that could be chosen, and for which the segment was not read before."""
    decided = list(_on_codes(row, last, now, models))
    yield from decided
    segment_id = row.segment.segment_id
    # A new suggestion does not undo that the segment was once judged as a whole; a verdict that was emptied does.
    emptied = any(code in last.codes and now.codes.get(code) == last.codes[code] for code in row.open)
    kept = last.done and not row.empty and not row.doubt and not emptied
    done = row.done or kept
    changed = bool(decided) or row.doubt != last.doubt
    again = now.done and row.done and bool(newer if changed else newer & row.reread)
    if (done != last.done and (done or now.done)) or again:
        yield Event(segment_id, "done", value=whole if done else "")
    if row.doubt != last.doubt and (row.doubt or now.doubt):
        yield Event(segment_id, "doubt", value="yes" if row.doubt else "")
    if row.remark != last.remark and (row.remark or now.remark == last.remark):
        yield Event(segment_id, "remark", value=row.remark)


def _on_codes(row: Said, last: Judgement, now: Judgement, models: Mapping[tuple[str, str], Coding]) -> Iterator[Event]:
    """What the row says of codes that it did not say at the last import."""
    # What is new in the row counts against what was given until then, unseen or elsewhere, and not what comes later.
    none = row.none and not (last.done and not any(last.codes.values()))
    doubted = () if last.doubt else row.doubted - row.codes.keys()
    given = [code for code, yes in now.codes.items() if yes and (none or code in doubted)]
    for code in dict.fromkeys([*row.codes, *last.codes, *given]):
        said, before = row.codes.get(code), last.codes.get(code)
        if said is not None and (said != before or code in given):
            yield _event(row, code, said, models)
        elif said is None and (now.codes.get(code) == before or code in given):  # not decided otherwise since
            yield Event(row.segment.segment_id, "code", code)


def _unseen(
    row: Said, stands: Judgement, models: Mapping[tuple[str, str], Coding], accept_above: float, whole: str
) -> Iterator[Event]:
    """Suggestions to accept unseen. Where that answers all that was left open in a row that was looked at, the segment
    was judged as a whole."""
    if stands.done:  # what was not given is refused
        return
    accepted = [c for c, score in row.open.items() if score is not None and score >= accept_above]
    new = [code for code in accepted if code not in stands.codes]
    yield from (_event(row, code, True, models) for code in new)
    if new and row.looked and not stands.doubt and all(code in stands.codes or code in new for code in row.open):
        yield Event(row.segment.segment_id, "done", value=whole)


def _event(row: Said, code: str, given: bool, models: Mapping[tuple[str, str], Coding]) -> Event:
    """The event for one code, with what the row showed of it, and of which model that was where that is known."""
    segment_id = row.segment.segment_id
    today = models.get((segment_id, code))
    suggested, score = code in row.shown, row.shown.get(code)
    if today and not suggested:  # named among the other suggestions, and added by hand
        suggested, score = True, today.score
    same = today is not None and score is not None and abs(today.score - score) < 0.0001
    return Event(
        segment_id, "code", code, "yes" if given else "no", suggested, score, today.coder if today and same else ""
    )


def _after(now: Judgement, events: Sequence[Event]) -> Judgement:
    """How the segment stands after `events`."""
    codes, done, doubt = dict(now.codes), now.done, now.doubt
    for event in events:
        match event.kind:
            case "code" if event.value:
                codes[event.code] = event.value == "yes"
            case "code":
                codes.pop(event.code, None)
            case "done":
                done = bool(event.value)
            case "doubt":
                doubt = bool(event.value)
    return Judgement(codes, done, doubt, now.remark)


def _counted(event: Event) -> str:
    """As what an event counts in the report."""
    if not event.value:
        return "taken back"
    if event.kind == "code":
        return "rejected" if event.value == "no" else "accepted" if event.suggested else "added"
    return {"done": "wholly judged", "doubt": "in doubt", "remark": "remarks"}[event.kind]
