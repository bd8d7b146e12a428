"""Agreement where a coder says nothing: open codes of later, a model that knows fewer codes, what was accepted unseen;
and figures that would say more than there is."""

import csv
import io
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from pipeline.agreement.choosing import choose
from pipeline.agreement.coders import read_coders
from pipeline.agreement.measure import Estimate, measure, rows_of
from pipeline.agreement.numbers import interval, number, percent, short
from pipeline.agreement.report import compare
from pipeline.agreement.units import Coder, count_units
from pipeline.codebook import Codebook
from pipeline.decisions import Event, Judged, Store, open_store
from pipeline.decisions.records import BULK
from pipeline.errors import CodeboomError
from pipeline.records import Coding
from pipeline.tables import write_codings, write_segments
from tests.test_agreement_report import BOOK, X, Y, Z, coder, segments

OPEN = replace(BOOK.codes[0], id="open/dier/hond", variable="Open", dimension="Dier", name="Hond", origin="open")
LATER = Codebook((*BOOK.codes, OPEN), "later")
TABLE = segments(R1=20, R2=20, R3=20)
BY_ID = {s.segment_id: s for s in TABLE}


@pytest.fixture
def out(tmp_path):
    write_segments(tmp_path / "segments.csv", TABLE)
    return tmp_path


def judge(out, name, segment_id, *codes, source="review", done=True, blind=True):
    """One batch of one coder about one segment."""
    s = BY_ID[segment_id]
    events = [Event(segment_id, "code", code, "yes", blind=blind) for code in codes]
    events += [Event(segment_id, "done", value="yes", blind=blind)] * done
    with open_store(out) as store:
        store.append(name, source, events, [Judged(s.segment_id, s.interview, s.text, s.question)])


def half_way(out):
    """Anna makes an open code after two of three interviews; Bea had it from the start. Where both had it they agree,
    and on X everywhere."""
    for n, s in enumerate(TABLE):
        later, x = s.interview == "R3" and n % 3 == 0, [X] * (n % 4 == 0)
        judge(out, "Anna", s.segment_id, *x, *[OPEN.id] * later)
    for n, s in enumerate(TABLE):
        judge(out, "Bea", s.segment_id, *[X] * (n % 4 == 0), *[OPEN.id] * (n % 3 == 0))


def row(measured, id_):
    return next(m for m in measured if m.row.id == id_)


# --- which units count -------------------------------------------------------------------------------------


def test_what_was_done_before_an_open_code_was_used_does_not_refuse_it(out):
    half_way(out)
    report = compare(out, LATER)
    found, sure = row(report.study.all, OPEN.id), row(report.study.all, X)
    assert (found.units, found.given, found.statistics["kappa"].value) == (18, (6, 6), 1)  # from the first use on
    assert (sure.units, sure.given, sure.statistics["kappa"].value) == (60, (15, 15), 1)
    any_code = report.study.all[1]
    assert (any_code.units, any_code.statistics["masi"].value, any_code.statistics["kappa"].value) == (60, 1, 1)
    assert (row(report.study.all, "open").units, row(report.study.all, "open/dier").units) == (18, 18)
    assert report.study.partly == ("Hond",)
    text = report.files["methodeparagraaf.md"].decode()
    assert "De code Hond telt alleen mee bij fragmenten waarin elke codeur die code beoordeelde." in text
    assert "gaf niemand een code die meetelt" in text
    confused = csv.DictReader(io.StringIO(report.files["confusion.csv"].decode("utf-8-sig")))
    assert {line["agreed"] for line in confused} == {"True"}


def test_nothing_is_said_of_it_where_it_plays_no_part(out):
    half_way(out)
    text = compare(out, BOOK).files["methodeparagraaf.md"].decode()
    assert "telt alleen mee" not in text and "die meetelt" not in text


def test_an_open_code_that_nobody_used_is_left_out(out):
    for s in TABLE[:6]:
        judge(out, "Anna", s.segment_id, X)
        judge(out, "Bea", s.segment_id, X)
    study = compare(out, LATER).study
    assert (study.left_out, study.partly) == (("Hond",), ())


def test_a_code_given_after_a_segment_was_done_is_said(out):
    judge(out, "Anna", "R1-0")
    judge(out, "Anna", "R1-1", OPEN.id)
    judge(out, "Anna", "R1-0", OPEN.id, done=False)
    anna = read_coders(out, TABLE, LATER, ())[0]
    assert anna.codes["R1-0"] == {OPEN.id} and not anna.silent["R1-0"]


