"""The store of decisions: nothing acknowledged is lost, nothing is changed, and who withdrew is gone."""

import datetime
import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.codebook import OPEN_CODES, Code, Codebook, read_codebook
from pipeline.decisions import Event, Judged, Judgement, Memo, Store, open_store, store_path
from pipeline.decisions.labels import labels
from pipeline.decisions.open_codes import add_open_code
from pipeline.errors import CodebookError, StoreError

TABLES = ("event", "batch", "judged")
A, B, C = "werk/druk/tijd", "werk/druk/geld", "werk/druk/rust"


def text(segment_id, interview="R1", words="Ja, het is nooit af.", question="En toen?"):
    return Judged(segment_id, interview, words, question)


def given_code(segment_id, code=A, value="yes", **shown):
    return Event(segment_id, "code", code, value, **shown)


def decide(store, coder, *events, source="review"):
    return store.append(coder, source, events, [text(event.segment_id) for event in events])


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path) as opened:
        yield opened


def book(*codes, opened=()):
    return Codebook(
        tuple(
            Code(c, c, "Werk", "Druk", "x", ("x",), (), (), (), "open" if c in opened else "a priori", None, None)
            for c in codes
        ),
        "sha",
    )


def test_the_last_word_on_each_thing_stands(store):
    decide(store, "Anna", given_code("s1", suggested=True, score=0.8, model="m1"), given_code("s1", B, "no"))
    decide(store, "Anna", Event("s1", "done", value="yes"), Event("s1", "remark", value="Mooi citaat\r\n“écht” 🌳"))
    decide(store, "Anna", given_code("s1", B), Event("s1", "doubt", value="yes"), given_code("s2", A, "no"))
    assert store.judgements("Anna") == {
        "s1": Judgement({A: True, B: True}, True, True, "Mooi citaat\r\n“écht” 🌳"),
        "s2": Judgement({A: False}),
    }
    assert store.judgement("Anna", "s1") == store.judgements("Anna")["s1"]
    assert store.judgement("Anna", "nowhere") == Judgement()
    assert store.judged() == {"s1": text("s1"), "s2": text("s2")}


def test_taken_back_is_as_never_said_but_stays_in_the_history(store):
    decide(store, "Anna", given_code("s1"))
    decide(store, "Anna", given_code("s1", value=""))
    assert store.judgements("Anna") == {}
    assert [past.event.value for past in store.history("s1")] == ["yes", ""]
    assert store.judged() == {"s1": text("s1")}


def test_coders_do_not_see_each_other_and_a_name_is_one_name_however_it_is_typed(store):
    decide(store, "Andre\u0301", given_code("s1"))
    decide(store, " André ", given_code("s2"))
    decide(store, "Bo", given_code("s1", value="no"))
    assert store.coders() == ["André", "Bo"]
    assert set(store.judgements("André")) == {"s1", "s2"}
    assert store.judgements("Bo") == {"s1": Judgement({A: False})}


def test_a_coder_in_other_capitals_is_the_same_coder(store):
    decide(store, "Andr\u00e9", given_code("s1"))
    decide(store, "ANDRE\u0301", given_code("s2"))
    assert store.coders() == ["André"]
    assert store.spelling(" andré ") == "André" and store.spelling("Andre") == "Andre"
    assert set(store.judgements("andré")) == {"s1", "s2"}
    assert store.judgement("andré", "s1").codes and store.last("andré").coder == "André"
    assert store.undo("aNDRÉ").events[0].segment_id == "s2"


def test_two_spellings_from_before_that_was_so_keep_their_own(store):
    decide(store, "Anna", given_code("s1"))
    decide(store, "Bo", given_code("s2"))
    store._db.insert("batch", "coder, source, at", [("anna", "review", "2026-01-01T00:00:00.000+00:00")])
    decide(store, "anna", given_code("s3"))
    decide(store, "ANNA", given_code("s4"))
    assert store.coders() == ["Anna", "Bo", "anna"]
    assert (set(store.judgements("Anna")), set(store.judgements("anna"))) == ({"s1", "s4"}, {"s3"})


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_be_shown_is_refused(store, name):
    with pytest.raises(StoreError, match="coder"):
        decide(store, name, given_code("s1"))
    assert store.batches() == []


