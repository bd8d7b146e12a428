"""What an import refuses to do unasked: take back what stands, replace it, mix what may not be mixed."""

from dataclasses import replace

import pytest
from test_import_validated import BOOK, CODINGS, FILLED, SEGMENTS, STANDS, A, B, D, E, Study

from pipeline.codebook import Codebook
from pipeline.decisions import Event, Judgement, open_store
from pipeline.decisions.labels import labels
from pipeline.errors import CodeboomError
from pipeline.review.state import Review
from pipeline.workbook import build_workbook
from pipeline.workbook.layout import HEADERS


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


# --- another copy of the workbook --------------------------------------------------------------------------


def test_another_copy_of_the_workbook_takes_nothing_back_unasked(study):
    empty = study.path.read_bytes()
    study.fill(FILLED)
    study.take()
    study.path.write_bytes(empty)
    study.fill({("R2-2", "Geen code"): "ja"})
    emptied, *advice = study.refused()
    assert emptied == (
        "11 decision(s) would be taken back, because cells that were filled in at the last import are empty now: "
        "Valideren, row(s) 2-6."
    )
    assert "another copy" in advice[0] and "--overrule" in advice[0]
    assert study.stands() == STANDS
    done = study.take(overrule=True)
    assert (done.counts, done.overruled) == ({"wholly judged": 1, "taken back": 11}, 11)
    assert study.stands() == {"R2-2": Judgement({}, done=True)}
    with open_store(study.out) as store:
        assert [past.event.value for past in store.history("R1-3")] == ["yes", ""]


def test_two_copies_for_other_interviews_are_both_taken_as_the_refusal_tells(study):
    copy = study.path.read_bytes()
    study.fill({("R1-3", "Geen code"): "ja"})
    study.take()
    study.path.write_bytes(copy)
    study.fill({("R2-1", "Oordeel 1"): "akkoord"})
    assert "delete in it all rows of the interviews that it does not speak about" in study.refused()[-1]
    study.change(lambda sheet: sheet.delete_rows(2, 4))
    assert study.take().overruled == 0
    assert study.stands().keys() == {"R1-3", "R2-1"}


def test_rows_are_named_as_ranges(study):
    many = [replace(SEGMENTS[0], segment_id=f"R3-{n}", text=f"Tekst {n}.") for n in range(14)]
    study.path.unlink()
    study.tables(many, [])
    empty = study.path.read_bytes()
    study.fill({(s.segment_id, "Geen code"): "ja" for s in many})
    study.take()
    study.path.write_bytes(empty)
    study.fill({("R3-4", "Geen code"): "ja", ("R3-12", "Geen code"): "ja"})
    assert study.refused()[0].endswith("row(s) 2-5, 7-13, 15.")


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ({("R1-1", "Oordeel 1"): "akkoord"}, {("R1-1", "Oordeel 1"): "afwijzen"}, {"rejected": 1}),
        ({("R1-1", "Oordeel 1"): "akkoord"}, {("R1-1", "Oordeel 1"): "twijfel"}, {"taken back": 1, "in doubt": 1}),
        ({("R1-1", "Oordeel 1"): "twijfel"}, {("R1-1", "Oordeel 1"): "akkoord"}, {"taken back": 1, "accepted": 1}),
        ({("R1-1", "Oordeel 1"): "twijfel"}, {("R1-1", "Oordeel 1"): None, ("R1-1", "Geen code"): "ja"}, None),
        ({("R1-1", "Oordeel 1"): "akkoord"}, {("R1-1", "Oordeel 1"): None, ("R1-1", "Geen code"): "ja"}, None),
        ({("R1-3", "Extra code 1"): "steun"}, {("R1-3", "Extra code 1"): "=rust"}, {"taken back": 1, "added": 1}),
        ({("R1-3", "Extra code 1"): "steun"}, {("R1-3", "Extra code 1"): None, ("R1-3", "Geen code"): "ja"}, None),
        ({("R1-3", "Geen code"): "ja"}, {("R1-3", "Geen code"): None, ("R1-3", "Extra code 1"): "steun"}, None),
        ({("R1-3", "Opmerking"): "een"}, {("R1-3", "Opmerking"): "twee"}, {"remarks": 1}),
    ],
)
def test_a_changed_mind_in_the_workbook_needs_no_leave(study, before, after, counts):
    study.fill(before)
    study.take()
    study.fill(after)
    done = study.take()
    assert done.overruled == 0 and done.counts and counts in (None, done.counts)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({("R1-1", "Oordeel 1"): "akkoord"}, {("R1-1", "Oordeel 1"): None}),
        ({("R1-1", "Oordeel 1"): "akkoord"}, {("R1-1", "Oordeel 1"): None, ("R1-1", "Extra code 1"): "steun"}),
        ({("R1-1", "Oordeel 1"): "twijfel"}, {("R1-1", "Oordeel 1"): None}),
        ({("R1-3", "Extra code 1"): "steun"}, {("R1-3", "Extra code 1"): None}),
        ({("R1-3", "Geen code"): "ja"}, {("R1-3", "Geen code"): None}),
        ({("R1-3", "Opmerking"): "een"}, {("R1-3", "Opmerking"): None}),
    ],
)
def test_a_cell_that_was_emptied_asks_for_leave(study, before, after):
    study.fill(before)
    study.take()
    study.fill(after)
    assert "row(s) " in study.refused()[0]
    assert study.take(overrule=True).overruled > 0


