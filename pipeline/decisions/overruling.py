"""What an import may not do unasked: take back what stands because a cell is empty now, as it is in another copy of the
workbook, or replace what the same coder decided elsewhere, as on the review page after the workbook was filled in.

Another verdict in a cell overrules what a workbook said, and needs no leave: that is how a mind is changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.decisions.records import BULK, WORKBOOK, Event, Judgement
from pipeline.decisions.rows import Said

_Key = tuple[str, str, str]


@dataclass(slots=True)
class Overruling:
    """The rows of what would be overruled, one number a decision: where a cell is empty, and what was decided
    elsewhere."""

    emptied: list[int] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.emptied) + len(self.elsewhere)

    def look(
        self,
        row: Said,
        events: Sequence[Event],
        last: Judgement,
        now: Judgement,
        sources: Mapping[_Key, str],
        unread: Collection[str],
    ) -> None:
        """Look at the events of one row. `last` is what the workbook said at the last import, `now` how the segment
        stands, `sources` how each decision came in, and `unread` are the codes that being done does not refuse."""
        for event in events:
            if _emptied(row, event, last):
                self.emptied.append(row.row)
            elif _elsewhere(event, now, sources, unread):
                self.elsewhere.append(row.row)

    def refusal(self, path: Path, sheet: str) -> str:
        """What to tell the researcher: how many, where, and what to do."""
        lines = [f"{path}: nothing was taken, because this import would overrule what stands:"]
        if self.emptied:
            lines.append(
                f"  {len(self.emptied)} decision(s) would be taken back, because cells that were filled in at the last "
                f"import are empty now: {_rows(sheet, self.emptied)}."
            )
        if self.elsewhere:
            lines.append(
                f"  {len(self.elsewhere)} decision(s) that were made on the review page, or in another program, would "
                f"be replaced: {_rows(sheet, self.elsewhere)}."
            )
        lines.append(
            "This may be another copy of the workbook, or an older one: give the copy that you imported last, with "
            "what is new filled in there. If this copy is for other interviews than that one, delete in it all rows of "
            "the interviews that it does not speak about: what was decided about those stays. If this workbook is "
            "right as it is, give --overrule."
        )
        return "\n".join(lines)


def _rows(sheet: str, rows: Sequence[int]) -> str:
    ranges: list[tuple[int, int]] = []
    for row in sorted(set(rows)):
        if ranges and row == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], row)
        else:
            ranges.append((row, row))
    told = [f"{first}-{last}" if first < last else str(first) for first, last in ranges]
    return f"{sheet}, row(s) {', '.join(told)}"


def _emptied(row: Said, event: Event, last: Judgement) -> bool:
    """Whether an event takes something back for no other reason than that a cell is empty now."""
    if event.value:
        return False
    match event.kind:
        case "code":
            return not (row.none or event.code in row.doubted or (event.code not in row.shown and _swapped(row, last)))
        case "done":
            return not row.doubt
        case "doubt":  # a verdict where there was none settles it
            return not (row.done or any(code not in last.codes for code in row.codes))
        case _:
            return True


def _swapped(row: Said, last: Judgement) -> bool:
    """Whether each code that was added to the row, and is not there any more, made way for another."""
    gone = [code for code in last.codes if code not in (row.codes.keys() | row.shown.keys() | row.doubted)]
    new = [code for code, given in row.codes.items() if given and code not in (row.shown.keys() | last.codes.keys())]
    return len(gone) <= len(new)


def _elsewhere(event: Event, now: Judgement, sources: Mapping[_Key, str], unread: Collection[str]) -> bool:
    """Whether an event replaces what stands and did not come from a workbook."""

    def from_elsewhere(key: _Key) -> bool:
        return sources.get(key, WORKBOOK) not in (WORKBOOK, BULK)

    if from_elsewhere(event.key) and _changes(event, now):
        return True
    # Who finished a segment refused what was not given, and had no doubt left.
    if not now.done or now.doubt or event.value != "yes" or not from_elsewhere((event.segment_id, "done", "")):
        return False
    return event.kind == "doubt" or (event.kind == "code" and event.code not in {*now.codes, *unread})


def _changes(event: Event, now: Judgement) -> bool:
    """Whether something else stands than what an event says."""
    match event.kind:
        case "code":
            given = now.codes.get(event.code)
            return given is not None and event.value != ("yes" if given else "no")
        case "done":
            return now.done and not event.value
        case "doubt":
            return now.doubt and not event.value
        case _:
            return now.remark not in ("", event.value)
