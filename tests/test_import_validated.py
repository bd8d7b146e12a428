"""A filled-in workbook to the store: all of it or nothing, and the same file twice adds nothing."""

import csv
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.cli import main
from pipeline.codebook import Code, Codebook
from pipeline.decisions import Event, Judged, Judgement, open_store, store_path
from pipeline.decisions.importing import BULK, SOURCE, import_validated
from pipeline.decisions.open_codes import add_open_code
from pipeline.errors import CodeboomError, ImportProblems
from pipeline.records import Coding, Segment
from pipeline.settings import shipped
from pipeline.tables import write_codings, write_segments
from pipeline.workbook import build_workbook

A, B, C, D, E = (f"werk/druk/{letter}" for letter in "abcde")
NAMES = {A: "tijdsdruk", B: "gelddruk", C: "=rust", D: "steun", E: "één team"}
BOOK = Codebook(
    tuple(Code(c, name, "Werk", "Druk", "x", ("x",), (), (), (), "a priori", None, None) for c, name in NAMES.items()),
    "sha",
)
SEGMENTS = [
    Segment(f"{name}-{n}", name, "Respondent", "respondent", 0, None, f"Ja, eh, fragment {n} van {name}.", "Hoe?", ())
    for name, last in (("R1", 4), ("R2", 2))
    for n in range(1, last + 1)
]
SCORES = {
    ("R1-1", A): 0.91,
    ("R1-1", B): 0.62,
    ("R1-2", A): 0.85,
    ("R1-2", B): 0.8,
    ("R1-2", C): 0.79994,
    ("R1-2", D): 0.7,
    ("R2-1", E): 0.95,
}
CODINGS = [Coding(segment_id, code, score, True, "model-1") for (segment_id, code), score in SCORES.items()]
CODINGS.append(Coding("R1-3", A, 0.1, False, "model-1"))


class Study:
    """An output folder with a workbook to fill in, by segment and header."""

    def __init__(self, out):
        self.out, self.path = out, out / "coded.xlsx"
        self.tables(SEGMENTS, CODINGS)

    def tables(self, segments, codings, codebook=BOOK):
        write_segments(self.out / "segments.csv", segments)
        write_codings(self.out / "codings.csv", codings)
        build_workbook(self.path, segments, codings, codebook, {})

    def change(self, change):
        book = load_workbook(self.path)
        change(book["Valideren"])
        book.save(self.path)

    def fill(self, cells):
        def change(sheet):
            headers = [cell.value for cell in sheet[1]]
            rows = {row[headers.index("segment_id")].value: row for row in sheet.iter_rows(min_row=2)}
            for (segment_id, header), value in cells.items():
                rows[segment_id][headers.index(header)].value = value

        self.change(change)

    def take(self, coder="Anna", accept_above=None, codebook=BOOK, overrule=False):
        return import_validated(self.path, self.out, codebook, coder, accept_above, overrule)

    def decide(self, coder, *events):
        """As on the review page."""
        texts = {s.segment_id: Judged(s.segment_id, s.interview, s.text, s.question) for s in SEGMENTS}
        with open_store(self.out) as store:
            store.append(coder, "review", events, [texts[name] for name in {event.segment_id for event in events}])

    def stands(self, coder="Anna", source=None):
        with open_store(self.out) as store:
            return store.judgements(coder, source)

    def batches(self):
        with open_store(self.out) as store:
            return store.batches()

    def refused(self, **more):
        """The problems, one a line; nothing may have been taken."""
        before = self.batches() if store_path(self.out).exists() else None
        with pytest.raises(ImportProblems) as caught:
            self.take(**more)
        assert (self.batches() if store_path(self.out).exists() else None) == before
        head, *lines = str(caught.value).split("\n")
        assert str(self.path) in head and "nothing was taken" in head
        assert "fragment 1 van" not in str(caught.value)
        return [line.strip() for line in lines]


@pytest.fixture
def study(tmp_path):
    return Study(tmp_path)