def test_a_code_that_left_the_codebook_or_moved_in_it_is_not_taken_back(study):
    study.fill({("R1-1", "Oordeel 1"): "akkoord", ("R1-3", "Extra code 1"): "steun"})
    study.take()
    ids = {A: "werk/rust/a", D: "werk/rust/d"}
    moved = Codebook(tuple(replace(code, id=ids.get(code.id, code.id)) for code in BOOK.codes), "sha2")
    study.tables(SEGMENTS, [replace(c, code=ids.get(c.code, c.code)) for c in CODINGS], moved)
    assert study.take(codebook=moved).counts == {"accepted": 1, "added": 1}
    assert study.stands()["R1-1"].codes == {A: True, ids[A]: True}


# --- the review page ---------------------------------------------------------------------------------------


def test_what_was_decided_on_the_page_is_not_replaced_unasked_by_an_older_workbook(study):
    study.fill({("R1-1", "Oordeel 1"): "akkoord", ("R1-1", "Oordeel 2"): "akkoord", ("R1-2", "Opmerking"): "oud"})
    page = [Event("R1-1", "code", A, "no"), Event("R1-1", "done", value="yes"), Event("R1-2", "remark", value="nieuw")]
    study.decide("Anna", *page)
    before = study.stands()
    # The second verdict too: who finished the segment refused what was not given.
    assert study.refused()[0] == (
        "3 decision(s) that were made on the review page, or in another program, would be replaced: "
        "Valideren, row(s) 2-3."
    )
    assert study.stands() == before
    assert study.take("Bo").overruled == 0, "another coder is not overruled"
    assert study.take(overrule=True).overruled == 3
    assert study.stands()["R1-1"].codes == {A: True, B: True}


@pytest.mark.parametrize(
    ("page", "cells"),
    [
        ([Event("R1-1", "code", A, "yes"), Event("R1-1", "done", value="yes")], {("R1-1", "Oordeel 1"): "twijfel"}),
        ([Event("R1-3", "done", value="yes")], {("R1-3", "Extra code 1"): "steun"}),
    ],
)
def test_what_being_done_on_the_page_says_is_not_replaced_unasked_either(study, page, cells):
    study.decide("Anna", *page)
    study.fill(cells)
    assert study.refused()
    study.take(overrule=True)


def test_what_says_the_same_as_the_page_or_more_is_taken(study):
    study.decide("Anna", Event("R1-1", "code", A, "yes"), Event("R1-1", "code", B, "no"))
    study.fill({("R1-1", "Oordeel 1"): "akkoord", ("R1-1", "Oordeel 2"): "afwijzen", ("R1-1", "Extra code 1"): "steun"})
    assert study.take().overruled == 0
    assert study.stands()["R1-1"] == Judgement({A: True, B: False, D: True}, done=True)


# --- Geen code ---------------------------------------------------------------------------------------------


def test_no_code_takes_back_what_was_accepted_unseen(study):
    study.take(accept_above=0.9)
    assert study.stands()["R1-1"].codes == {A: True}
    study.fill({("R1-1", "Geen code"): "ja"})
    done = study.take(accept_above=0.9)
    assert (done.counts, done.overruled) == ({"wholly judged": 1, "taken back": 1}, 0)
    assert study.stands()["R1-1"] == Judgement({}, done=True)
    with open_store(study.out) as store:
        assert A in labels(store, BOOK).segments["R1-1"].negative
    assert study.take(accept_above=0.9).counts == {}


