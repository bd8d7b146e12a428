"""The coders that can be compared: persons from the store of decisions, the model, and codings from elsewhere."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.agreement.units import Coder, Codes
from pipeline.codebook import Codebook
from pipeline.decisions import Store, open_store, store_path
from pipeline.decisions.labels import open_codes, unread
from pipeline.decisions.records import BULK
from pipeline.errors import CodeboomError
from pipeline.files import decoded
from pipeline.formulas import release
from pipeline.records import Coding, Segment
from pipeline.tables import read_codings


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a table of codings; a row without a code, or not suggested, says only that the segment was judged."""

    row: int
    segment_id: str
    code: str
    coder: str
    says_no: bool


def read_coders(
    out: Path, segments: Sequence[Segment], codebook: Codebook, files: Sequence[Path], blind: bool = False
) -> tuple[Coder, ...]:
    """Every coder of an output folder and of the `files` besides: persons first, then files, then the model.

    With `blind`, a person judged only what they judged without seeing suggestions. Raises CodeboomError for a table
    that cannot be read, and a code or segment that does not exist.
    """
    coders = [*_persons(out, segments, codebook, blind)]
    codes = frozenset(codebook.ids)
    for path in files:
        coders += _from_file(path, segments, codes)
    return (*coders, *_models(out / "codings.csv", codes))


# --- persons -----------------------------------------------------------------------------------------------


def _persons(out: Path, segments: Sequence[Segment], codebook: Codebook, blind: bool) -> Iterator[Coder]:
    """Persons who judged at least one whole segment that is still in the table. They say nothing of an open code that
    came into use after that, unless they gave or refused it by itself, nor of what they accepted unseen: that the model
    agrees with itself is no agreement."""
    if not store_path(out).exists():
        return
    present, codes = {segment.segment_id for segment in segments}, frozenset(codebook.ids)
    with open_store(out, create=False) as store:
        opened = open_codes(codebook, store.first_used())
        unseen: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for word in store.last_words("code"):
            if word.source == BULK and word.value:
                unseen[word.coder, word.segment_id].add(word.code)
        for name in store.coders():
            done_at = store.done_at(name)
            done = {
                segment_id: judgement.codes
                for segment_id, judgement in store.judgements(name).items()
                if judgement.done and segment_id in present
            }
            alone = frozenset(segment_id for segment_id in done if _blind(store, name, segment_id))
            if blind:
                done = {segment_id: done[segment_id] for segment_id in done if segment_id in alone}
            given = {key: frozenset(code for code, yes in said.items() if yes) & codes for key, said in done.items()}
            silent = {
                key: frozenset(unread(opened, done_at.get(key))).difference(said) | unseen[name, key]
                for key, said in done.items()
            }
            if given:
                yield Coder(name, "person", given, alone, silent)


def _blind(store: Store, coder: str, segment_id: str) -> bool:
    """Whether the coder decided on this segment without ever having seen the suggestions for it: one decision with the
    suggestions in view is enough to doubt all others."""
    return all(
        past.event.blind
        for past in store.history(segment_id)
        if past.coder == coder and past.event.kind in ("code", "done") and not past.undo
    )


# --- tables ------------------------------------------------------------------------------------------------


def _models(path: Path, codes: Codes) -> Iterator[Coder]:
    """The model. After a retraining, interviews that were validated keep what an earlier version said of them, so that
    a table may hold several versions: together they are the model as the researcher saw it, one coder, with each
    version as a part that can be chosen by its name."""
    if not path.exists():
        return
    by_segment: defaultdict[str, list[Coding]] = defaultdict(list)
    for coding in read_codings(path):
        by_segment[coding.segment_id].append(coding)
    scored = frozenset(coding.code for found in by_segment.values() for coding in found)
    if not scored <= codes:
        raise CodeboomError(
            f"{path}: {len(scored - codes)} of its codes are not in the codebook. Give the settings of this study "
            "with --study, or run again with the codebook as it is now."
        )
    by_version: defaultdict[str, dict[str, list[Coding]]] = defaultdict(dict)
    for segment_id, found in by_segment.items():
        # A code that is new may have been scored by a later version than the rest of a segment.
        version = Counter(coding.coder for coding in found).most_common(1)[0][0]
        by_version[version][segment_id] = found
    parts = tuple(_model(name, found, codes) for name, found in by_version.items())
    if len(parts) == 1:
        yield parts[0]
    elif parts:
        yield replace(_model(" + ".join(part.name for part in parts), by_segment, codes), parts=parts)