FILLED = {
    ("R1-1", "Oordeel 1"): "akkoord",
    ("R1-1", "Oordeel 2"): "afwijzen",
    ("R1-1", "Extra code 2"): "ÉÉN  team",
    ("R1-2", "Oordeel 1"): "Akkoord ",
    ("R1-2", "Oordeel 2"): "twijfel",
    ("R1-2", "Opmerking"): "Mooi citaat,\nmet “haakjes” 🌳",
    ("R1-3", "Geen code"): "Ja",
    ("R1-4", "Extra code 1"): "=rust",
    ("R2-1", "Geen code"): "ja",
}
STANDS = {
    "R1-1": Judgement({A: True, B: False, E: True}, done=True),
    "R1-2": Judgement({A: True}, doubt=True, remark="Mooi citaat,\nmet “haakjes” 🌳"),
    "R1-3": Judgement({}, done=True),
    "R1-4": Judgement({C: True}, done=True),
    "R2-1": Judgement({}, done=True),
}


def test_everything_that_was_filled_in_is_taken_at_once(study):
    study.fill(FILLED)
    done = study.take()
    assert study.stands() == STANDS
    assert len(study.batches()) == 1
    assert (done.coder, done.new_coder, done.rows, done.segments) == ("Anna", True, 6, 5)
    assert done.counts == {
        "accepted": 2,
        "rejected": 1,
        "added": 2,
        "wholly judged": 4,
        "in doubt": 1,
        "remarks": 1,
    }
    with open_store(study.out) as store:
        texts = {s.segment_id: Judged(s.segment_id, s.interview, s.text, s.question) for s in SEGMENTS}
        assert store.judged() == {key: texts[key] for key in STANDS}


def test_the_same_file_twice_adds_nothing_whoever_saved_or_sorted_it(study):
    study.fill(FILLED)
    study.take()

    def shuffle(sheet):
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        random.Random(1).shuffle(rows)
        for number, row in enumerate(rows, 2):
            for position, value in enumerate(row, 1):
                sheet.cell(number, position).value = value
        sheet.insert_rows(1)

    study.change(shuffle)
    again = study.take()
    assert (again.counts, again.segments, again.new_coder, study.batches()) == ({}, 0, False, [1])


def test_an_empty_workbook_says_nothing(study):
    assert study.take().counts == {}
    assert study.batches() == []


def test_what_she_was_shown_is_kept(study):
    study.fill({**FILLED, ("R1-2", "Extra code 1"): "steun"})  # named among the other suggestions
    study.take()
    with open_store(study.out) as store:
        events = {past.event.key: past.event for key in STANDS for past in store.history(key)}
    assert events["R1-1", "code", A] == Event("R1-1", "code", A, "yes", True, 0.91, "model-1")
    assert events["R1-1", "code", B] == Event("R1-1", "code", B, "no", True, 0.62, "model-1")
    assert events["R1-2", "code", D] == Event("R1-2", "code", D, "yes", True, 0.7, "model-1")
    assert events["R1-1", "code", E] == Event("R1-1", "code", E, "yes")


def test_of_an_older_workbook_the_scores_shown_are_kept_and_no_model_is_guessed(study):
    study.fill({("R1-1", "Oordeel 1"): "akkoord"})
    write_codings(study.out / "codings.csv", [replace(c, score=0.5, coder="model-2") for c in CODINGS])
    study.take()
    with open_store(study.out) as store:
        (past,) = store.history("R1-1")
    assert past.event == Event("R1-1", "code", A, "yes", True, 0.91, "")