def silent(one, *ids):
    return replace(one, silent={id_: frozenset([X]) for id_ in ids})


def test_a_run_counts_once_for_a_code_that_part_of_it_could_carry():
    table = segments(R1=9)
    one, other = coder("one", {"R1-4": [Y]}, table), coder("other", {"R1-4": [Y]}, table)
    one = silent(one, "R1-0", "R1-5", "R1-6", "R1-7", "R1-8")
    measured = measure(count_units(table, [one, other], "once"), rows_of(BOOK.codes), "once")
    assert row(measured, Y).units == 3  # the runs 0-3 and 5-8, and 4
    assert row(measured, X).units == 2  # 0-3 once, although 0 says nothing; 5-8 says nothing at all
    assert row(measure(count_units(table, [one, other], "all"), rows_of(BOOK.codes), "all"), X).units == 4


def test_a_code_that_somebody_could_not_give_is_as_if_nobody_gave_it():
    table = segments(R1=4)
    one = silent(coder("one", {}, table), "R1-1", "R1-2")
    other = coder("other", {"R1-1": [X], "R1-2": [X, Y]}, table)
    once, coded = (count_units(table, [one, other], counting) for counting in ("once", "coded"))
    assert len(once) == 3 and len(coded) == 1  # 0-1, 2 and 3
    assert coded.codes == ((frozenset(),), (frozenset([Y]),))


def test_sets_are_compared_on_the_codes_that_all_could_give():
    table = segments(R1=3)
    one = silent(coder("one", {"R1-0": [Y], "R1-1": [Z]}, table), "R1-0")
    other = coder("other", {"R1-0": [X, Y], "R1-1": [Z]}, table)
    dimension = X.rsplit("/", 1)[0]
    measured = measure(count_units(table, [one, other], "all"), rows_of(BOOK.codes), "all")
    assert measured[1].statistics["masi"].value == 1
    assert row(measured, dimension).statistics["masi"].value == 1
    assert row(measured, dimension).units == 3  # Y could be given everywhere


def test_a_code_judged_in_two_interviews_only_has_no_interval():
    table = segments(R1=8, R2=8, R3=8)
    given = {s.segment_id: [X, Y] for n, s in enumerate(table) if n % 3 == 0}
    one = silent(coder("one", given, table), *(f"R3-{n}" for n in range(8)))
    other = coder("other", given | {"R1-1": [X, Y]}, table)
    measured = measure(count_units(table, [one, other], "all"), rows_of(BOOK.codes), "all")
    assert np.isnan(row(measured, X).statistics["kappa"].low)
    assert not np.isnan(row(measured, Y).statistics["kappa"].low)


# --- who says nothing --------------------------------------------------------------------------------------


def test_what_was_accepted_unseen_is_no_agreement(out):
    write_codings(
        out / "codings.csv", [Coding(s.segment_id, code, 0.9, code in (X, Y), "m") for s in TABLE for code in BOOK.ids]
    )
    judge(out, "Anna", "R1-0", Y, blind=False)
    judge(out, "Anna", "R1-1", X, blind=False, done=False, source="workbook")
    judge(out, "Anna", "R1-1", Y, blind=False, source=BULK)
    study = compare(out, BOOK).study
    assert {id_: (row(study.all, id_).units, row(study.all, id_).by_all) for id_ in (X, Y)} == {X: (2, 1), Y: (1, 1)}
    assert len(study.partly) == 1


def test_a_table_with_what_was_not_suggested_says_nothing_of_codes_without_a_row(out):
    path = out / "other.csv"
    write_codings(path, [Coding("R1-0", X, 0.9, True, "m"), Coding("R1-1", X, 0.1, False, "m")])
    found = read_coders(out, TABLE, BOOK, [path])[0]
    assert found.silent == dict.fromkeys(["R1-0", "R1-1"], frozenset(BOOK.ids) - {X})
    by_hand = out / "hand.csv"
    by_hand.write_text(f"segment_id,code,coder\nR1-0,{X},Zoë\nR1-1,,Zoë\n", encoding="utf-8")
    assert read_coders(out, TABLE, BOOK, [by_hand])[0].silent == {}


# --- two coders of one name --------------------------------------------------------------------------------


