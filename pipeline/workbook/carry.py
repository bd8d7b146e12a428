"""Carries what the researcher filled in over to the new workbook, cell by cell, and counts what finds no place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.codebook import Codebook
from pipeline.records import Segment
from pipeline.workbook.filled import Filled, FilledRow
from pipeline.workbook.layout import EXTRAS, VERDICTS, fold
from pipeline.workbook.text import LONGEST, cell_text, units

_NO_SUGGESTION = "(geen suggestie)"


@dataclass(slots=True)
class Fields:
    """What stands in the input cells of one segment: `verdicts` by code id; `earlier` has one line for each
    verdict on a code that is no longer suggested, as "verdict: code name"; `unread` are the ids of open codes that
    she could not have chosen when she filled in the row."""

    verdicts: dict[str, str] = field(default_factory=dict)
    extras: list[str] = field(default_factory=lambda: [""] * EXTRAS)
    no_code: str = ""
    remark: str = ""
    earlier: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Carried:
    """The filled-in fields by segment id, how many cells found their place, and how many did not."""

    fields: dict[str, Fields] = field(default_factory=dict)
    carried: int = 0
    aside: int = 0

    def count(self, placed: bool) -> None:
        """Count one cell."""
        self.carried += placed
        self.aside += not placed


class Names:
    """Finds today's code for a name in an older workbook: by the id it had there, else by the name itself, so
    that a code that was renamed or moved in the tree keeps its labels."""

    def __init__(self, codebook: Codebook, old_ids: Mapping[str, str]) -> None:
        self.name_of = {code.id: code.name for code in codebook.codes}
        self._id_of = {fold(code.name): code.id for code in codebook.codes}
        self._old_ids = old_ids

    def code_id(self, name: str) -> str | None:
        """Today's id of the code with this name; None when the codebook has no such code (any more)."""
        old = self._old_ids.get(fold(name))
        return old if old in self.name_of else self._id_of.get(fold(name))

    def today(self, name: str) -> str:
        """The name as it is now; a code that is no longer in the codebook keeps its own."""
        code_id = self.code_id(name)
        return self.name_of[code_id] if code_id else name


def carry(
    filled: Filled, segments: Sequence[Segment], shown: Mapping[str, Sequence[str]], codebook: Codebook
) -> Carried:
    """Place every filled-in cell with the same segment. `shown` are the ids of the codes that can be judged now.

    A row finds its place by segment_id, if its fragment is still that segment's text and all its cells are its own;
    otherwise the rows were shuffled or the text changed, and what she said may not be true of it any more.
    """
    names = Names(codebook, filled.code_ids)
    listed = {names.code_id(name) for name in filled.code_ids}
    opened = [code.id for code in codebook.codes if code.origin == "open"]
    texts = {segment.segment_id: cell_text(segment.text) for segment in segments}
    result = Carried(aside=filled.own_additions)
    for row in filled.rows:
        text = texts.get(row.segment_id)
        if text is None or fold(text) != fold(row.fragment) or row.torn:
            result.aside += row.filled + row.changed
            continue
        result.aside += row.changed
        if row.filled:
            fields = result.fields.setdefault(row.segment_id, Fields())
            fields.unread = [code for code in opened if code in (*fields.unread, *row.unread) or code not in listed]
            _carry_row(row, fields, shown.get(row.segment_id, ()), names, result)
    return result


def _carry_row(row: FilledRow, fields: Fields, shown: Sequence[str], names: Names, result: Carried) -> None:
    for name, verdict in row.slots:
        if verdict:
            result.count(_place_verdict(fields, shown, names, name, verdict))
    for line in row.earlier:
        verdict, separator, name = line.partition(": ")
        known = separator and verdict in VERDICTS and name != _NO_SUGGESTION
        placed = _place_verdict(fields, shown, names, name, verdict) if known else _add_line(fields, line)
        result.count(placed)
    for position, extra in enumerate(row.extras):
        if extra:
            result.count(_place_extra(fields, position, names.today(extra)))
    if row.no_code:
        fields.no_code = fields.no_code or row.no_code
        result.count(fields.no_code == row.no_code)
    if row.remark:
        fields.remark = fields.remark or row.remark
        result.count(fields.remark == row.remark)


def _place_verdict(fields: Fields, shown: Sequence[str], names: Names, name: str, verdict: str) -> bool:
    verdict = fold(verdict) if fold(verdict) in VERDICTS else verdict
    code_id = names.code_id(name)
    if code_id and code_id in shown and fields.verdicts.setdefault(code_id, verdict) == verdict:
        return True
    return _add_line(fields, f"{verdict}: {names.today(name) or _NO_SUGGESTION}")


def _add_line(fields: Fields, line: str) -> bool:
    if line in fields.earlier:
        return True
    if units("\n".join([*fields.earlier, line])) > LONGEST:
        return False
    fields.earlier.append(line)
    return True


def _place_extra(fields: Fields, position: int, extra: str) -> bool:
    if extra in fields.extras:
        return True
    for place in (position, *range(EXTRAS)):  # its own cell, unless a copied row took it
        if not fields.extras[place]:
            fields.extras[place] = extra
            return True
    return False