def test_history_says_when_who_how_and_what_was_shown(store):
    at = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    event = given_code("s1", suggested=True, score=0.81, model="fast-nl")
    number = store.append("Anna", "workbook", [event], [text("s1")], at)
    (past,) = store.history("s1")
    assert (past.batch, past.coder, past.source, past.event, past.undo) == (number, "Anna", "workbook", event, False)
    assert past.at == at
    assert store.history("nowhere") == []


def test_a_text_is_kept_as_it_was_last_judged(store):
    store.append("Anna", "review", [given_code("s1")], [text("s1", words="[Collega 3] zei dat.")])
    store.append("Anna", "review", [given_code("s1", B)], [text("s1", words="[Collega 4] zei dat.")])
    assert store.judged()["s1"].text == "[Collega 4] zei dat."
    store.append("Anna", "review", [given_code("s1", C)], [text("s1", words="[Collega 3] zei dat.")])
    assert store.judged()["s1"].text == "[Collega 3] zei dat."
    store.append("Anna", "review", [given_code("s1", C, "no")], [])
    assert store.judged()["s1"].text == "[Collega 3] zei dat."


@pytest.mark.parametrize(
    "wrong",
    [
        {"segment_id": ""},
        {"kind": "colour"},
        {"code": ""},
        {"kind": "done", "value": "yes"},
        {"value": "maybe"},
        {"kind": "done", "code": "", "value": "no"},
        {"score": 1.2},
        {"score": float("nan")},
        {"blind": True, "score": 0.5},
        {"blind": True, "suggested": True},
        {"kind": "remark", "code": "", "value": "half a \ud83d character"},
    ],
)
def test_an_event_that_means_nothing_cannot_be_made(wrong):
    with pytest.raises(ValueError):
        replace(given_code("s1"), **wrong)


def test_a_batch_is_all_or_nothing(store):
    with pytest.raises(ValueError, match="no text"):
        store.append("Anna", "review", [given_code("s1"), given_code("s2")], [text("s1")])
    with pytest.raises(ValueError, match="at least one"):
        store.append("Anna", "review", [], [text("s1")])
    assert (store.batches(), store.judged()) == ([], {})
    with pytest.raises(KeyError), store.transaction():
        decide(store, "Anna", given_code("s1"))
        raise KeyError
    assert (store.batches(), store.judged()) == ([], {})


def test_undo_takes_back_one_batch_at_a_time_and_keeps_the_history(store):
    decide(store, "Anna", given_code("s1", suggested=True, score=0.7, model="m"), Event("s1", "remark", value="eerst"))
    decide(store, "Bo", given_code("s1", value="no"))
    last = decide(store, "Anna", given_code("s1", value="no"), given_code("s2"), Event("s1", "remark", value="later"))
    batch = store.undo("Anna")
    assert (batch.id, batch.source, len(batch.events)) == (last, "review", 3)
    assert store.judgements("Anna") == {"s1": Judgement({A: True}, remark="eerst")}
    back = next(past.event for past in reversed(store.history("s1")) if past.event.kind == "code")
    assert back == given_code("s1", suggested=True, score=0.7, model="m")
    assert store.judgements("Bo") == {"s1": Judgement({A: False})}
    assert store.undo("Anna").id == 1
    assert store.judgements("Anna") == {}
    assert store.undo("Anna") is None and store.undo("nobody") is None
    assert len(store.history("s1")) == 9
    decide(store, "Anna", given_code("s3"))
    assert [past.undo for past in store.history("s1")].count(True) == 4
    assert store.undo("Anna").events == (given_code("s3"),)