def test_two_spellings_in_the_store_stand_in_nobodys_way_unless_compared(out, monkeypatch):
    with monkeypatch.context() as older:  # a store from before spellings were matched
        older.setattr(Store, "spelling", lambda self, name: name)
        for name in ("Anna", "anna", "Bea"):
            judge(out, name, "R1-0", X)
    assert [c.name for c in compare(out, BOOK, ["Anna", "Bea"]).study.coders] == ["Anna", "Bea"]
    assert [c.name for c in compare(out, BOOK, ["anna", "bea"]).study.coders] == ["anna", "Bea"]
    for names in (None, ["Anna", "anna"], ["ANNA", "Bea"]):
        with pytest.raises(CodeboomError, match=r"Anna and anna are one name.*in the store.*--coders"):
            compare(out, BOOK, names)


def test_a_name_of_a_table_and_of_the_store_is_never_taken_for_either(out):
    judge(out, "Anna", "R1-0", X)
    judge(out, "Bea", "R1-0", X)
    path = out / "t.csv"
    path.write_text(f"segment_id,code,coder\nR1-0,{X},Anna\nR1-0,{X},Cas\n", encoding="utf-8")
    for names in (None, ["Anna", "Bea"], ["anna", "Cas"]):
        with pytest.raises(CodeboomError, match=r"Two coders are called Anna.*Rename one in the column coder"):
            compare(out, BOOK, names, [path])
    assert len(compare(out, BOOK, ["Bea", "Cas"], [path]).study.coders) == 2


def test_a_name_is_found_however_its_letters_are_composed():
    found = [Coder("Zoë", "person", {}), Coder("Jan Kok", "person", {})]
    assert list(choose(found, ["Zoe\u0308", "jan  kok"])) == found


# --- figures that would say more than there is -------------------------------------------------------------


def test_where_coders_never_differ_there_is_no_interval_and_one_code_is_told_as_one(out):
    for s in TABLE[::4]:
        judge(out, "Anna", s.segment_id, X)
        judge(out, "Bea", s.segment_id, X)
    report = compare(out, BOOK)
    statistics = row(report.study.once, X).statistics
    assert statistics["percent"].value == 1 and np.isnan(statistics["percent"].low)
    text = report.files["methodeparagraaf.md"].decode()
    assert "95%-interval" not in text and "steeds hetzelfde cijfer" in text
    assert "Voor de ene code die minstens één codeur gaf, was Cohens κ niet te bepalen" in text
    assert f"Aan elke eenheid door allen gegeven, zodat κ en α niet te bepalen zijn: {BOOK.codes[0].name}." in text


def test_numbers_are_rounded_as_a_spreadsheet_does_and_never_up_to_1():
    assert [number(x) for x in (0.625, 0.615, 0.005, -0.004, -0.125)] == ["0,63", "0,62", "0,01", "0,00", "−0,13"]
    assert [short(Estimate(x)) for x in (0.994, 0.995, 0.9994, 0.9996, 1.0)] == [
        "0,99", "0,995", "0,999", "0,9996", "1,00",
    ]  # fmt: skip
    assert [percent(x) for x in (0.9994, 0.9996, 1.0, 0.5)] == ["99,9%", "99,96%", "100,0%", "50,0%"]
    assert interval(Estimate(0.9, 0.8, 0.9996)) == "0,8000 tot 0,9996"


def test_the_workbook_is_not_rounded_twice(out):
    for n, s in enumerate(TABLE[:7]):
        judge(out, "Anna", s.segment_id, *[X] * (n < 3))
        judge(out, "Bea", s.segment_id, *[X] * (n < 2))
    report = compare(out, BOOK)
    sheet = openpyxl.load_workbook(io.BytesIO(report.files["agreement.xlsx"])).worksheets[1]
    names = [cell.value for cell in sheet[1]]
    line = next(cells for cells in sheet.iter_rows(min_row=2) if cells[3].value == BOOK.codes[0].name)
    assert line[names.index("Overlap")].value == pytest.approx(2 / 3, abs=1e-12)


def test_alpha_is_sorted_by_the_decimals_that_the_bounds_have(out):
    for n, s in enumerate(TABLE[:18]):
        judge(out, "Anna", s.segment_id, Y, *[X] * (n < 9))
        judge(out, "Bea", s.segment_id, Y, *[X] * (n < 6))
    report = compare(out, BOOK)
    assert row(report.study.once, X).statistics["alpha"].value == pytest.approx(2 / 3)
    assert "voor één code 0,667 tot 0,800" in report.files["methodeparagraaf.md"].decode()