def test_a_changed_mind_and_an_emptied_cell(study):
    study.fill(FILLED)
    study.take()
    study.fill(
        {
            ("R1-1", "Oordeel 1"): "afwijzen",
            ("R1-1", "Extra code 2"): None,
            ("R1-2", "Opmerking"): "  ",
            ("R1-2", "Oordeel 2"): None,
            ("R1-3", "Geen code"): None,
        }
    )
    done = study.take(overrule=True)
    assert (done.counts, done.overruled) == ({"rejected": 1, "taken back": 4}, 4)
    assert study.stands() == {
        **{key: STANDS[key] for key in ("R1-4", "R2-1")},
        "R1-1": Judgement({A: False, B: False}, done=True),
        "R1-2": Judgement({A: True}),
    }
    assert study.take().counts == {}
    study.fill({("R1-1", "Oordeel 2"): None})
    assert study.take(overrule=True).counts == {"taken back": 2}
    assert study.stands()["R1-1"] == Judgement({A: False})


def test_a_workbook_that_was_not_touched_since_does_not_overrule_the_page(study):
    study.fill(FILLED)
    study.take()
    page = [
        Event("R1-1", "code", A, "no"),
        Event("R1-2", "remark", value="beter"),
        Event("R1-3", "done"),
        Event("R1-4", "code", D, "yes"),
    ]
    with open_store(study.out) as store:
        store.append("Anna", "review", page, [])
    assert study.take().counts == {}
    study.fill({("R1-1", "Oordeel 1"): None, ("R1-2", "Opmerking"): None, ("R1-2", "Oordeel 1"): "afwijzen"})
    assert study.take().counts == {"rejected": 1}
    stands = study.stands()
    assert stands["R1-1"].codes[A] is False and stands["R1-2"].remark == "beter" and stands["R1-4"].codes[D]


def test_an_import_that_was_undone_can_be_done_again(study):
    study.fill(FILLED)
    study.take()
    with open_store(study.out) as store:
        assert store.undo("Anna").source == SOURCE
        assert store.judgements("Anna") == {}
    study.take()
    assert study.stands() == STANDS


def test_two_coders_in_two_workbooks(study):
    study.fill({("R1-1", "Oordeel 1"): "akkoord"})
    study.take("Anna")
    study.fill({("R1-1", "Oordeel 1"): "afwijzen"})
    assert study.take(" Bo ").coder == "Bo"
    assert study.stands("Anna")["R1-1"].codes == {A: True}
    assert study.stands("Bo")["R1-1"].codes == {A: False}


# --- earlier verdicts, other suggestions -------------------------------------------------------------------


def test_what_is_in_doubt_asks_for_no_answer(study):
    study.tables(SEGMENTS, [*CODINGS, Coding("R1-1", D, 0.3, False, "model-1", doubt=True)])
    study.fill({("R1-1", "Oordeel 1"): "akkoord", ("R1-1", "Oordeel 2"): "afwijzen"})
    study.take()
    stands = study.stands()["R1-1"]
    assert stands.done and D not in stands.codes
    study.fill({("R1-1", "Extra code 1"): {code.id: code.name for code in BOOK.codes}[D]})
    study.take()
    assert study.stands()["R1-1"].codes[D]


def test_a_verdict_on_a_code_that_is_no_longer_suggested_counts_and_new_suggestions_undo_nothing(study):
    study.fill(FILLED)
    study.take()
    study.tables(SEGMENTS, [Coding(s.segment_id, D, 0.9, True, "model-2") for s in SEGMENTS])
    assert study.take().counts == {}
    assert study.stands() == STANDS
    # Without a store before, the lines of "Eerder beoordeeld" are verdicts as well; the new suggestion is open.
    study.take("Bo")
    assert study.stands("Bo")["R1-1"] == Judgement({A: True, B: False, E: True})
    assert study.stands("Bo")["R2-1"] == Judgement({}, done=True)
    study.fill({("R1-1", "Eerder beoordeeld"): "akkoord: tijdsdruk"})
    assert study.take("Bo", overrule=True).counts == {"taken back": 1}


def test_a_code_that_was_renamed_since(study):
    study.fill(FILLED)
    renamed = Codebook(tuple(replace(code, name=f"nieuw {code.name}") for code in BOOK.codes), "sha2")
    study.take(codebook=renamed)
    assert study.stands() == STANDS


