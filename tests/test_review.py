"""The review page behind the browser: order, state, and the server's doors."""

import contextlib
import json
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from review_study import manifest, open_review, wish, write_codebook, write_tables

from pipeline.agreement.coders import read_coders
from pipeline.answers import Agreement
from pipeline.codebook import read_codebook
from pipeline.decisions import Event, open_store
from pipeline.decisions.labels import labels
from pipeline.decisions.records import BULK
from pipeline.errors import CodeboomError
from pipeline.manifest import write_manifest
from pipeline.review.adding import add_code
from pipeline.review.alike import excerpt
from pipeline.review.order import doubt, informative, thresholds
from pipeline.review.queue import Filter
from pipeline.review.study import fold, load_study
from pipeline.review.unseen import accepted_unseen
from pipeline.review.wishes import Renewed, ReviewError, judged

# --- order -------------------------------------------------------------------------------------------------


def floats(*rows):
    return np.array(rows, np.float32)


def test_thresholds_lie_between_what_was_suggested_and_what_was_not():
    scores = floats([0.9, 0.1], [0.3, 0.4], [0.1, 0.2])
    assert thresholds(scores, np.array([[True, False], [False, False], [False, False]])) == pytest.approx([0.6, 0.7])


def test_doubt_is_1_at_the_threshold_and_0_where_the_model_is_sure():
    limits = np.full(4, 0.2, np.float32)
    assert doubt(floats([0.2, 0.0, 1.0, 0.6]), limits) == pytest.approx(np.array([[1, 0, 0, 0.5]]))


def test_the_most_doubtful_comes_first_rare_codes_weigh_more_and_what_is_judged_comes_last():
    limits, open_ = np.array([0.5, 0.5], np.float32), np.array([False, False, False])
    scores = floats([0.9, 0.0], [0.45, 0.0], [0.0, 0.45])
    assert informative(scores, limits, [0, 0], open_) == [1, 2, 0]  # equals as spoken
    assert informative(scores, limits, [50, 0], open_) == [2, 1, 0]
    assert informative(scores, limits, [50, 0], np.array([False, False, True])) == [1, 0, 2]
    assert informative(scores[:0], limits, [0, 0], open_[:0]) == []


# --- state -------------------------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path):
    return write_codebook(tmp_path / "book")


@pytest.fixture
def out(tmp_path, book):
    write_tables(tmp_path / "out", read_codebook(book))
    return tmp_path / "out"


@pytest.fixture
def review(out, book):
    review = open_review(out, book)
    yield review
    review.store.close()


def suggested(review):
    """A segment, a code that is suggested for it and one that is not."""
    for row, segment in enumerate(review.study.segments):
        found = [s.code for s in review.study.suggestions(row)]
        if found and len(found) < len(review.study.codebook.ids):
            return segment.segment_id, found[0], next(c for c in review.study.codebook.ids if c not in found)
    raise AssertionError


def test_a_decision_is_in_the_store_with_what_was_shown(review, out):
    segment, shown, other = suggested(review)
    answer = review.decide([wish(segment, code=shown), wish(segment, code=other, value="no"), wish(segment, "done")])
    assert answer["segments"][segment] == {
        "codes": {shown: True, other: False}, "done": True, "doubt": False, "remark": "", "again": [], "unseen": [],
    }  # fmt: skip
    with open_store(out) as store:
        first, second, done = [past.event for past in store.history(segment)]
        assert store.judged()[segment].text == review.study.segments[review.study.rows[segment]].text
    assert first.suggested and first.score == pytest.approx(
        float(review.study.scores[review.study.rows[segment], review.study.columns[shown]]), abs=1e-4
    )
    assert (second.suggested, second.score) == (False, None), "the score of what was not suggested was not shown"
    assert {first.model, second.model, done.model} == {"toy 1"}


def test_what_stands_already_is_not_written_again(review):
    review.decide([wish("R01-0000"), wish("R01-0000", "doubt")])
    review.decide([wish("R01-0000"), wish("R01-0000", "doubt")])
    assert len(review.store.batches()) == 1
    review.decide([wish("R01-0000", value="no"), wish("R01-0000", value="yes")])  # of two wishes the last counts
    assert len(review.store.batches()) == 1


def test_all_of_a_decision_or_nothing(review):
    with pytest.raises(ReviewError):
        review.decide([wish("R01-0000"), wish("R01-0001", code="samen/begin/onbekend")])
    assert review.store.judgements("A") == {} == review.judgements


