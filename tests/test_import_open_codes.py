"""A workbook of before an open code was in use: its finished rows say nothing about that code."""

import pytest
from review_study import manifest
from test_import_validated import BOOK, CODINGS, SEGMENTS, A, B, C, D, E, Study

from pipeline.codebook import Code, Codebook
from pipeline.decisions import Event, open_store
from pipeline.decisions.labels import labels, open_codes, unread
from pipeline.decisions.records import done_value, lacked_in
from pipeline.manifest import write_manifest
from pipeline.review.queue import Filter
from pipeline.review.state import Review
from pipeline.workbook import build_workbook

NEW, OLD = (
    Code(f"open/nog-in-te-delen/{name.lower()}", name, "Open", "Nog", "x", ("x",), (), (), (), "open", None, None)
    for name in ("Nieuw", "Oud")
)
WITH_NEW = Codebook((*BOOK.codes, NEW), "sha2")
WITH_OLD, WITH_BOTH = Codebook((*BOOK.codes, OLD), "sha3"), Codebook((*BOOK.codes, OLD, NEW), "sha4")


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


def use_new(study):
    study.decide("Bo", Event("R2-2", "code", NEW.id, "yes"))


def negatives(study, name, codebook=WITH_NEW):
    with open_store(study.out) as store:
        return labels(store, codebook, ["Anna"]).segments[name].negative


def test_a_workbook_of_before_an_open_code_does_not_refuse_it(study):
    study.fill({("R1-3", "Extra code 1"): "steun"})
    use_new(study)
    study.take(codebook=WITH_NEW)
    assert study.stands()["R1-3"].done
    assert negatives(study, "R1-3") == {A, B, C, E}
    with open_store(study.out) as store:
        assert store.done_at("Anna")["R1-3"].lacked == {NEW.id: 0}
        assert [past.event.value for past in store.history("R1-3")] == ["yes", done_value([NEW.id])]
    assert study.take(codebook=WITH_NEW).counts == {}
    study.decide("Anna", Event("R1-3", "done", value="yes"))  # read again, on the page
    assert NEW.id in negatives(study, "R1-3")
    study.decide("Anna", Event("R1-3", "done"))
    with open_store(study.out) as store:
        assert store.done_at("Anna") == {}


def test_a_workbook_that_has_the_open_code_refuses_it(study):
    study.path.unlink()
    study.tables(SEGMENTS, CODINGS, WITH_NEW)
    use_new(study)
    study.fill({("R1-3", "Extra code 1"): "steun"})
    study.take(codebook=WITH_NEW)
    assert NEW.id in negatives(study, "R1-3")


def test_rows_of_before_an_open_code_do_not_refuse_it_after_a_new_run_either(study):
    study.fill({("R1-3", "Extra code 1"): "steun"})
    use_new(study)
    for _ in "12":  # the new workbook has the code, and what was filled in before
        build_workbook(study.path, SEGMENTS, CODINGS, WITH_NEW, {})
    study.fill({("R1-4", "Extra code 1"): "steun"})
    study.take(codebook=WITH_NEW)
    assert negatives(study, "R1-3") == {A, B, C, E}
    assert negatives(study, "R1-4") == {A, B, C, E, NEW.id}


def test_a_code_that_was_typed_in_a_workbook_without_it_is_refused_nowhere_else_in_it(study):
    study.fill({("R1-3", "Extra code 1"): "Nieuw", ("R1-4", "Extra code 1"): "steun"})
    study.take(codebook=WITH_NEW)
    assert study.stands()["R1-3"].codes == {NEW.id: True}
    assert NEW.id not in negatives(study, "R1-4")