# --- accept unseen -----------------------------------------------------------------------------------------


def test_accept_above_takes_what_is_empty_at_or_above_it_and_nothing_else(study):
    study.fill({("R1-2", "Oordeel 1"): "afwijzen", ("R2-1", "Geen code"): "ja"})
    done = study.take(accept_above=0.8)
    assert done.counts == {"rejected": 1, "wholly judged": 1, "accepted unseen": 2}
    assert study.stands() == {
        "R1-1": Judgement({A: True}),
        "R1-2": Judgement({A: False, B: True}),
        "R2-1": Judgement({}, done=True),
    }
    assert study.stands(source=BULK) == {"R1-1": Judgement({A: True}), "R1-2": Judgement({B: True})}
    assert study.take(accept_above=0.8).counts == {}
    assert study.take().counts == {}
    with open_store(study.out) as store:
        assert store.undo("Anna").source == BULK
    assert study.stands()["R1-2"] == Judgement({A: False})


def test_a_row_that_she_looked_at_is_wholly_judged_when_the_rest_is_accepted(study):
    study.fill({("R1-1", "Oordeel 2"): "afwijzen"})
    assert study.take(accept_above=0).counts == {"rejected": 1, "accepted unseen": 5, "wholly judged": 1}
    assert study.stands()["R1-1"] == Judgement({A: True, B: False}, done=True)
    assert study.stands()["R2-1"] == Judgement({E: True})  # nobody looked at it
    assert study.take(accept_above=0).counts == {}


def test_accept_above_never_overrules_what_was_decided_elsewhere(study):
    with open_store(study.out) as store:
        texts = [Judged(s.segment_id, s.interview, s.text, s.question) for s in SEGMENTS]
        store.append("Anna", "review", [Event("R1-1", "code", A, "no"), Event("R2-1", "done", value="yes")], texts)
    study.take(accept_above=0.9)
    assert study.stands() == {"R1-1": Judgement({A: False}), "R2-1": Judgement({}, done=True)}


def test_a_score_that_cannot_be_read_matters_only_where_it_is_asked_for(study):
    study.fill({("R1-1", "Score 1"): "hoog", ("R1-2", "Score 1"): "85%", ("R1-1", "Oordeel 2"): "afwijzen"})
    assert study.refused(accept_above=0.8) == [
        "Valideren, row 2: a suggestion without a verdict has no score between 0 and 1; put the score back."
    ]
    study.take()
    study.fill({("R1-1", "Score 1"): "0,91"})
    assert study.take(accept_above=0.8).counts["accepted unseen"] == 4


# --- what is wrong -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({("R1-1", "Oordeel 1"): "goed"}, "row 2: Oordeel 1: not one of akkoord, afwijzen, twijfel"),
        ({("R1-1", "Oordeel 1"): 1}, "row 2: Oordeel 1: not one of"),
        ({("R1-1", "Oordeel 3"): "akkoord"}, "row 2: Oordeel 3: a verdict without a suggestion"),
        ({("R1-3", "Geen code"): "x"}, "row 4: Geen code: not ja"),
        ({("R1-3", "Extra code 1"): "mijn eigen code"}, "row 4: Extra code 1: not a code of the codebook. Choose"),
        ({("R1-1", "Suggestie 1"): "iets anders"}, "row 2: Suggestie 1: not a code of the codebook"),
        ({("R1-1", "Suggestie 1"): "steun", ("R1-1", "Oordeel 1"): "akkoord"}, "row 2: Suggestie 1: is not what was"),
        ({("R1-3", "Eerder beoordeeld"): "misschien: steun"}, "row 4: Eerder beoordeeld: not one of"),
        ({("R1-3", "Eerder beoordeeld"): "akkoord: (geen suggestie)"}, "row 4: Eerder beoordeeld: not a code"),
        ({("R1-3", "Eerder beoordeeld"): "steun"}, "row 4: Eerder beoordeeld: not"),
        ({("R1-1", "Oordeel 1"): "afwijzen", ("R1-1", "Extra code 1"): "tijdsdruk"}, "row 2: Extra code 1: the same"),
        ({("R1-1", "Oordeel 1"): "akkoord", ("R1-1", "Geen code"): "ja"}, "row 2: Geen code: is ja, while"),
        ({("R1-1", "Oordeel 1"): "twijfel", ("R1-1", "Geen code"): "ja"}, "row 2: Geen code: is ja, while"),
        ({("R1-3", "Extra code 1"): "steun", ("R1-3", "Geen code"): "ja"}, "row 4: Geen code: is ja, while"),
        ({("R1-1", "Fragment"): "Nee, iets anders."}, "row 2: the fragment is not the text of its segment"),
        ({("R1-1", "segment_id"): "R1-2"}, "row 2: the fragment is not the text of its segment"),
        ({("R1-1", "segment_id"): "R9-9"}, "row 2: its segment is not in segments.csv"),
        ({("R1-1", "segment_id"): None, ("R1-1", "Opmerking"): "x"}, "row 2: holds something, but no segment_id"),
    ],
)
def test_a_row_that_is_not_right_is_named_and_nothing_is_taken(study, cells, said):
    study.fill({("R2-2", "Extra code 1"): "steun", **cells})
    problems = study.refused()
    assert problems[0].startswith(f"Valideren, {said}")
    assert all(line.endswith(".") for line in problems)