@pytest.mark.parametrize(
    "nonsense",
    [
        None, [], [{}], [7], "x", [wish("nowhere")], [wish("R01-0000", kind="memo")], [wish("R01-0000", value="maybe")],
        [wish("R01-0000", "done", "no")], [wish("R01-0000", kind=["code"])], [wish("R01-0000", "remark", "x" * 10_001)],
        [wish("R01-0000")] * 501, [wish("R01-0000", "done") | {"code": "samen/begin/motief"}],
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_nothing_is_written(review, nonsense):
    with pytest.raises(ReviewError):
        review.decide(nonsense)
    assert review.store.batches() == []


def test_a_failed_write_leaves_what_stood(review, monkeypatch):
    review.decide([wish("R01-0000", "doubt")])
    monkeypatch.setattr(review.store, "_insert", lambda *_, **__: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space"):
        review.decide([wish("R01-0000", "done")])
    assert not review.judgements["R01-0000"].done
    assert review.interview("R01")["segments"][0]["standing"] == review.decide([wish("R01-0000", "doubt")])[
        "segments"]["R01-0000"]  # fmt: skip


def test_undo_takes_back_the_last_and_says_where(review):
    review.decide([wish("R01-0000")])
    review.decide([wish("R02-0003", "remark", " een\nidee "), wish("R02-0003", "done")])
    assert review.judgements["R02-0003"].remark == "een\nidee"
    answer = review.undo()
    assert (answer["undone"], answer["interview"]) == (["R02-0003"], "R02")
    assert answer["segments"]["R02-0003"]["remark"] == ""
    review.undo()
    assert review.store.judgements("A") == {}
    assert [row["done"] for row in review.overview()["progress"]] == [0, 0]
    with pytest.raises(ReviewError, match="niets"):
        review.undo()


def test_the_page_does_not_undo_an_imported_workbook(review):
    review.store.append("A", "workbook", [Event("R01-0000", "done", value="yes")], [_text(review)])
    with pytest.raises(ReviewError, match="werkmap"):
        review.undo()
    assert review.store.judgements("A")["R01-0000"].done


def _text(review):
    return judged(review.study.segments[0])


def test_another_window_of_the_same_coder_is_followed(review, out, book):
    other = open_review(out, book)
    other.decide([wish("R01-0001", "done")])
    assert review.queue(Filter(interview="R01"))["status"][1] == "d"
    review.decide([wish("R01-0002", "done")])
    assert other.overview()["progress"][0]["done"] == 2
    other.undo()
    assert review.queue(Filter(interview="R01"))["status"].count("d") == 1
    other.store.close()


def counted(review, monkeypatch):
    """The list to which every reading of all judgements adds something."""
    read, judgements = [], review.store.judgements
    monkeypatch.setattr(review.store, "judgements", lambda coder: read.append(coder) or judgements(coder))
    return read


def test_ones_own_decisions_are_not_read_again_when_the_file_is_written_for_them(review, out, book, monkeypatch):
    read = counted(review, monkeypatch)
    for number in range(5):
        review.decide([wish(f"R01-000{number}", "done")])
        review.store._db.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    review.memo({"interview": "R01", "value": "x"})
    review.undo()
    review.undo()
    assert review.overview()["progress"][0]["done"] == 4
    other = open_review(out, book, "Bea")
    other.decide([wish("R01-0007")])
    review.decide([wish("R01-0008")])
    assert read == []
    other.store.close()


def test_an_open_code_that_another_coder_used_first_is_noticed_at_once(review, out, book):
    review.decide([wish("R01-0000", "done")])
    code = add_code(
        review.store, out, book, {"name": "Toeval", "definition": "x", "include": ["x"], "exclude": ["y"]}, "A"
    )
    assert review.queue(Filter(state="again"))["ids"] == []
    other = open_review(out, book, "Bea")
    other.decide([wish("R01-0005", code=code)])
    assert review.queue(Filter(state="again"))["ids"] == ["R01-0000"]
    other.store.close()


def test_a_withdrawn_respondent_is_gone_also_out_of_a_batch_that_stays(review, out):
    review.decide([wish("R01-0000", "done"), wish("R02-0000", "done")])
    with open_store(out) as other, contextlib.suppress(CodeboomError):
        other.forget("R01")
    assert [row["done"] for row in review.overview()["progress"]] == [0, 1]


def test_nothing_is_decided_about_what_was_not_shown(review, out, book):
    version = review.overview()["version"]
    review.decide([wish("R01-0000", "doubt")], version)
    write_tables(out, read_codebook(book), seed=2, model="toy 2")
    other = open_review(out, book, "B")
    segment, shown, _ = suggested(other)
    other.store.close()
    batches = review.store.batches()
    refused = wish(segment, code=shown, value="no") | {"if_open": True}
    with pytest.raises(Renewed, match="vernieuwd") as told:
        review.decide([refused, wish(segment, "done")], version)
    assert review.store.batches() == batches
    assert told.value.version == review.version() == review.overview()["version"] != version
    review.decide([wish("R01-0001", "remark", "blijft")])  # is about no suggestion
    review.decide([refused, wish(segment, "done")], told.value.version)
    assert review.store.history(segment)[-2].event.model == "toy 2"


def test_a_code_of_another_window_refuses_what_was_decided_without_it_once(review, out, book):
    version = review.overview()["version"]
    add_code(review.store, out, book, {"name": "Toeval", "definition": "x", "include": ["x"], "exclude": ["y"]}, "B")
    with pytest.raises(Renewed) as told:
        review.decide([wish("R01-0000", "done")], version)
    assert review.decide([wish("R01-0000", "done")], told.value.version)["segments"]["R01-0000"]["done"]


def test_what_was_left_open_gives_way_to_what_was_decided_in_another_window(review):
    review.decide([wish("R01-0000", value="yes")])
    answer = review.decide([wish("R01-0000", value="no") | {"if_open": True}, wish("R01-0000", "done")])
    assert answer["segments"]["R01-0000"]["codes"] == {"samen/begin/motief": True}
    review.decide([wish("R01-0001", value="no") | {"if_open": True}])
    assert review.judgements["R01-0001"].codes == {"samen/begin/motief": False}


def test_an_open_code_of_another_window_is_followed_and_a_broken_file_is_waited_for(review, out, book):
    version = review.overview()["version"]
    asked = {"name": "Toeval", "definition": "x", "include": ["x"], "exclude": ["y"]}
    code = add_code(review.store, out, book, asked, "B")
    assert review.overview()["version"] != version
    sound = (out / "open-codes.yaml").read_bytes()
    (out / "open-codes.yaml").write_bytes(sound + b"\n- [")
    review.decide([wish("R01-0000", code=code)])
    (out / "open-codes.yaml").write_bytes(sound.replace(b"Toeval", b"Geluk"))
    assert review.overview()["codes"][-1]["name"] == "Geluk"


def test_a_remark_holds_only_what_a_table_can_hold(review):
    review.decide([wish("R01-0000", "remark", " een\r\n\x00idee \ud800\x1b\U0001f600\t")])
    assert review.store.judgements("A")["R01-0000"].remark == "een\nidee \U0001f600"


def test_two_coders_do_not_see_each_other(review, out, book):
    review.decide([wish("R01-0001", "done")])
    other = open_review(out, book, "B")
    assert other.overview()["progress"][0]["done"] == 0
    other.store.close()


def test_a_blind_coder_is_sent_nothing_of_model_or_others(out, book):
    (out / "why.json").write_text('{"R01-0000": {"samen/begin/motief": [["geheim", 2.0]]}}', encoding="utf-8")
    seeing = open_review(out, book, "A")
    seeing.decide([wish("R01-0000", "remark", "opmerking van A"), wish("R01-0000", "done")])
    blind = open_review(out, book, "B", blind=True)
    sent = json.dumps([blind.overview(), blind.interview("R01"), blind.queue(Filter())])
    for secret in ("score", "toy 1", "geheim", "opmerking van A", '"done": true'):
        assert secret not in sent, secret
    assert all(not segment["suggestions"] for segment in blind.interview("R01")["segments"])
    spoken = [segment.segment_id for segment in blind.study.segments]
    assert blind.queue(Filter(informative=True))["ids"] == spoken, "an order by scores tells of the suggestions"
    for state in ("suggested", "close"):
        assert blind.queue(Filter(state=state))["ids"] == []
    assert blind.queue(Filter(code="samen/begin/motief"))["ids"] == []
    assert '"maybe": [{' in json.dumps(seeing.interview("R01"))
    assert all(not segment["maybe"] for segment in blind.interview("R01")["segments"])
    assert "m" in seeing.queue(Filter())["status"] and set(blind.queue(Filter())["status"]) == {"u"}
    assert set(blind.decide([wish("R01-0000", "done")])["status"].values()) == {"d"}
    blind.undo()
    blind.decide([wish("R01-0000")])
    event = [past.event for past in blind.store.history("R01-0000") if past.coder == "B"][-1]
    assert event.blind and not event.suggested and event.score is None and event.model == ""
    assert blind.queue(Filter(code="samen/begin/motief"))["ids"] == ["R01-0000"]
    for one in (seeing, blind):
        one.store.close()


@pytest.mark.parametrize("first", [True, False])
def test_blind_and_seeing_are_not_mixed_under_one_name(out, book, first):
    one = open_review(out, book, "A", blind=first)
    one.decide([wish("R01-0000")])
    with pytest.raises(CodeboomError, match="another --coder"):
        open_review(out, book, "A", blind=not first)
    open_review(out, book, "A", blind=first)


def test_the_letters_tell_what_is_in_doubt(review):
    close = review.queue(Filter(state="close"))["ids"]
    status = dict(zip(review.queue(Filter())["ids"], review.queue(Filter())["status"], strict=True))
    assert [name for name, letter in status.items() if letter == "m"] == close != []
    assert set(status.values()) == {"m", "u"}
    assert review.decide([wish(close[0])])["status"] == {close[0]: "m"}, "what is not done yet stays so"
    assert review.decide([wish(close[0], "done")])["status"] == {close[0]: "d"}
    assert review.decide([wish(close[0], "doubt")])["status"] == {close[0]: "t"}
    assert review.undo()["status"] == {close[0]: "d"}


def test_a_doubt_about_what_was_judged_is_no_reason_to_look(review):
    row = int(np.flatnonzero(review.study.any_doubted)[0])
    name = review.study.segments[row].segment_id
    codes = review.study.doubted[row]
    assert codes and set(codes) <= {s.code for s in review.study.suggestions(row) if s.close}
    accept_unseen(review, "A", name, codes[0])
    assert review.queue(Filter())["status"][row] == "m", "nobody looked at it"
    answers = [review.decide([wish(name, code=code)])["status"][name] for code in codes]
    assert answers == ["m"] * (len(codes) - 1) + ["u"]
    assert review.queue(Filter())["status"][row] == "u"
    review.undo()
    assert review.queue(Filter())["status"][row] == "m"


def test_what_may_be_there_too_is_shown_and_no_suggestion(review):
    sent = {s["id"]: s for name in ("R01", "R02") for s in review.interview(name)["segments"]}
    name, codes = next((name, [m["code"] for m in s["maybe"]]) for name, s in sent.items() if s["maybe"])
    row = review.study.rows[name]
    assert sent[name]["maybe"] == [{"code": s.code, "score": s.score} for s in review.study.maybe(row)]
    assert not set(codes) & {s["code"] for s in sent[name]["suggestions"]}
    answer = review.decide([wish(name, code=codes[0]), wish(name, "done")])
    assert answer["segments"][name]["codes"] == {codes[0]: True}
    given = review.store.history(name)[0].event
    assert (given.suggested, given.score, given.model) == (False, None, "toy 1")


def test_filters(review):
    review.decide([wish("R01-0002", "doubt"), wish("R01-0003", "done"), wish("R02-0001", "remark", "x")])
    ids = lambda **wanted: review.queue(Filter(**wanted))["ids"]  # noqa: E731
    assert ids(state="doubt") == ["R01-0002"]
    assert ids(state="done") == ["R01-0003"]
    assert ids(state="remark") == ["R02-0001"]
    assert "R01-0003" not in ids(state="todo") and len(ids(state="todo")) == 19
    assert ids(interview="R02", state="remark") == ["R02-0001"] and ids(interview="nergens") == []
    assert ids(text="CAFE") == [s.segment_id for s in review.study.segments if "café" in s.text] != []
    assert ids(informative=True)[-1] == "R01-0003"
    segment, shown, _ = suggested(review)
    assert segment in ids(code=shown)
    review.decide([wish(segment, code=shown, value="no")])
    assert segment not in ids(code=shown)


def test_open_code_on_the_spot(review, out, book):
    asked = {"name": "Toeval", "definition": "Het liep zo.", "include": ["Toeval."], "exclude": ["Een plan.", " "]}
    code = add_code(review.store, out, book, asked, "A")
    assert review.overview()["codes"][-1]["name"] == "Toeval"
    review.decide([wish("R01-0000", code=code)])
    assert review.queue(Filter(code=code))["ids"] == ["R01-0000"]
    with pytest.raises(ReviewError, match="al een code"):
        add_code(review.store, out, book, asked, "A")
    for part in asked:
        with pytest.raises(ReviewError, match="Vul"):
            add_code(review.store, out, book, {**asked, part: [] if isinstance(asked[part], list) else "  "}, "A")


def test_new_tables_are_taken_over_and_changed_segments_are_offered_again(review, out, book):
    version = review.overview()["version"]
    review.decide([wish("R02-0009", "done"), wish("R01-0000", "done")])
    write_tables(out, read_codebook(book), interviews=1, each=5, model="toy 2")
    after = review.overview()
    assert after["version"] != version
    assert [row["name"] for row in after["progress"]] == ["R01"]
    assert after["changed"] == 1
    with pytest.raises(ReviewError, match="opnieuw verwerkt"):
        review.decide([wish("R02-0009", "done")])
    segment, shown, _ = suggested(review)
    review.decide([wish(segment, code=shown)])
    assert review.store.history(segment)[-1].event.model == "toy 2"


def test_a_withdrawn_respondent_is_gone_from_the_page_too(review, out):
    review.decide([wish("R01-0000", "remark", "weg"), wish("R01-0000", "done")])
    review.decide([wish("R02-0000", "done")])
    # The page has the store open, of which it tells; the deleting is done all the same.
    with open_store(out) as other, contextlib.suppress(CodeboomError):
        other.forget("R01")
    assert review.interview("R01")["segments"][0]["standing"]["remark"] == ""


# --- why: passages that resemble -----------------------------------------------------------------------------

CODE = "samen/begin/motief"


def passages_of(review, segment="R01-0000", code=CODE):
    return [passage["id"] for passage in review.similar(segment, code)["passages"]]


def accept_unseen(review, coder, segment, code=CODE):
    row = review.study.segments[review.study.rows[segment]]
    review.store.append(coder, BULK, [Event(segment, "code", code, "yes")], [judged(row)])


def unseen(review, segment):
    sent = review.interview(review.study.segments[review.study.rows[segment]].interview)["segments"]
    return next(one["standing"]["unseen"] for one in sent if one["id"] == segment)


def test_where_nothing_is_validated_the_codebook_gives_the_examples(review):
    found = review.similar("R01-0000", CODE)
    assert found["passages"] == []
    assert found["examples"] == [{"text": "Wij deden Motief.", "question": ""}]
    for segment, code in (("nergens", CODE), ("R01-0000", "samen/begin/nergens")):
        with pytest.raises(ReviewError):
            review.similar(segment, code)


def test_validated_passages_of_a_code_the_likest_first_and_at_most_two(review, out, book):
    likest = review._passages.nearest("R01-0000", list(review.study.rows), 19)
    review.decide([wish(name) for name in (*likest[4:7], "R01-0000")])
    assert passages_of(review) == likest[4:6], "and never the segment itself"
    other = open_review(out, book, "Bea")
    other.decide([wish(likest[0])])
    passage = review.similar("R01-0000", CODE)["passages"][0]
    segment = review.study.segments[review.study.rows[likest[0]]]
    assert (passage["id"], passage["coders"], passage["interview"]) == (likest[0], ["Bea"], segment.interview)
    assert passage["question"] == segment.question and segment.text.startswith(passage["text"].removesuffix(" …"))
    other.decide([wish(likest[4], value="no")])
    assert passages_of(review) == [likest[0], likest[5]], "what somebody refused is no example"
    other.store.close()


def test_what_is_taken_back_undone_doubted_or_accepted_unseen_is_no_example(review):
    review.decide([wish("R02-0001")])
    review.decide([wish("R02-0002")])
    review.decide([wish("R02-0003"), wish("R02-0003", "doubt")])
    assert set(passages_of(review)) == {"R02-0001", "R02-0002"}
    review.decide([wish("R02-0001", value="")])
    assert passages_of(review) == ["R02-0002"]
    review.decide([wish("R02-0004")])
    review.undo()
    assert passages_of(review) == ["R02-0002"]
    accept_unseen(review, "Cas", "R02-0005")
    assert passages_of(review) == ["R02-0002"]
    assert passages_of(review, code="samen/begin/doel") == []


def test_what_was_accepted_unseen_stays_so_after_a_verdict_that_was_undone(review):
    accept_unseen(review, "A", "R02-0005")
    assert unseen(review, "R02-0005") == [CODE]
    for value in ("no", "yes", ""):
        assert review.decide([wish("R02-0005", value=value)])["segments"]["R02-0005"]["unseen"] == []
        answer = review.undo()
        assert review.judgements["R02-0005"].codes == {CODE: True}
        assert passages_of(review) == [], "nobody looked at it"
        assert answer["segments"]["R02-0005"]["unseen"] == [CODE] == unseen(review, "R02-0005")
    review.decide([wish("R02-0005", value="no")])
    review.decide([wish("R02-0005", value="yes")])
    assert [review.undo()["segments"]["R02-0005"]["unseen"] for _ in range(2)] == [[], [CODE]]
    assert accepted_unseen(review.store, "A") == {"R02-0005": {CODE}}, "as it is when all is read"


def test_a_yes_to_what_was_accepted_unseen_is_written_and_counts(review, out, book):
    review.decide([wish("R02-0005", "done")])
    accept_unseen(review, "A", "R02-0005", "samen/begin/doel")
    accept_unseen(review, "A", "R02-0005")
    silent = lambda: read_coders(out, review.study.segments, review.study.codebook, [])[0].silent["R02-0005"]  # noqa: E731
    assert unseen(review, "R02-0005") == ["samen/begin/doel", CODE] and silent() == {"samen/begin/doel", CODE}
    window = open_review(out, book)
    assert unseen(window, "R02-0005") == ["samen/begin/doel", CODE]
    batches = len(review.store.batches())
    confirm = [wish("R02-0005") | {"if_open": True}, wish("R02-0005", "done")]
    assert review.decide(confirm)["segments"]["R02-0005"]["unseen"] == ["samen/begin/doel"]
    assert (silent(), passages_of(review)) == ({"samen/begin/doel"}, ["R02-0005"])
    review.decide(confirm)
    assert len(review.store.batches()) == batches + 1, "and it is said once"
    assert unseen(window, "R02-0005") == ["samen/begin/doel"]
    window.decide([wish("R02-0005", value="no")])
    review.decide(confirm)
    assert review.judgements["R02-0005"].codes[CODE] is False, "what was refused in another window stays so"
    refused = wish("R02-0005", code="samen/begin/doel", value="no") | {"if_open": True}
    review.decide([refused])
    assert unseen(review, "R02-0005") == ["samen/begin/doel"], "accepted after the page was sent it as open"
    write_codebook(book, ("Aanleiding", "Motief"))
    write_manifest(out, manifest(out, review.study.codebook, review.study.segments))
    assert unseen(review, "R02-0005") == [], "what left the codebook cannot be confirmed"
    window.store.close()


def test_a_seeing_coder_is_not_shown_what_another_decided_blind(review, out, book):
    review.decide([wish("R02-0001")])
    blind = open_review(out, book, "Bea", blind=True)
    blind.decide([wish("R02-0003"), wish("R02-0001", value="no")])
    seeing = open_review(out, book, "Cas")
    seeing.decide([wish("R02-0004")])
    found = {p["id"]: p["coders"] for p in review.similar("R01-0000", CODE)["passages"]}
    assert found == {"R02-0001": ["A"], "R02-0004": ["Cas"]}
    for one in (blind, seeing):
        one.store.close()


def test_only_passages_that_are_in_the_tables_now(review, out, book):
    review.decide([wish("R02-0009"), wish("R01-0003")])
    assert set(passages_of(review)) == {"R02-0009", "R01-0003"}
    write_tables(out, read_codebook(book), interviews=1, each=5)
    assert passages_of(review) == ["R01-0003"]


def test_a_blind_coder_is_shown_nothing_that_resembles_and_no_trust(out, book):
    seeing, blind = open_review(out, book, "A"), open_review(out, book, "B", blind=True)
    blind.study = replace(blind.study, agreement={CODE: Agreement(0.64, 12)})
    seeing.decide([wish("R01-0001")])
    assert blind.similar("R01-0000", CODE) == {"version": blind._version(), "passages": [], "examples": []}
    assert all(code["agreement"] is None for code in blind.overview()["codes"])
    for one in (seeing, blind):
        one.store.close()


def test_expected_agreement_stands_with_a_code_where_it_was_measured(review, monkeypatch):
    codes = review.study.codebook.ids
    known = {codes[0]: Agreement(0.604, 12), codes[1]: Agreement(0.31, 40), codes[2]: Agreement(0.9, 4)}
    monkeypatch.setattr(review, "study", replace(review.study, agreement=known))
    assert [code["agreement"] for code in review.overview()["codes"]] == [
        {"kappa": 0.6, "positives": 12, "word": "goed"},
        {"kappa": 0.31, "positives": 40, "word": "laag"},
        {"kappa": None, "positives": 4, "word": "onbekend"},
        None,
    ]


def test_an_excerpt_is_cut_between_words():
    assert excerpt("kort") == "kort"
    assert excerpt("woord " * 60) == "woord " * 36 + "…"
    assert excerpt("x" * 400) == "x" * 220 + " …"


# --- memos, and what was done before a new code --------------------------------------------------------------


def test_a_memo_is_in_the_store_and_a_coders_own(review, out, book):
    review.decide([wish("R01-0000")])
    answer = review.memo({"interview": "R01", "value": " Begon stroef.\r\n\x00Later niet. "})
    assert answer["memos"] == {"interviews": {"R01": "Begon stroef.\nLater niet."}, "codes": {}}
    review.memo({"code": CODE, "value": "Lijkt op Doel."})
    batches = len(review.store.batches())
    review.memo({"code": CODE, "value": "Lijkt op Doel."})
    assert len(review.store.batches()) == batches, "what stands already is not written again"
    assert review.overview()["memos"]["codes"] == {CODE: "Lijkt op Doel."}
    other = open_review(out, book, "Bea")
    assert other.overview()["memos"] == {"interviews": {}, "codes": {}}
    window = open_review(out, book)
    assert window.overview()["memos"] == review.overview()["memos"]
    answer = review.undo()
    assert (answer["memo"], answer["undone"], answer["memos"]["codes"]) == (True, [], {})
    assert window.overview()["memos"]["codes"] == {}
    review.memo({"interview": "R01", "value": "  "})
    assert review.overview()["memos"]["interviews"] == {}
    assert review.judgements["R01-0000"].codes == {CODE: True}
    for one in (other, window):
        one.store.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        {}, {"value": "x"}, {"interview": "R01", "code": CODE, "value": "x"}, {"interview": "nergens", "value": "x"},
        {"code": "samen/begin/nergens", "value": "x"}, {"interview": ["R01"], "value": "x"}, {"interview": "R01"},
        {"interview": "R01", "value": "x" * 50_001}, {"interview": "R01", "value": None},
    ],
)  # fmt: skip
def test_a_memo_about_nothing_is_refused(review, nonsense):
    with pytest.raises(ReviewError):
        review.memo(nonsense)
    assert review.store.batches() == []


def test_a_memo_of_a_blind_coder_keeps_the_coder_blind(out, book):
    blind = open_review(out, book, "B", blind=True)
    blind.memo({"interview": "R01", "value": "x"})
    open_review(out, book, "B", blind=True).store.close()
    with pytest.raises(CodeboomError, match="another --coder"):
        open_review(out, book, "B")
    blind.store.close()


def test_what_was_done_before_an_open_code_is_offered_again_for_it(review, out, book):
    for name in ("R01-0000", "R01-0001", "R01-0002"):
        review.decide([wish(name, "done")])
    again = lambda code="": review.queue(Filter(state="again", code=code))["ids"]  # noqa: E731
    assert again() == []
    asked = {"name": "Toeval", "definition": "x", "include": ["x"], "exclude": ["y"]}
    code = add_code(review.store, out, book, asked, "A")
    review.overview()
    assert again() == [], "nobody used it yet"
    answer = review.decide([wish("R01-0002", code=code), wish("R01-0005", "done")])
    assert answer["segments"]["R01-0002"]["again"] == [] == answer["segments"]["R01-0005"]["again"]
    assert again() == ["R01-0000", "R01-0001"] == again(code)
    assert again(CODE) == []
    assert review.queue(Filter(interview="R01"))["status"][:6].replace("m", "u") == "aaduud"
    assert [s["standing"]["again"] for s in review.interview("R01")["segments"]][:3] == [[code], [code], []]
    review.decide([wish("R01-0000", "done")])
    assert again() == ["R01-0001"], "read for it now"
    assert labels(review.store, review.study.codebook).segments["R01-0000"].negative >= {code}
    assert code in labels(review.store, review.study.codebook).segments["R01-0001"].unknown
    review.undo()
    assert again() == ["R01-0000", "R01-0001"]
    review.decide([wish("R01-0001", code=code, value="no")])
    assert again() == ["R01-0000"]
    batches = len(review.store.batches())
    review.decide([wish("R01-0005", "done")])
    assert len(review.store.batches()) == batches, "what was done after it is not said twice"
    window = open_review(out, book)
    assert window.queue(Filter(state="again"))["ids"] == again()
    window.store.close()


# --- reading -----------------------------------------------------------------------------------------------


def test_words_that_carried_a_suggestion_are_an_extra(review, out, book):
    segment, shown, _ = suggested(review)
    words = [["plan", 0.2], ["doel", 0.9], ["niet", -1.0], ["x", "y"], 7]
    (out / "why.json").write_text(json.dumps({segment: {shown: words}}), encoding="utf-8")
    study = load_study(out, read_codebook(book))
    assert study.suggestions(study.rows[segment])[0].words == ("doel", "plan")
    no_words = [json.dumps({segment: []}), json.dumps({segment: {shown: 3}})]
    for damaged in ("[]", "{", *no_words, "\xff", "[" * 100_000):
        (out / "why.json").write_text(damaged, encoding="latin-1")
        study = load_study(out, read_codebook(book))
        assert study.suggestions(study.rows[segment])[0].words == ()


def test_tables_that_do_not_fit_the_manifest_are_refused(out, book):
    (out / "segments.csv").write_bytes((out / "segments.csv").read_bytes().replace(b"Respondent 1", b"Respondent 9"))
    with pytest.raises(CodeboomError, match=r"segments\.csv.*run` again"):
        load_study(out, read_codebook(book))


def test_an_empty_study_is_no_error(tmp_path, book):
    write_tables(tmp_path / "out", read_codebook(book), interviews=0)
    review = open_review(tmp_path / "out", book)
    assert review.overview()["progress"] == []
    assert review.queue(Filter(informative=True))["ids"] == []
    review.store.close()


def test_codes_that_left_the_codebook_are_not_shown(review, out, book):
    write_codebook(book, ("Aanleiding", "Doel"))
    write_manifest(out, manifest(out, review.study.codebook, review.study.segments))  # as a new run does
    assert {code["name"] for code in review.overview()["codes"]} == {"Aanleiding", "Doel"}
    sent = [s["code"] for segment in review.interview("R01")["segments"] for s in segment["suggestions"]]
    assert set(sent) <= {"samen/begin/aanleiding", "samen/begin/doel"}


def test_folding_for_search():
    assert fold("  Één CAFÉ\r\n in\u00a0de straße ") == "een cafe in de strasse"


# --- the page's own functions, without a browser -----------------------------------------------------------

NODE = shutil.which("node")
SCRIPT = """
import { findCodes, marks, clock, fold } from "PAGE/match.js";
import { action, nextOpen, rowsOf, step } from "PAGE/steps.js";
import { spokenCodes, spokenRow, spokenSegment } from "PAGE/spoken.js";
const code = (id, name, definition = "") => ({ id, name, variable: "V", dimension: "D", definition, include: ["x"] });
const codes = [
  code("v/d/doel", "Eigen doel"), code("v/d/idee", "Idee\u00ebn delen"), code("v/d/motief", "Motief", "het doel"),
];
const nameOf = (id) => id.toUpperCase();
const nothing = { codes: {}, done: false, doubt: false, remark: "", unseen: [] };
const plain = {
  role: "respondent", speaker: "", question: "", text: "Ja", suggestions: [], maybe: [], standing: nothing,
};
const segment = {
  role: "respondent", speaker: "Respondent 1", question: "Waarom?", text: "We moesten wel",
  suggestions: [{ code: "p", score: 0.63, close: true, words: [] }, { code: "q", score: 0.9, close: false, words: [] }],
  maybe: [{ code: "r", score: 0.23 }, { code: "s", score: 0.2 }],
  standing: { codes: { q: false, r: true }, done: true, doubt: true, remark: "Mooi!", unseen: [] },
};
const accepted = { ...segment, standing: { ...segment.standing, codes: { q: true }, unseen: ["q"] } };
const key = (key, more = {}) => ({ key, ...more });
console.log(JSON.stringify({
  found: ["", "doel", "ideeen", "doel eigen", "zzz"].map((typed) => findCodes(codes, typed).map((c) => c.id.slice(4))),
  marks: [marks("Eén Café 😀 een.", ["een"], true), marks("abc", []), marks("doelen", ["doel"], true)],
  clock: [null, 0, 61999, 3661000].map(clock),
  next: [["udu", 0, "u"], ["udd", 0, "u"], ["dtd", 2, "ut"], ["", 0, "u"]].map(([s, at, w]) => nextOpen([...s], at, w)),
  step: [step(3, 2, 1), step(3, 0, -1), step(0, 0, 1)],
  keys: [
    [key("a"), "page"], [key("A"), "page"], [key("a"), "field"], [key("Enter"), "control"],
    [key("Enter", { shiftKey: true }), "page"], [key("a", { ctrlKey: true }), "page"], [key("3"), "page"],
    [key("ArrowDown"), "list"], [key("a"), "page", false], [key("toString"), "page"],
    [key("M", { shiftKey: true }), "page"], [key("m"), "page"], [key("M"), "page"],
    [key("G", { shiftKey: true }), "page"], [key("A", { shiftKey: true }), "page"],
    [key("M", { shiftKey: true }), "page", false], [key("N", { shiftKey: true }), "page"], [key("Enter"), "list"],
    [key("n"), "list"],
  ].map((asked) => action(...asked)),
  rows: rowsOf({ suggestions: [{ code: "p" }], standing: { codes: { p: true, q: false } } }).map((row) => row.code),
  spoken: [
    spokenSegment(segment, "3 van 30", false, nameOf), spokenRow(segment, 0, nameOf),
    spokenSegment(plain, "buiten de lijst", false, nameOf), spokenCodes(plain, true, nameOf),
    spokenRow(accepted, 1, nameOf),
  ],
}));
"""


@pytest.mark.skipif(not NODE, reason="node is not installed; the browser test runs the same functions")
def test_the_pure_functions_of_the_page(tmp_path):
    from pipeline.review.server import _PAGE

    script = tmp_path / "test.mjs"
    for name in ("match.js", "steps.js", "spoken.js"):
        (tmp_path / name).write_bytes((_PAGE / name).read_bytes())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    script.write_text(SCRIPT.replace("PAGE", "."), encoding="utf-8")
    done = subprocess.run([NODE, str(script)], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["found"] == [["doel", "idee", "motief"], ["doel", "motief"], ["idee"], ["doel"], []]
    assert said["marks"] == [
        [["Eén", True], [" Café 😀 ", False], ["een", True], [".", False]], [["abc", False]], [["doelen", False]],
    ]  # fmt: skip
    assert said["clock"] == ["", "0:00", "1:01", "1:01:01"]
    assert said["next"] == [2, -1, 1, -1]
    assert said["step"] == [2, 0, 0]
    assert said["keys"] == [
        "accept", "accept", "", "", "all", "", "row 3", "", "", "",
        "memo of code", "memo", "memo", "to 2", "accept", "", "unsure", "", "open",
    ]  # fmt: skip
    assert said["rows"] == ["p", "q"]
    assert said["spoken"] == [
        "3 van 30. Respondent 1. Vraag: Waarom? We moesten wel. 3 codes: 1 P, 63\u00a0%, model twijfelt, nog open; "
        "2 Q, 90\u00a0%, afgewezen; 3 R, van jou, akkoord. Misschien ook: S 20\u00a0%. In twijfel. Klaar. "
        "Opmerking: Mooi!",
        "1 P, 63\u00a0%, model twijfelt, nog open",
        "buiten de lijst. Ja. Geen voorstel van het model.",
        "Nog geen code gegeven.",
        "2 Q, 90\u00a0%, ongezien aangenomen",
    ]