def test_a_segment_of_before_an_open_code_is_offered_again(study):
    study.fill({("R1-3", "Extra code 1"): "steun"})
    use_new(study)
    study.take(codebook=WITH_NEW)
    with open_store(study.out) as store:
        opened = open_codes(WITH_NEW, store.first_used())
        assert unread(opened, store.done_at("Anna", "R1-3")["R1-3"]) == [NEW.id]
        write_manifest(study.out, manifest(study.out, WITH_NEW, SEGMENTS))
        page = Review(study.out, store, "Anna", False, lambda: WITH_NEW)
        assert page.queue(Filter(state="again"))["again"] == {"R1-3": [NEW.id]}
        page.decide([{"segment": "R1-3", "kind": "done", "code": "", "value": "yes"}])
        assert page.queue(Filter(state="again"))["again"] == {}
    assert NEW.id in negatives(study, "R1-3")


def test_an_open_code_that_was_in_the_list_is_refused_though_another_was_not(study):
    study.path.unlink()
    study.tables(SEGMENTS, CODINGS, WITH_OLD)
    study.decide("Bo", Event("R2-2", "code", OLD.id, "yes"))
    study.fill({("R1-3", "Extra code 1"): "steun"})
    use_new(study)
    study.take(codebook=WITH_BOTH)
    assert negatives(study, "R1-3", WITH_BOTH) == {A, B, C, E, OLD.id}


def test_what_the_page_read_a_code_for_stays_read_after_a_workbook_without_it(study):
    use_new(study)
    study.decide("Anna", Event("R1-3", "done", value="yes"))
    study.fill({("R1-3", "Geen code"): "ja"})
    study.take(codebook=WITH_NEW)
    assert NEW.id in negatives(study, "R1-3")
    study.decide("Anna", Event("R1-3", "done"))
    study.decide("Anna", Event("R1-3", "done", value=done_value([NEW.id])))
    assert NEW.id not in negatives(study, "R1-3")


CHANGES = [
    ({("R1-3", "Extra code 2"): "één team"}, {A, B, C, NEW.id}),
    ({("R1-3", "Extra code 1"): None, ("R1-3", "Geen code"): "ja"}, {A, B, C, D, E, NEW.id}),
    ({("R1-3", "Opmerking"): "mooi"}, {A, B, C, E}),
    ({}, {A, B, C, E}),
]


@pytest.mark.parametrize("imported", [False, True])
@pytest.mark.parametrize("runs", [1, 2])
@pytest.mark.parametrize(("cells", "refused"), CHANGES)
def test_a_row_that_is_changed_with_the_new_code_in_the_list_refuses_it(study, cells, refused, imported, runs):
    study.fill({("R1-3", "Extra code 1"): "steun"})
    use_new(study)
    if imported:
        study.take(codebook=WITH_NEW)
        assert NEW.id not in negatives(study, "R1-3")
    for _ in range(runs):
        build_workbook(study.path, SEGMENTS, CODINGS, WITH_NEW, {})
    study.fill(cells)
    for _ in range(runs - 1):
        build_workbook(study.path, SEGMENTS, CODINGS, WITH_NEW, {})
    study.take(codebook=WITH_NEW)
    assert negatives(study, "R1-3") == refused
    assert study.take(codebook=WITH_NEW).counts == {}


def test_a_changed_row_that_says_the_same_of_every_code_was_read_again_once(study):
    study.fill({("R1-1", "Oordeel 1"): "afwijzen", ("R1-1", "Oordeel 2"): "afwijzen"})
    use_new(study)
    study.take(codebook=WITH_NEW)
    build_workbook(study.path, SEGMENTS, CODINGS, WITH_NEW, {})
    study.fill({("R1-1", "Geen code"): "ja"})
    assert study.take(codebook=WITH_NEW).counts == {"wholly judged": 1}
    assert NEW.id in negatives(study, "R1-1")
    study.decide("Bo", Event("R2-2", "code", OLD.id, "yes"))
    assert study.take(codebook=WITH_NEW).counts == {}


def test_which_codes_were_lacking_stands_in_the_event():
    assert lacked_in(done_value([NEW.id, OLD.id])) == [NEW.id, OLD.id]
    assert (done_value([]), lacked_in("yes"), lacked_in("")) == ("yes", [], [])
    for value in ("before", "before\n", "yes\nx", "no"):
        with pytest.raises(ValueError, match="not a value"):
            Event("R1-1", "done", value=value)