def test_all_problems_are_told_at_once_in_the_order_of_the_sheet_and_not_endlessly(study):
    study.fill({("R1-2", "Geen code"): "?", ("R1-1", "Oordeel 1"): "?", ("R1-2", "Oordeel 3"): "?"})
    assert [line.split(":")[0] for line in study.refused()] == [
        "Valideren, row 2",
        "Valideren, row 3",
        "Valideren, row 3",
    ]
    many = [replace(SEGMENTS[0], segment_id=f"R3-{n}", text=f"Tekst {n}.") for n in range(80)]
    study.path.unlink()
    study.tables(many, [])
    study.fill({(s.segment_id, "Geen code"): "nee" for s in many})
    problems = study.refused()
    assert (len(problems), problems[-1]) == (51, "... and 30 more")


def test_a_row_that_is_double_or_missing(study):
    def double(sheet):
        sheet.append([cell.value for cell in sheet[2]])

    study.change(double)
    assert study.refused() == ["Valideren, row 8: is about the same segment as row 2; keep one of them."]
    study.change(lambda sheet: (sheet.delete_rows(8), sheet.delete_rows(3)))
    (problem,) = study.refused()
    assert problem.startswith("Valideren: 1 row(s) of R1 are missing (segment_id R1-2)")


def test_a_whole_interview_may_be_left_out(study):
    study.fill({("R2-1", "Oordeel 1"): "akkoord"})
    study.change(lambda sheet: sheet.delete_rows(2, 4))
    assert study.take().rows == 2
    assert study.stands() == {"R2-1": Judgement({E: True}, done=True)}


def test_a_column_that_was_removed(study):
    study.fill(FILLED)

    def remove(header):
        study.change(lambda sheet: sheet.delete_cols([cell.value for cell in sheet[1]].index(header) + 1))

    remove("Score 1")
    remove("Respondent")
    study.take()
    assert study.stands() == STANDS
    assert study.refused(accept_above=0.5) == [
        "Valideren: the column(s) Score 1 are not there any more; put them back."
    ]
    remove("Oordeel 2")
    assert study.refused() == ["Valideren: the column(s) Oordeel 2 are not there any more; put them back."]


def test_her_own_notes_are_told_and_not_read(study):
    study.fill(FILLED)
    study.change(lambda sheet: sheet.cell(2, sheet.max_column + 2, "los"))
    (note,) = study.take().notes
    assert note == "Not read: 1 cells, notes, colours or sheets of your own."