def _model(name: str, codings: Mapping[str, Sequence[Coding]], codes: Codes) -> Coder:
    """A model by what it said of segments; of a code that it did not score there it says nothing."""
    given = {
        segment_id: frozenset(coding.code for coding in found if coding.suggested)
        for segment_id, found in codings.items()
    }
    silent = {segment_id: codes.difference(coding.code for coding in found) for segment_id, found in codings.items()}
    return Coder(name, "model", given, silent=silent)


def _from_file(path: Path, segments: Sequence[Segment], codes: Codes) -> list[Coder]:
    """The coders of a table with columns segment_id, code and coder.

    Where a coder has a row with an empty code (or, in a table that Codeboom made, one that is not suggested), they
    judged the segments that they have a row for; else every segment of every interview that they have a row in. They
    could give every code; but who has a row for what was not suggested is a model, which scored what it has rows for.
    """
    interview = {segment.segment_id: segment.interview for segment in segments}
    by_coder: defaultdict[str, list[_Line]] = defaultdict(list)
    lines = list(_lines(path))
    if strange := [line.row for line in lines if line.segment_id not in interview]:
        raise CodeboomError(
            f"{path}: row {strange[0]}: the segment is not in segments.csv, and so for {len(strange)} of {len(lines)} "
            "rows. Use codings of these segments, or the output folder that they were made with."
        )
    for line in lines:
        if line.code and line.code not in codes:
            raise _wrong(path, line.row, "the code is not in the codebook. Use its full id, as in the sheet Codeboek")
        by_coder[line.coder].append(line)
    found = []
    for name, lines in by_coder.items():
        given = _by_segment(lines, lambda line: not line.says_no)
        silent: dict[str, Codes] = {}
        if any(line.says_no and line.code for line in lines):
            scored = _by_segment(lines, lambda line: bool(line.code))
            silent = {segment_id: codes - found for segment_id, found in scored.items()}
        elif not any(line.says_no for line in lines):
            talked = {interview[line.segment_id] for line in lines}
            given = {s.segment_id: given.get(s.segment_id, frozenset()) for s in segments if s.interview in talked}
        found.append(Coder(name, "file", given, silent=silent))
    if not found:
        raise CodeboomError(f"{path}: the table is empty. Put one row for each code that a coder gave.")
    return found


def _by_segment(lines: Iterable[_Line], takes: Callable[[_Line], bool]) -> dict[str, Codes]:
    """The codes of the rows that are taken, for every segment that has a row."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in lines:
        found[line.segment_id].update([line.code] if takes(line) else [])
    return {segment_id: frozenset(codes) for segment_id, codes in found.items()}


def _lines(path: Path) -> Iterator[_Line]:
    """The rows of a table as a spreadsheet saves it: comma or semicolon, UTF-8 or Windows-1252; blank rows skipped."""
    text = _text(path)
    top = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if top.count(";") > top.count(",") else ",")
    columns: dict[str, int] = {}
    try:
        for row, cells in enumerate(reader, 1):
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = {name.strip().casefold(): place for place, name in enumerate(cells)}
                if missing := [name for name in ("segment_id", "code", "coder") if name not in columns]:
                    raise _wrong(
                        path, row, f"there is no column {', '.join(missing)}. Give one row a code that was given"
                    )
                continue
            cells += [""] * (len(columns) - len(cells))
            values = {name: release(cells[place]).strip() for name, place in columns.items()}
            if not (values["segment_id"] and values["coder"]):
                raise _wrong(path, row, "segment_id or coder is empty. Fill in both")
            suggested = values.get("suggested", "").casefold() not in ("false", "onwaar")
            yield _Line(row, values["segment_id"], values["code"], values["coder"], not (suggested and values["code"]))
    except csv.Error as error:
        raise CodeboomError(f"{path}: is not a CSV that can be read. Save it again from a spreadsheet.") from error


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CodeboomError(f"{path}: cannot be read ({error.strerror or type(error).__name__}).") from error
    if b"\x00" in data:
        raise CodeboomError(f"{path}: this is no CSV. In Excel, choose Save as, CSV UTF-8, and try again.")
    return decoded(data)


def _wrong(path: Path, row: int, what: str) -> CodeboomError:
    return CodeboomError(f"{path}: row {row}: {what}.")