@pytest.mark.parametrize("rejected", [False, True])
def test_no_code_against_a_code_of_the_page_asks_for_leave(study, rejected):
    code = A if rejected else E
    study.decide("Anna", Event("R1-1", "code", code, "yes"), Event("R1-1", "done", value="yes"))
    study.fill({("R1-1", "Geen code"): "ja"} | ({("R1-1", "Oordeel 1"): "afwijzen"} if rejected else {}))
    before = study.stands()
    assert study.refused()[0].startswith("1 decision(s) that were made on the review page")
    assert study.stands() == before
    assert study.take(overrule=True).overruled == 1
    assert study.stands()["R1-1"] == Judgement({A: False} if rejected else {}, done=True)
    assert study.take().counts == {}
    study.decide("Anna", Event("R1-1", "code", code, "yes"))
    assert study.take().counts == {}, "what is given after it stands"


def test_a_doubt_takes_back_what_was_accepted_unseen(study):
    study.take(accept_above=0.9)
    study.fill({("R1-1", "Oordeel 1"): "twijfel"})
    done = study.take(accept_above=0.9)
    assert (done.counts, done.overruled) == ({"in doubt": 1, "taken back": 1}, 0)
    study.decide("Anna", Event("R1-1", "code", A, "yes"))
    assert study.take().counts == {}, "what is given after it stands"


def test_no_code_takes_back_a_code_that_the_page_gave_after_it_was_rejected(study):
    study.fill({("R1-1", "Oordeel 1"): "afwijzen"})
    study.take()
    study.decide("Anna", Event("R1-1", "code", A, "yes"))
    study.fill({("R1-1", "Geen code"): "ja"})
    assert study.refused()
    study.take(overrule=True)
    assert study.stands()["R1-1"] == Judgement({A: False}, done=True)
    assert study.take().counts == {}


def test_what_the_page_undid_overrules_nothing(study):
    study.fill({("R1-1", "Oordeel 1"): "akkoord"})
    study.take()
    study.decide("Anna", Event("R1-1", "code", A, "no"))
    with open_store(study.out) as store:
        store.undo("Anna")
    study.fill({("R1-1", "Oordeel 1"): "afwijzen"})
    assert study.take().counts == {"rejected": 1}


# --- who, which interviews, which rows ---------------------------------------------------------------------


def test_a_coder_in_other_capitals_goes_on_with_the_same_workbook(study):
    study.fill(FILLED)
    study.take("Anna")
    again = study.take("anna")
    assert (again.coder, again.new_coder, again.counts) == ("Anna", False, {})


def test_who_coded_blind_imports_no_workbook(study):
    study.decide("Bea", Event("R1-1", "done", value="yes", blind=True))
    study.fill({("R2-1", "Oordeel 1"): "akkoord"})
    before = study.batches()
    with pytest.raises(CodeboomError, match="may not be mixed"):
        study.take("bea")
    assert study.batches() == before
    with open_store(study.out) as store, pytest.raises(CodeboomError, match="may not be mixed"):
        Review(study.out, store, "BEA", False, lambda: BOOK)


def test_interviews_that_are_not_in_the_workbook_are_named(study):
    study.fill({("R2-1", "Oordeel 1"): "akkoord"})
    assert study.take().notes == ()
    study.change(lambda sheet: sheet.delete_rows(2, 4))
    (note,) = study.take().notes
    assert note.startswith("Not in this workbook: 1 interview(s) of the tables, R1.")


@pytest.mark.parametrize(
    ("first", "last"), [("Extra code 1", "Opmerking"), ("Extra code 3", "Geen code"), ("segment_id", "Suggestie 3")]
)
def test_a_block_of_columns_that_was_sorted_without_the_others(study, first, last):
    study.fill({("R1-3", "Geen code"): "ja", ("R1-4", "Extra code 1"): "steun"})

    def swap(sheet):
        for column in range(HEADERS.index(first) + 1, HEADERS.index(last) + 2):
            one, two = sheet.cell(4, column), sheet.cell(5, column)
            one.value, two.value = two.value, one.value

    study.change(swap)
    problems = study.refused()
    assert [problem.split(";")[0].split(":")[1] for problem in problems] == [
        " its cells are of different rows",
        " its cells are of different rows",
    ]
    report = build_workbook(study.path, SEGMENTS, CODINGS, BOOK, {})
    assert report.carried == 0 and report.aside is not None