def test_a_column_of_ours_that_was_changed_does_not_matter_when_the_suggestions_are_right(study):
    study.fill({**FILLED, ("R1-1", "Respondent"): "R. 1 (MO)"})
    study.take()
    assert study.stands() == STANDS


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path.unlink(), "no such file"),
        (lambda path: path.write_bytes(b"PK\x03\x04 geen workbook"), "cannot be read as a workbook"),
        (lambda path: path.write_bytes(b""), "cannot be read as a workbook"),
        (lambda path: path.with_name("~$coded.xlsx").touch(), "is open in a spreadsheet program"),
        (lambda path: (path.parent / "segments.csv").unlink(), "segments.csv"),
        (lambda path: store_path(path.parent).write_bytes(b"iets anders " * 99), "not a store"),
    ],
)
def test_what_cannot_be_read_is_named(study, make, said):
    study.fill(FILLED)
    make(study.path)
    with pytest.raises(CodeboomError, match=said):
        study.take()


def test_a_thousand_rows_in_seconds(study, tmp_path):
    import time

    study.path.unlink()
    many = [replace(SEGMENTS[0], segment_id=f"s{n}", text=f"Nou, tekst {n}.") for n in range(1000)]
    study.tables(many, [Coding(s.segment_id, code, 0.9, True, "m") for s in many for code in (A, B, C)])
    start = time.perf_counter()
    assert study.take(accept_above=0.5).counts == {"accepted unseen": 3000}
    assert time.perf_counter() - start < 60


# --- the commands ------------------------------------------------------------------------------------------

CODEBOOK = """
id: werk
name: Werk
role: context
definition: x
dimensions:
  - id: druk
    name: Druk
    definition: x
    codes:
"""


@pytest.fixture
def settings(study, tmp_path):
    folder = tmp_path / "boek"
    folder.mkdir()
    rest = "definition: x, include: [x], exclude: [{criterion: x, code: null}]"
    codes = [f'      - {{id: {code[-1]}, name: "{name}", {rest}}}' for code, name in NAMES.items()]
    (folder / "werk.yaml").write_text(CODEBOOK + "\n".join(codes), encoding="utf-8")
    (tmp_path / "study.yaml").write_text("codebook: boek", encoding="utf-8")
    return ["--study", str(tmp_path / "study.yaml"), "--out", str(study.out)]


def test_the_tables_are_those_beside_the_workbook(study, settings, tmp_path, monkeypatch, capsys):
    """The folder called output may hold another study."""
    monkeypatch.chdir(tmp_path)
    study.fill(FILLED)
    assert main(["import-validated", str(study.path), *settings[:2]]) == 0
    assert "about 5 of 6 segments" in capsys.readouterr().out


def test_the_command_takes_reports_and_takes_no_more(study, settings, capsys):
    study.fill(FILLED)
    command = ["import-validated", str(study.path), "--coder", "Anna", *settings]
    assert main([*command, "--accept-above", "0,8"]) == 0
    said = capsys.readouterr().out
    assert "Taken as decided by Anna (new), about 5 of 6 segments: " in said
    assert "2 accepted" in said and "1 in doubt" in said
    assert main(command) == 0
    assert "Nothing in them is new" in capsys.readouterr().out
    study.fill({("R1-1", "Oordeel 1"): "goed"})
    assert main(command) == 2
    assert "Valideren, row 2: Oordeel 1" in capsys.readouterr().err
    study.fill({("R1-1", "Oordeel 1"): None})
    assert main(command) == 2
    assert "--overrule" in capsys.readouterr().err
    assert main([*command, "--overrule"]) == 0
    assert "2 took back or replaced what stood" in capsys.readouterr().out


@pytest.mark.parametrize("score", ["80", "-0.1", "nan", "hoog", ""])
def test_a_score_that_is_no_probability_is_refused(study, settings, score, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["import-validated", str(study.path), *settings, "--accept-above", score])
    assert caught.value.code == 2
    assert "from 0 to 1" in capsys.readouterr().err


