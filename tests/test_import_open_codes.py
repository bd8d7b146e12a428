"""A workbook of before an open code was in use: its finished rows say nothing about that code."""

import pytest
from test_import_validated import BOOK, CODINGS, SEGMENTS, A, B, C, E, Study

from pipeline.codebook import Code, Codebook
from pipeline.decisions import Event, open_store
from pipeline.decisions.labels import labels, open_codes, unread
from pipeline.decisions.records import BEFORE
from pipeline.workbook import build_workbook

NEW = Code("open/nog-in-te-delen/nieuw", "Nieuw", "Open", "Nog", "x", ("x",), (), (), (), "open", None, None)
WITH_NEW = Codebook((*BOOK.codes, NEW), "sha2")


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


def use_new(study):
    study.decide("Bo", Event("R2-2", "code", NEW.id, "yes"))


def negatives(study, name):
    with open_store(study.out) as store:
        return labels(store, WITH_NEW, ["Anna"]).segments[name].negative


def test_a_workbook_of_before_an_open_code_does_not_refuse_it(study):
    study.fill({("R1-3", "Extra code 1"): "steun"})
    use_new(study)
    study.take(codebook=WITH_NEW)
    assert study.stands()["R1-3"].done
    assert negatives(study, "R1-3") == {A, B, C, E}
    with open_store(study.out) as store:
        assert store.done_at("Anna") == {"R1-3": 0}
        assert [past.event.value for past in store.history("R1-3")] == ["yes", BEFORE]
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