_steps = st.lists(
    st.one_of(
        st.just("undo"),
        st.lists(
            st.builds(
                given_code, st.sampled_from(["s1", "s2"]), st.sampled_from([A, B]), st.sampled_from(["yes", "no", ""])
            ),
            min_size=1,
            max_size=3,
        ),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(_steps)
def test_undo_is_the_reverse_of_any_history(tmp_path_factory, steps):
    with open_store(tmp_path_factory.mktemp("store")) as store:
        states = [store.judgements("Anna")]
        for step in steps:
            if step == "undo":
                assert (store.undo("Anna") is None) == (len(states) == 1)
                states = states[:-1] or states
            else:
                decide(store, "Anna", *step)
                states.append(store.judgements("Anna"))
            assert store.judgements("Anna") == states[-1]


def test_what_came_in_one_way_and_was_not_undone(store):
    decide(store, "Anna", given_code("s1"), source="workbook")
    decide(store, "Anna", given_code("s1", value="no"), source="review")
    assert store.judgements("Anna", "workbook") == {"s1": Judgement({A: True})}
    decide(store, "Anna", given_code("s2"), source="workbook")
    store.undo("Anna")
    assert store.judgements("Anna", "workbook") == {"s1": Judgement({A: True})}


# --- the file ----------------------------------------------------------------------------------------------


def test_it_is_written_so_that_it_survives_a_power_cut(tmp_path):
    with open_store(tmp_path) as store:
        rows = store._db.rows
        assert rows("PRAGMA journal_mode") == [("wal",)]
        assert rows("PRAGMA synchronous") == [(2,)]
    with open_store(tmp_path) as store:
        assert store._db.rows("PRAGMA synchronous") == [(2,)]
    assert [path.name for path in tmp_path.iterdir()] == ["decisions.sqlite"]  # closed: nothing is left in a log


@pytest.mark.parametrize("sql", ["UPDATE event SET value = 'no'", *(f"DELETE FROM {table}" for table in TABLES)])
def test_the_file_itself_refuses_a_change(store, tmp_path, sql):
    decide(store, "Anna", given_code("s1"))
    with sqlite3.connect(store_path(tmp_path)) as other, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        other.execute(sql)
    other.close()


def test_no_store_no_folder(tmp_path):
    with pytest.raises(StoreError, match="nothing was decided yet"):
        open_store(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError, match="no such folder"):
        open_store(tmp_path / "typo")


def foreign(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE projects (id)")
    other.close()


def numbered(number):
    def change(path):
        with open_store(path.parent) as store:
            decide(store, "Anna", given_code("s1"))
        with sqlite3.connect(path) as other:
            other.execute(f"PRAGMA user_version = {number}")
        other.close()

    return change


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (foreign, "another program"),
        (numbered(4), "a newer version"),
        (numbered(0), "an older version"),
        (lambda path: path.write_bytes(b"geen database, maar een brief" * 200), "damaged, or not a store"),
        (lambda path: path.mkdir(), "cannot be opened"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_is(tmp_path, make, said):
    path = store_path(tmp_path)
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=said) as caught:
        open_store(tmp_path)
    assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_an_empty_file_left_by_a_kill_becomes_a_store(tmp_path):
    store_path(tmp_path).touch()
    with open_store(tmp_path) as store:
        decide(store, "Anna", given_code("s1"))
    with open_store(tmp_path, create=False) as store:
        assert store.coders() == ["Anna"]


_WRITER = """
import sys
from pathlib import Path
from pipeline.decisions import Event, Judged, open_store
out, coder = Path(sys.argv[1]), sys.argv[2]
for number in range(30):
    with open_store(out) as store:
        name = f"s{number}"
        store.append(coder, "review", [Event(name, "code", "a/b/c", "yes")], [Judged(name, "R", "x", "")])
"""


def test_two_processes_at_once_make_and_fill_one_store(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, tmp_path, name], stderr=subprocess.PIPE) for name in "AB"
    ]
    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 2
    with open_store(tmp_path) as store:
        assert {name: len(store.judgements(name)) for name in "AB"} == {"A": 30, "B": 30}
        assert len(store.judged()) == 30


def test_threads_share_a_store(store):
    def write(name):
        for number in range(25):
            decide(store, name, given_code(f"s{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.batches()) == 75
    assert all(len(store.judgements(name)) == 25 for name in "ABC")


# --- withdrawal --------------------------------------------------------------------------------------------


def test_who_withdrew_is_gone_from_every_byte_and_the_others_stay(tmp_path):
    with open_store(tmp_path) as store:
        for number in range(300):
            who, words = ("R2", "geheimwoord") if number % 2 else ("R1", "gewoon")
            judged = [text(f"{who}-{number}", who, f"{words} {number}", f"vraag {words}")]
            events = [given_code(f"{who}-{number}"), Event(f"{who}-{number}", "remark", value=f"opmerking {words}")]
            store.append("Anna", "review", events, judged)
        store.undo("Anna")
        mixed = [given_code("R1-0", B), given_code("R2-1", B)]
        store.append("Bo", "workbook", mixed, [])
        assert any(b"geheimwoord" in path.read_bytes() for path in tmp_path.iterdir())
        before = store.judgements("Anna")
        assert store.forget("R2") == 2 * 150 + 2 + 1
        assert not any(
            b"geheimwoord" in path.read_bytes() or b"R2-" in path.read_bytes() for path in tmp_path.iterdir()
        )
        assert store.judgements("Anna") == {key: one for key, one in before.items() if key.startswith("R1")}
        assert store.judgements("Bo") == {"R1-0": Judgement({B: True})}
        assert set(store.judged()) == {key for key in before if key.startswith("R1")}
        assert store.history("R2-1") == []
        assert store.forget("R2") == 0
        with pytest.raises(sqlite3.IntegrityError):
            store._db._connection.execute("DELETE FROM event")
        assert store.undo("Anna") is not None
    assert not any(b"geheimwoord" in path.read_bytes() for path in tmp_path.iterdir())


def test_forgetting_while_somebody_reads_says_that_traces_may_be_left(tmp_path, monkeypatch):
    with open_store(tmp_path) as store:
        store.append("Anna", "review", [given_code("s1")], [text("s1", "R1", "geheimwoord", "vraag")])
        monkeypatch.setattr("pipeline.decisions.database._PATIENCE", 0.1)
        with open_store(tmp_path) as other:
            other._db._connection.execute("BEGIN")
            other.judged()
            with pytest.raises(StoreError, match=r"traces may be left|kept writing"), open_store(tmp_path) as third:
                third.forget("R1")
            other._db._connection.execute("COMMIT")
            assert store.forget("R1") == 0  # open, but idle
            assert other.judged() == store.judged() == {}
        assert b"geheimwoord" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


# --- memos -------------------------------------------------------------------------------------------------


def test_a_memo_is_about_an_interview_or_a_code_and_is_no_decision(store):
    about, code = Event("R1", "memo", value="Wantrouwig begin."), Event("", "memo", A, "Overlapt met B.\n\nNagaan.")
    store.append("Anna", "review", [about], [])
    store.append("Anna", "review", [code], [])
    store.append("Bo", "review", [Event("", "memo", A, "Ik vind van niet.")], [])
    assert store.memos("Anna") == [Memo("Anna", "R1", "", about.value), Memo("Anna", "", A, code.value)]
    assert [memo.coder for memo in store.memos()] == ["Anna", "Anna", "Bo"]
    assert store.judgements("Anna") == {} == store.judged()
    assert store.coders() == [], "who only writes memos is no coder to compare with"
    assert labels(store, book(A)).segments == {}
    store.append("Anna", "review", [Event("", "memo", A, "Overlapt niet.")], [])
    assert [memo.text for memo in store.memos("Anna")] == [about.value, "Overlapt niet."]
    store.undo("Anna")
    assert {memo.text for memo in store.memos("Anna")} == {about.value, code.value}
    store.append("Anna", "review", [replace(about, value="")], [])
    assert [memo.text for memo in store.memos("Anna")] == [code.value]


@pytest.mark.parametrize(
    "wrong", [{"segment_id": ""}, {"code": A}, {"value": "half a \ud83d character"}, {"score": 2.0}]
)
def test_a_memo_that_means_nothing_cannot_be_made(wrong):
    with pytest.raises(ValueError):
        replace(Event("R1", "memo", value="x"), **wrong)


def test_with_an_interview_its_memos_go_and_those_about_codes_stay(tmp_path):
    with open_store(tmp_path) as store:
        store.append("Anna", "review", [given_code("s1")], [text("s1", "R1")])
        store.append("Anna", "review", [Event("R1", "memo", value="geheimwoord over R1")], [])
        store.append("Anna", "review", [Event("R2", "memo", value="over R2")], [])
        store.append("Anna", "review", [Event("", "memo", A, "over een code")], [])
        assert store.forget("R1") == 2
        assert [memo.text for memo in store.memos()] == ["over R2", "over een code"]
        assert store.forget("R2") == 1, "also where nothing but a memo is about it"
        assert store.undo("Anna").events[0].value == "over een code"
        assert store.memos() == []
    assert not any(b"geheimwoord" in path.read_bytes() for path in tmp_path.iterdir())


def test_the_command_forget_knows_memos_too(tmp_path, capsys):
    with open_store(tmp_path) as store:
        store.append("Anna", "review", [Event("R1", "memo", value="x")], [])
    forget = ["forget", "R1", "--out", str(tmp_path)]
    assert main(forget) == 2
    assert "0 segments of R1 and 1 memo(s) on it, by Anna" in capsys.readouterr().err
    assert main([*forget, "--yes"]) == 0
    assert "Memos about codes stay" in capsys.readouterr().out
    with open_store(tmp_path) as store:
        assert store.memos() == []
    assert main([*forget, "--yes"]) == 2


@pytest.mark.parametrize("number", [1, 2])
def test_a_store_of_an_older_format_is_taken_over(tmp_path, number):
    numbered(number)(store_path(tmp_path))
    with open_store(tmp_path) as store:
        assert store.judgements("Anna") == {"s1": Judgement({A: True})}
        store.append("Anna", "review", [Event("R1", "memo", value="x")], [])
        assert store._db.rows("PRAGMA user_version") == [(3,)]
    with open_store(tmp_path) as store:
        assert [memo.text for memo in store.memos()] == ["x"]


def test_the_last_word_of_each_coder_on_a_code_and_how_it_came_in(store):
    decide(store, "Anna", given_code("s1"), given_code("s2"), given_code("s1", B))
    decide(store, "Bo", given_code("s1", value="no"), source="workbook")
    decide(store, "Anna", given_code("s2", value="no"))
    store.undo("Anna")
    decide(store, "Anna", given_code("s1", value=""))
    said = {(word.coder, word.segment_id): (word.value, word.source) for word in store.last_words("code", A)}
    assert said == {("Anna", "s1"): ("", "review"), ("Anna", "s2"): ("yes", "review"), ("Bo", "s1"): ("no", "workbook")}


# --- labels ------------------------------------------------------------------------------------------------


def known(store, codebook, segment_id="s1", coders=None):
    one = labels(store, codebook, coders).segments[segment_id]
    return set(one.positive), set(one.negative), set(one.unknown)


def test_what_nobody_looked_at_says_nothing_and_done_refuses_the_rest(store):
    decide(
        store, "Anna", given_code("s1"), given_code("s1", B, "no"), given_code("s2"), Event("s2", "done", value="yes")
    )
    decide(store, "Anna", Event("s3", "remark", value="mooi"), Event("s4", "done", value="yes"))
    codebook = book(A, B, C)
    assert known(store, codebook) == ({A}, {B}, {C})
    assert known(store, codebook, "s2") == ({A}, {B, C}, set())
    assert known(store, codebook, "s4") == (set(), {A, B, C}, set())
    assert set(labels(store, codebook).segments) == {"s1", "s2", "s4"}
    assert labels(store, codebook).segments["s1"].judged == text("s1")


def test_doubt_refuses_nothing_that_was_not_refused(store):
    decide(store, "Anna", given_code("s1"), given_code("s1", B, "no"))
    decide(store, "Anna", Event("s1", "done", value="yes"), Event("s1", "doubt", value="yes"))
    assert known(store, book(A, B, C)) == ({A}, {B}, {C})


def test_several_coders_majority_and_conflict(store):
    decide(store, "Anna", given_code("s1"), given_code("s1", B), Event("s1", "done", value="yes"))
    decide(store, "Bo", given_code("s1", A, "no"), given_code("s1", B))
    assert known(store, book(A, B, C)) == ({B}, {C}, {A})
    (conflict,) = labels(store, book(A, B, C)).conflicts
    assert (conflict.segment_id, conflict.code, conflict.yes, conflict.no) == ("s1", A, ("Anna",), ("Bo",))
    assert known(store, book(A, B, C), coders=["Bo"]) == ({B}, {A}, {C})
    decide(store, "Cas", given_code("s1", A, "no"))
    assert known(store, book(A, B, C)) == ({B}, {A, C}, set())
    assert labels(store, book(A, B, C)).conflicts == ()


def test_a_segment_done_before_an_open_code_was_used_says_nothing_about_it(store):
    codebook = book(A, C, opened=(C,))
    decide(store, "Anna", Event("s1", "done", value="yes"))
    assert known(store, codebook) == (set(), {A}, {C})
    decide(store, "Anna", given_code("s2", C))
    decide(store, "Anna", Event("s3", "done", value="yes"))
    assert known(store, codebook) == (set(), {A}, {C})
    assert known(store, codebook, "s3") == (set(), {A, C}, set())
    decide(store, "Anna", Event("s1", "done", value=""))
    store.undo("Anna")
    assert known(store, codebook) == (set(), {A}, {C})


def test_an_open_code_that_was_refused_or_read_for_later_is_known(store):
    codebook = book(A, C, opened=(C,))
    decide(store, "Anna", Event("s1", "done", value="yes"), Event("s2", "done", value="yes"))
    assert known(store, codebook) == (set(), {A}, {C}), "added, and used by nobody yet"
    decide(store, "Bo", given_code("s9", C))
    decide(store, "Anna", given_code("s1", C, "no"))
    assert known(store, codebook, coders=["Anna"]) == (set(), {A, C}, set())
    decide(store, "Anna", Event("s2", "done", value="yes"))  # read again, as the page says it
    assert known(store, codebook, "s2") == (set(), {A, C}, set())
    store.undo("Anna")
    assert known(store, codebook, "s2") == (set(), {A}, {C})


def test_a_code_that_left_the_codebook_is_no_label(store):
    decide(store, "Anna", given_code("s1"), given_code("s1", B))
    decide(store, "Bo", given_code("s1", B, "no"))
    assert known(store, book(A)) == ({A}, set(), set())
    assert labels(store, book(A)).conflicts == ()
    assert labels(store, book(C)).segments == {}


# --- open codes --------------------------------------------------------------------------------------------

WERK = """
id: werk
name: Werk
role: afhankelijk
definition: Over werken.
dimensions:
  - id: druk
    name: Druk
    definition: Over drukte.
    codes:
      - {id: tijd, name: Tijdsdruk, definition: Geen tijd., include: [Tijd.], exclude: [{criterion: x, code: null}]}
  - id: rust
    name: Rust
    definition: Over rust.
    codes:
      - {id: slaap, name: Slaap, definition: Slapen., include: [Slaap.], exclude: [{criterion: x, code: null}]}
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "codebook"
    place.mkdir()
    (place / "werk.yaml").write_text(WERK, encoding="utf-8")
    return place


def add(store, tmp_path, folder, name="Steun van “thuis”: één", **more):
    criteria = {"definition": "Hulp thuis.", "include": ["De spreker noemt hulp."], "exclude": [("Gaat om tijd.", A)]}
    return add_open_code(store, tmp_path, folder, **{"name": name, "added_by": "Anna", **criteria, **more})


def test_an_open_code_is_in_the_codebook_at_once_and_outlives_the_session(store, tmp_path, folder):
    before = read_codebook(folder, tmp_path)
    code = add(store, tmp_path, folder, added=datetime.date(2026, 3, 1))
    assert (code.id, code.variable, code.origin) == ("open/nog-in-te-delen/steun-van-thuis-een", "Open codes", "open")
    assert (code.added, code.added_by, code.exclude[0].code) == ("2026-03-01", "Anna", A)
    placed = add(store, tmp_path, folder, name="Haast", place="werk/druk")
    assert (placed.variable, placed.dimension) == ("Werk", "Druk")
    after = read_codebook(folder, tmp_path)
    assert after.ids == (A, "werk/druk/haast", "werk/rust/slaap", code.id)
    assert after.sha256 != before.sha256 == read_codebook(folder).sha256
    assert code in after.codes


def test_her_own_words_in_the_file_stay(store, tmp_path, folder):
    add(store, tmp_path, folder)
    path = tmp_path / OPEN_CODES
    path.write_text(path.read_text("utf-8").replace("Hulp thuis.", "Hulp van huis uit.") + "# mijn notitie\n", "utf-8")
    add(store, tmp_path, folder, name="Haast")
    assert "# mijn notitie" in path.read_text("utf-8")
    assert read_codebook(folder, tmp_path).codes[2].definition == "Hulp van huis uit."


def test_moved_or_copied_to_the_codebook_it_is_the_same(store, tmp_path, folder):
    add(store, tmp_path, folder, place="werk/druk")
    (folder / OPEN_CODES).write_bytes((tmp_path / OPEN_CODES).read_bytes())
    assert read_codebook(folder, tmp_path) == read_codebook(folder)
    assert len(read_codebook(folder).codes) == 3


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": "tijdsdruk"}, "the code name 'tijdsdruk' occurs 2 times"),
        ({"name": " "}, "name"),
        ({"name": "twee\nregels"}, "must be one line"),
        ({"definition": ""}, "definition"),
        ({"include": []}, "include"),
        ({"exclude": []}, "exclude"),
        ({"exclude": [("x", "werk/druk/nergens")]}, "is no code of this codebook"),
        ({"place": "werk/nergens"}, "no dimension 'werk/nergens'"),
        ({"place": "werk"}, "dimension"),
        ({"added_by": ""}, "added_by"),
        ({"include": ["half a \ud83d character"]}, "holds half a character"),
        ({"definition": "half a \ud83d character"}, "holds half a character"),
    ],
)
def test_an_open_code_that_is_not_well_formed_changes_nothing(store, tmp_path, folder, more, said):
    add(store, tmp_path, folder, name="Haast")
    before = (tmp_path / OPEN_CODES).read_bytes()
    with pytest.raises(CodebookError, match=said):
        add(store, tmp_path, folder, **more)
    assert (tmp_path / OPEN_CODES).read_bytes() == before


@pytest.mark.parametrize(
    "name", ["🌳", "- x: y", "'", '"', "yes", "null", "2026-03-01", "# kop", "één & twee % [x]", "a" * 300]
)
def test_any_name_comes_back_as_typed(store, tmp_path, folder, name):
    assert add(store, tmp_path, folder, name=name, definition=name, include=[name, name]).name == name
    assert read_codebook(folder, tmp_path).codes[-1].include == (name, name)


def test_names_that_look_alike_get_ids_of_their_own(store, tmp_path, folder):
    ids = [add(store, tmp_path, folder, name=name).id.split("/")[-1] for name in ("Rust?", "Rust!", "🌳", "🌲")]
    assert ids == ["rust", "rust-2", "code", "code-2"]


def test_an_open_codes_file_that_is_broken_is_named(store, tmp_path, folder):
    (tmp_path / OPEN_CODES).write_text("- {id: x}", encoding="utf-8")
    with pytest.raises(CodebookError, match=r"open-codes\.yaml: 1 > name"):
        read_codebook(folder, tmp_path)
    (tmp_path / OPEN_CODES).write_text("# nog niets\r\n", encoding="utf-8")
    assert read_codebook(folder, tmp_path) == read_codebook(folder)


# --- kill -9 -----------------------------------------------------------------------------------------------


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("what", ["append", "import", "forget"])
def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path, what):
    script = Path(__file__).resolve().parent.parent / "benchmarks" / "kill.py"
    done = subprocess.run(
        [sys.executable, script, "--kills", "10", "--only", what, "--folder", tmp_path, "--seed", "1"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 kills" in done.stdout


def test_the_store_is_a_context_manager(tmp_path):
    with Store(store_path(tmp_path)) as store:
        decide(store, "Anna", given_code("s1"))
    with pytest.raises(StoreError):
        store.coders()