def test_two_imports_at_once_add_it_once(study, settings):
    study.fill(FILLED)
    command = [sys.executable, "-m", "pipeline", "import-validated", str(study.path), "--coder", "Anna", *settings]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent) for _ in "12"
    ]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Nothing in them is new" in text for text in said) == 1
    assert study.stands() == STANDS and len(study.batches()) == 1


def test_forget_asks_deletes_and_says_what_else_holds_it(study, capsys):
    study.fill(FILLED)
    study.take()
    forget = ["forget", "R1", "--out", str(study.out)]
    assert main(forget) == 2
    assert "4 segments of R1, by Anna" in capsys.readouterr().err
    assert study.stands() == STANDS
    assert main([*forget, "--yes"]) == 0
    said = capsys.readouterr().out
    assert "Deleted 10 decisions about 4 segments of R1" in said
    assert "remove them and run again" in said and "coded.xlsx" in said and "models" in said
    assert study.stands() == {"R2-1": STANDS["R2-1"]}
    assert b"Mooi citaat" not in b"".join(path.read_bytes() for path in study.out.glob("decisions*"))
    assert main([*forget, "--yes"]) == 2
    assert "The store knows: R2." in capsys.readouterr().err
    study.path.unlink()
    study.tables([s for s in SEGMENTS if s.interview == "R1"], [])
    assert main(["forget", "R2", "--out", str(study.out), "--yes"]) == 0
    assert "do not hold the interview any more" in capsys.readouterr().out


def test_forget_without_a_store_makes_none(tmp_path, capsys):
    assert main(["forget", "R1", "--out", str(tmp_path), "--yes"]) == 2
    assert "nothing was decided yet" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_tables_and_the_workbook_are_only_read(study, settings):
    study.fill(FILLED)
    before = {path.name: path.read_bytes() for path in study.out.glob("*.*") if path.is_file()}
    study.take(accept_above=0.5)
    after = {path.name: path.read_bytes() for path in study.out.glob("*.*") if path.name in before}
    assert after == before
    with (study.out / "segments.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert len(list(csv.reader(stream))) == len(SEGMENTS) + 1


def test_from_transcript_to_decision_and_back_with_an_open_code(tmp_path, capsys):
    folder, out = tmp_path / "interviews", tmp_path / "out"
    folder.mkdir()
    turns = [
        ("Noor Smit", "En hoe ging dat dan?"),
        ("Karin Bakker", "Nou ja, wij zitten elke dinsdag bij elkaar, en dat is eigenlijk best wel prettig, vind ik."),
    ]
    cues = [f"00:00:{n:02}.000 --> 00:00:{n + 4:02}.000\n<v {who}>{said}</v>\n" for n, (who, said) in enumerate(turns)]
    (folder / "R01.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")
    run, take = (
        ["run", str(folder), "--out", str(out)],
        ["import-validated", str(out / "coded.xlsx"), "--out", str(out)],
    )
    assert main(run) == 0
    with open_store(out) as store:
        code = add_open_code(
            store,
            out,
            shipped("codebook"),
            name="Prettig",
            definition="Of men het prettig vindt.",
            include=["De respondent noemt het prettig."],
            exclude=[("Het gaat over geld.", None)],
            added_by="Anna",
        )
    before = store_path(out).read_bytes()
    assert main(run) == 0
    assert code.id in capsys.readouterr().out  # to be looked at again, for this code
    assert store_path(out).read_bytes() == before
    book = load_workbook(out / "coded.xlsx")
    sheet = book["Valideren"]
    sheet.cell(2, [cell.value for cell in sheet[1]].index("Extra code 1") + 1, "Prettig")
    book.save(out / "coded.xlsx")
    assert main(take) == 0
    with open_store(out) as store:
        (judgement,) = store.judgements("researcher").values()
        (text,) = store.judged().values()
    assert judgement.codes[code.id] and "dinsdag" in text.text
    assert main(run) == 0
    assert main(take) == 0
    assert "Nothing in them is new" in capsys.readouterr().out
