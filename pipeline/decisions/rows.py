"""What a row of a filled-in workbook says, and everything that is wrong with it. Reads no file and writes none."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.codebook import Codebook
from pipeline.records import Coding, Segment
from pipeline.workbook import Filled, FilledRow, Names
from pipeline.workbook.layout import INPUTS, SUGGESTIONS, VERDICTS, fold
from pipeline.workbook.text import cell_text

ACCEPT, REJECT, DOUBT = VERDICTS
_YES = "ja"
_SLOTS = range(1, SUGGESTIONS + 1)
_NEEDED = {*INPUTS, *(f"Suggestie {n}" for n in _SLOTS)}


@dataclass(frozen=True, slots=True)
class Said:
    """What one row says of its segment; `row` is its number in the sheet. `codes` are those given (True) or refused
    (False), `doubted` those in doubt; `open` are the suggestions on which nothing was said, and `shown` all of them,
    with their scores. `looked` says that a verdict or a code stands in the row beside what was carried over from an
    earlier one; `none`, that no code belongs to the segment. `unread` are open codes that are newer than what stands in
    the row, `reread` those that were so until the row was changed."""

    row: int
    segment: Segment
    codes: Mapping[str, bool]
    open: Mapping[str, float | None]
    shown: Mapping[str, float | None]
    doubted: frozenset[str] = frozenset()
    remark: str = ""
    none: bool = False
    looked: bool = False
    unread: frozenset[str] = frozenset()
    reread: frozenset[str] = frozenset()

    @property
    def doubt(self) -> bool:
        """Whether a code in the row is in doubt."""
        return bool(self.doubted)

    @property
    def done(self) -> bool:
        """Whether everything in the row was answered: the whole segment was judged, and codes not given are refused."""
        return self.looked and not self.open and not self.doubt

    @property
    def empty(self) -> bool:
        """Whether the row says nothing."""
        return not (self.codes or self.doubt or self.remark or self.none)


def read_rows(
    filled: Filled,
    segments: Sequence[Segment],
    codings: Sequence[Coding],
    codebook: Codebook,
    scored: bool = False,
) -> tuple[list[Said], list[str]]:
    """What every row says, and everything that is wrong, in the order of the sheet: one sentence each, with sheet and
    row. With `scored`, a suggestion without a verdict needs a score that can be read."""
    missing = [header for header in filled.missing if header in _NEEDED or (scored and header.startswith("Score"))]
    if missing:
        return [], [f"{filled.sheet}: the column(s) {', '.join(missing)} are not there any more; put them back"]
    known = {segment.segment_id: segment for segment in segments}
    suggested = {(coding.segment_id, coding.code) for coding in codings if coding.suggested}
    names = Names(codebook, filled.code_ids)
    said: list[Said] = []
    problems: list[str] = []
    first: dict[str, int] = {}
    for row in filled.rows:
        where = f"{filled.sheet}, row {row.row}: "
        segment = known.get(row.segment_id)
        wrong = _misplaced(row, segment, first)
        if segment is None or wrong:
            problems += [where + wrong] if wrong else []
            continue
        first[row.segment_id] = row.row
        one = _Row(row, segment, names, suggested, scored)
        said.append(one.said)
        problems += [where + problem for problem in one.problems]
    return said, [*problems, *_absent(filled, segments, first)]


def _misplaced(row: FilledRow, segment: Segment | None, first: Mapping[str, int]) -> str:
    """What is wrong with the row as a whole, if anything."""
    if not row.segment_id:
        return "holds something, but no segment_id; move what you want to keep to the row that it belongs to"
    if row.segment_id in first:
        return f"is about the same segment as row {first[row.segment_id]}; keep one of them"
    if segment is None:
        return "its segment is not in segments.csv (any more); run `codeboom run`, and fill in the new coded.xlsx"
    if fold(cell_text(segment.text)) != fold(row.fragment):
        return (
            "the fragment is not the text of its segment: rows were sorted in part, or the text was changed. Undo "
            "that, or run `codeboom run` and fill in the new coded.xlsx"
        )
    if row.torn:
        return (
            "its cells are of different rows: some columns were sorted without the others. Undo that, or go back to a "
            "copy of before"
        )
    return ""


def _absent(filled: Filled, segments: Sequence[Segment], there: Mapping[str, int]) -> Iterator[str]:
    """Segments without a row, of interviews that have rows: a workbook may leave out an interview, not a fragment."""
    interviews = {segment.interview for segment in segments if segment.segment_id in there}
    ids = {row.segment_id for row in filled.rows}
    for interview in sorted(interviews):
        lost = [s.segment_id for s in segments if s.interview == interview and s.segment_id not in ids]
        if lost:
            listed = ", ".join(lost[:5]) + (", ..." if len(lost) > 5 else "")
            yield (
                f"{filled.sheet}: {len(lost)} row(s) of {interview} are missing (segment_id {listed}); put them back, "
                "empty if need be, or leave out the whole interview"
            )


class _Row:
    """One row while it is read: what it says of each code, and what is wrong."""

    def __init__(
        self, row: FilledRow, segment: Segment, names: Names, suggested: set[tuple[str, str]], scored: bool
    ) -> None:
        self.problems: list[str] = []
        self._names = names
        self._codes: dict[str, bool] = {}
        self._open: dict[str, float | None] = {}
        self._shown: dict[str, float | None] = {}
        self._doubted: list[str] = []
        for number, ((name, verdict), score) in enumerate(zip(row.slots, row.scores, strict=True), 1):
            if name or verdict:
                moved = row.changed and (segment.segment_id, names.code_id(name) or "") not in suggested
                self._slot(number, name, verdict, score, moved)
        for line in row.earlier:
            verdict, _, name = line.partition(": ")
            self._verdict("Eerder beoordeeld", verdict, self._code("Eerder beoordeeld", name))
        for number, extra in enumerate(row.extras, 1):
            code = self._code(f"Extra code {number}", extra) if extra else None
            if code in self._doubted:
                self._doubted.remove(code)  # first in doubt, then given
            if code:
                self._give(f"Extra code {number}", code, True)
        none = self._none(row.no_code)
        for code, score in self._open.items() if scored else ():
            if score is None and code not in self._codes:
                self.problems.append("a suggestion without a verdict has no score between 0 and 1; put the score back")
        self.said = Said(
            row.row,
            segment,
            self._codes,
            {code: score for code, score in self._open.items() if code not in self._codes},
            self._shown,
            frozenset(self._doubted),
            row.remark,
            none,
            none or any(row.extras) or any(verdict for _, verdict in row.slots),
            frozenset(row.unread),
            frozenset(row.reread),
        )

    def _slot(self, number: int, name: str, verdict: str, score: float | None, moved: bool) -> None:
        """Read one suggestion. `moved` says that the row was changed and this code is not among its suggestions."""
        if not name:
            self.problems.append(f"Oordeel {number}: a verdict without a suggestion beside it; empty the cell")
            return
        code = self._code(f"Suggestie {number}", name)
        if code is None:
            return
        if moved:
            self.problems.append(
                f"Suggestie {number}: is not what was suggested for this fragment; undo the change, or use Extra code"
            )
            return
        self._shown[code] = score
        if verdict:
            self._verdict(f"Oordeel {number}", verdict, code)
        else:
            self._open[code] = score

    def _verdict(self, column: str, verdict: str, code: str | None) -> None:
        folded = fold(verdict)
        if folded not in VERDICTS:
            self.problems.append(f"{column}: not one of {', '.join(VERDICTS)}; choose one, or empty the cell")
        elif code is not None and folded == DOUBT:
            self._doubted.append(code)
        elif code is not None:
            self._give(column, code, folded == ACCEPT)

    def _give(self, column: str, code: str, given: bool) -> None:
        if self._codes.setdefault(code, given) != given:
            self.problems.append(f"{column}: the same code is both accepted and rejected in this row; choose one")

    def _code(self, column: str, name: str) -> str | None:
        code = self._names.code_id(name)
        if code is None:
            self.problems.append(
                f"{column}: not a code of the codebook. Choose one from the list. An open code is made on the review "
                "page or in the codebook, and can be chosen after that; until then, put the idea in Opmerking"
            )
        return code

    def _none(self, cell: str) -> bool:
        """Whether "Geen code" says that no code belongs here, which also answers what was suggested."""
        if not cell:
            return False
        if fold(cell) != _YES:
            self.problems.append("Geen code: not ja; choose ja, or empty the cell")
            return False
        if any(self._codes.values()) or self._doubted:
            self.problems.append("Geen code: is ja, while a code here is accepted, added or in doubt; choose one")
            return False
        self._open.clear()
        return True
