"""From coders to a report: which units count, what a table of codings says, and what the files hold."""

import csv
import io
import re
from dataclasses import replace
from itertools import product

import numpy as np
import openpyxl
import pytest

from pipeline.agreement.choosing import choose
from pipeline.agreement.coders import read_coders
from pipeline.agreement.confusion import NOTHING, NOTHING_ELSE, both_ways, confuse
from pipeline.agreement.measure import measure, resamples, rows_of
from pipeline.agreement.report import FILES, compare, write_report
from pipeline.agreement.statistics import mean_pairwise_kappa
from pipeline.agreement.units import Coder, Units, count_units, joint
from pipeline.cli import main
from pipeline.codebook import read_codebook
from pipeline.decisions import Event, Judged, open_store
from pipeline.decisions.open_codes import add_open_code
from pipeline.errors import CodeboomError
from pipeline.records import Coding, Segment
from pipeline.settings import Settings
from pipeline.tables import read_codings, write_codings, write_segments

BOOK = read_codebook(Settings().codebook)
X, Y, Z = BOOK.ids[0], BOOK.ids[1], BOOK.ids[9]
SECRET = "woorden-die-nergens-horen"


def segments(**lengths):
    return tuple(
        Segment(f"{talk}-{n}", talk, "Respondent 1", "respondent", None, None, f"{SECRET} {n}", "", ())
        for talk, length in lengths.items()
        for n in range(length)
    )


def coder(name, found, table, kind="file"):
    """A coder who judged all of `table`; `found` gives codes by segment_id."""
    return Coder(name, kind, {s.segment_id: frozenset(found.get(s.segment_id, ())) for s in table})


# --- units -------------------------------------------------------------------------------------------------


def counted(table, one, other, counting):
    return len(count_units(table, [one, other], counting))


def test_a_run_that_nobody_coded_counts_once_and_codes_count_each():
    table = segments(R1=8)
    one = coder("one", {"R1-2": [X], "R1-3": [X]}, table)
    other = coder("other", {"R1-3": [X], "R1-6": [Y]}, table)
    assert counted(table, one, other, "all") == 8
    assert counted(table, one, other, "coded") == 3  # 2, 3 and 6
    assert counted(table, one, other, "once") == 6  # and the runs 0-1, 4-5 and 7


def test_a_run_ends_with_the_interview_and_at_what_somebody_did_not_judge():
    table = segments(R1=4, R2=2)
    one, other = coder("one", {}, table), coder("other", {}, table)
    assert counted(table, one, other, "once") == 2
    partly = replace(other, codes={id_: codes for id_, codes in other.codes.items() if id_ != "R1-1"})
    assert counted(table, one, partly, "once") == 3
    assert counted(table, one, partly, "all") == 5


def test_more_uncoded_talk_changes_nothing():
    short, long = segments(R1=6), segments(R1=600)
    given = {"R1-1": [X], "R1-2": [Y]}, {"R1-1": [X], "R1-3": [Y]}
    few, many = (
        measure(count_units(t, [coder("a", given[0], t), coder("b", given[1], t)], "once"), rows_of(BOOK.codes), "once")
        for t in (short, long)
    )
    assert [m.statistics for m in few][1]["kappa"] == [m.statistics for m in many][1]["kappa"]
    assert few[1].units == many[1].units == 5


def test_nothing_in_common_is_told_by_pair():
    table = segments(R1=2, R2=3)
    one, other = coder("one", {}, table[:2]), coder("other", {}, table[2:])
    with pytest.raises(CodeboomError, match=r"one and other: 0.*--coders"):
        joint(table, [one, other])
    assert joint(table, [one, coder("all", {}, table)]) == table[:2]


# --- measuring ---------------------------------------------------------------------------------------------


def random_study(seed=1, talks=6, coders=2):
    rng = np.random.default_rng(seed)
    table = segments(**{f"R{n}": 30 for n in range(talks)})
    truth = [[c for c in (X, Y, Z) if rng.random() < 0.25] for _ in table]
    given = [[[c for c in codes if rng.random() < 0.8] for codes in truth] for _ in range(coders)]
    ids = [s.segment_id for s in table]
    return table, [coder(f"c{n}", dict(zip(ids, mine, strict=True)), table) for n, mine in enumerate(given)]


def test_an_interval_is_what_resampling_by_hand_gives():
    table, coders = random_study()
    units = count_units(table, coders, "all")
    measured = {m.row.id: m for m in measure(units, rows_of(BOOK.codes), "all")}
    given = np.array([[X in codes for codes in mine] for mine in units.codes])
    talks = list(dict.fromkeys(units.interviews))
    by_hand = [
        float(mean_pairwise_kappa(given[:, np.concatenate([
            np.flatnonzero(np.array(units.interviews) == talk) for talk, n in zip(talks, draw, strict=True)
            for _ in range(int(n))
        ])]))
        for draw in resamples(len(talks))[1:]
    ]  # fmt: skip
    kappa = measured[X].statistics["kappa"]
    assert kappa.value == pytest.approx(float(mean_pairwise_kappa(given)))
    assert (kappa.low, kappa.high) == pytest.approx(tuple(np.percentile(by_hand, [2.5, 97.5])))
    assert kappa.low < kappa.value < kappa.high


def test_the_mean_is_over_codes_that_somebody_gave():
    table, coders = random_study()
    measured = measure(count_units(table, coders, "once"), rows_of(BOOK.codes), "once")
    mean, codes = measured[0], [m for m in measured if m.row.level == "code"]
    known = [m.statistics["kappa"].value for m in codes if m.row.id in (X, Y, Z)]
    assert mean.statistics["kappa"].value == pytest.approx(np.mean(known))
    never = [m for m in codes if m.row.id not in (X, Y, Z)]
    assert all(np.isnan(m.statistics[name].value) for m, name in product(never, ("kappa", "alpha", "ac1", "percent")))


def test_fewer_than_three_interviews_or_a_code_of_one_interview_has_no_interval():
    table, coders = random_study(talks=2)
    measured = measure(count_units(table, coders, "all"), rows_of(BOOK.codes), "all")
    assert all(np.isnan(e.low) for m in measured for e in m.statistics.values())
    table = segments(**{f"R{n}": 5 for n in range(6)})
    once = [coder(name, {"R0-1": [X], "R0-2": [X]}, table) for name in "ab"]
    kappa = next(m for m in measure(count_units(table, once, "all"), rows_of(BOOK.codes), "all") if m.row.id == X)
    assert kappa.statistics["kappa"].value == 1
    assert np.isnan(kappa.statistics["kappa"].low)


def test_a_dimension_is_any_of_its_codes_and_sets_are_compared_within_it():
    assert X.rsplit("/", 1)[0] == Y.rsplit("/", 1)[0]
    table = segments(R1=4)
    a, b = coder("a", {"R1-0": [X], "R1-1": [Z]}, table), coder("b", {"R1-0": [Y], "R1-1": [Z]}, table)
    measured = {m.row.id: m for m in measure(count_units(table, [a, b], "all"), rows_of(BOOK.codes), "all")}
    dimension = measured[X.rsplit("/", 1)[0]]
    assert dimension.statistics["kappa"].value == 1  # both gave something of this dimension
    assert dimension.statistics["masi"].value < 0.5  # but not the same
    assert measured[X].given == (1, 0)
    assert measured[Z].by_all == 1


def test_where_every_unit_is_coded_any_code_has_no_kappa():
    table, coders = random_study()
    measured = measure(count_units(table, coders, "coded"), rows_of(BOOK.codes), "coded")
    assert "kappa" not in measured[1].statistics
    assert "masi" in measured[1].statistics
    assert "kappa" in measured[-1].statistics


# --- confusion ---------------------------------------------------------------------------------------------


def units_of(*given):
    """One unit, and what each coder gave to it."""
    return Units(("R1",), tuple((frozenset(codes),) for codes in given), (frozenset(),))


def test_confusion_sets_aside_what_both_gave():
    def cells(first, second):
        return dict(confuse(("a", "b"), units_of(first, second))[0].cells)

    assert cells("xy", "xz") == {("x", "x"): 1, ("y", "z"): 1}
    assert cells("x", "") == {("x", NOTHING): 1}
    assert cells("", "x") == {(NOTHING, "x"): 1}
    assert cells("xy", "x") == {("x", "x"): 1, ("y", NOTHING_ELSE): 1}
    assert cells("", "") == {}
    assert cells("ab", "c") == {("a", "c"): 1, ("b", "c"): 1}


def test_more_than_two_coders_are_counted_in_both_directions():
    found = confuse(("a", "b", "c"), units_of("x", "y", "x"))
    assert both_ways(found) == {("x", "y"): 2, ("y", "x"): 2, ("x", "x"): 1}


# --- coders ------------------------------------------------------------------------------------------------


@pytest.fixture
def out(tmp_path):
    """An output folder with a model that suggests X on even segments, in three interviews and a document."""
    table = segments(R1=6, R2=6, R3=6)
    write_segments(tmp_path / "segments.csv", table)
    write_codings(
        tmp_path / "codings.csv",
        [Coding(s.segment_id, code, 0.5, n % 2 == 0 and code == X, "model 1") for n, s in enumerate(table)
         for code in BOOK.ids],
    )  # fmt: skip
    return tmp_path


def decide(out, name, given, blind=True, done=True, ids=None):
    table = segments(R1=6, R2=6, R3=6)
    with open_store(out) as store:
        for s in table:
            if ids is not None and s.segment_id not in ids:
                continue
            events = [Event(s.segment_id, "code", code, "yes", blind=blind) for code in given.get(s.segment_id, ())]
            events += [Event(s.segment_id, "done", value="yes", blind=blind)] * done
            if events:
                store.append(name, "review", events, [Judged(s.segment_id, s.interview, s.text, s.question)])


def read(out, *files, blind=False):
    return read_coders(out, segments(R1=6, R2=6, R3=6), BOOK, files, blind)


def table_of(path, text):
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_only_done_segments_of_a_person_count(out):
    decide(out, "Anna", {"R1-0": [X], "R1-1": [Y]}, ids={"R1-0"})
    decide(out, "Anna", {"R1-1": [Y]}, ids={"R1-1"}, done=False)
    decide(out, "Bert", {"R1-1": [Y]}, done=False)
    anna, model = read(out)
    assert anna.codes == {"R1-0": {X}}
    assert (anna.kind, model.kind) == ("person", "model")
    assert len(model.codes) == 18
    assert sum(map(len, model.codes.values())) == 9


def test_one_look_at_the_suggestions_ends_being_blind(out):
    decide(out, "Anna", {"R1-0": [X]}, blind=True)
    decide(out, "Anna", {"R1-1": [Y]}, blind=False, ids={"R1-1"})
    assert len(read(out)[0].blind) == 17
    assert set(read(out, blind=True)[0].codes) == set(read(out)[0].blind)


def test_who_judged_nothing_blind_is_told_so(out):
    decide(out, "Anna", {}, blind=False)
    with pytest.raises(CodeboomError, match=r"no coder Anna.*judged something blind"):
        compare(out, BOOK, ["Anna", "model"], blind=True)


def test_taking_back_does_not_count_as_seeing(out):
    decide(out, "Anna", {"R1-0": [X]}, blind=True, ids={"R1-0"})
    decide(out, "Anna", {"R1-0": [Y]}, blind=True, ids={"R1-0"})
    with open_store(out) as store:
        store.undo("Anna")
    assert read(out)[0].blind == {"R1-0"}


def test_a_segment_that_is_no_longer_there_does_not_count(out):
    with open_store(out) as store:
        store.append("Anna", "review", [Event("gone", "done", value="yes")], [Judged("gone", "R1", "tekst", "")])
    assert [found.name for found in read(out)] == ["model 1"]


@pytest.mark.parametrize("line", ["\n", "\r\n"])
@pytest.mark.parametrize("cut", [",", ";"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_table_of_codings_judges_whole_interviews(out, line, cut, bom):
    rows = [["Segment_ID", "code", "coder", "remark"], ["R1-0", X, "Zoë", ""], ["", "", "", ""], ["R1-0", Y, "Zoë"]]
    path = table_of(out / "t.csv", bom + line.join(cut.join(row) for row in rows))
    zoe = read(out, path)[0]
    assert (zoe.name, zoe.kind) == ("Zoë", "file")
    assert set(zoe.codes) == {f"R1-{n}" for n in range(6)}
    assert zoe.codes["R1-0"] == {X, Y}
    assert not zoe.codes["R1-1"]


def test_a_row_without_a_code_says_which_segments_were_judged(out):
    path = table_of(out / "t.csv", f"segment_id,code,coder\nR1-0,{X},Z\nR1-3,,Z\n")
    assert read(out, path)[0].codes == {"R1-0": {X}, "R1-3": frozenset()}


def test_the_codings_of_another_model_are_a_coder_too(out, tmp_path):
    other = tmp_path / "other.csv"
    write_codings(other, [Coding("R1-0", X, 0.9, True, "model 2"), Coding("R1-1", X, 0.1, False, "model 2")])
    assert read(out, other)[0].codes == {"R1-0": {X}, "R1-1": frozenset()}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("segment_id,code,coder\n", "is empty"),
        ("segment_id,code\nR1-0,x\n", "row 1: there is no column coder"),
        (f"segment_id,code,coder\nR9-0,{X},A\nR9-1,{X},A\n", "row 2: the segment is not in segments.csv, and so for 2"),
        ("segment_id,code,coder\n\nR1-0,no/such/code,A\n", "row 3: the code is not in the codebook"),
        (f"segment_id,code,coder\nR1-0,{X},\n", "row 2: segment_id or coder is empty"),
        ("segment_id,code,coder\nR1-0\x00", "no CSV"),
    ],
)  # fmt: skip
def test_a_table_that_is_wrong_is_refused_with_its_row(out, text, told):
    with pytest.raises(CodeboomError, match=re.escape(told)):
        read(out, table_of(out / "t.csv", text))


def test_choosing_coders(out):
    decide(out, "Anna", {})
    decide(out, "Bert", {})
    found = read(out)
    assert [c.name for c in choose(found, None)] == ["Anna", "Bert", "model 1"]
    assert [c.name for c in choose(found, ["model", "anna", "ANNA"])] == ["model 1", "Anna"]
    with pytest.raises(CodeboomError, match=r"no coder Carla.*Anna, Bert, model 1"):
        choose(found, ["Anna", "Carla"])
    with pytest.raises(CodeboomError, match="two coders or more"):
        choose(found, ["Anna"])


def test_a_codebook_that_is_not_of_this_run_is_refused(out):
    with pytest.raises(CodeboomError, match="--study"):
        read_coders(out, (), replace(BOOK, codes=BOOK.codes[:1]), ())


def test_a_code_that_the_model_does_not_know_is_left_out_of_the_comparison(out):
    known = BOOK.ids[1:]
    table = segments(R1=6, R2=6, R3=6)
    write_codings(
        out / "codings.csv", [Coding(s.segment_id, code, 0.5, code == Y, "m") for s in table for code in known]
    )
    decide(out, "Anna", {s.segment_id: [X, Y] for s in table[::2]})
    report = compare(out, BOOK)
    assert report.study.left_out == (BOOK.codes[0].name,)
    assert X not in {m.row.id for m in report.study.once}
    assert BOOK.codes[0].name in report.files["methodeparagraaf.md"].decode()


def two_versions(out, *later):
    """R1 as the first version coded it, the rest by a later one, which gave X to every segment; `later` codes were
    scored by the later version only, R1 included."""
    table = segments(R1=6, R2=6, R3=6)
    early = [code for code in BOOK.ids if code not in later]
    write_codings(
        out / "codings.csv",
        [
            Coding(s.segment_id, code, 0.5, code == X and (s.interview != "R1" or n % 2 == 0), version)
            for n, s in enumerate(table)
            for version, codes in (("m 1", early if s.interview == "R1" else ()),
                                   ("m-2", later if s.interview == "R1" else BOOK.ids))
            for code in codes
        ],
    )  # fmt: skip


def test_versions_of_the_model_are_one_coder_and_can_be_told_apart(out, capsys):
    two_versions(out, Z)
    decide(out, "Anna", {f"R{r}-{n}": [X] for r in (1, 2, 3) for n in range(6)})
    found = read(out)
    assert [c.name for c in found] == ["Anna", "m 1 + m-2"]
    assert len(found[1].codes) == 18 and not any(found[1].silent.values())
    assert [sorted({s[:2] for s in part.codes}) for part in found[1].parts] == [["R1"], ["R2", "R3"]]
    both = compare(out, BOOK)
    assert (len(both.study.segments), both.study.left_out) == (18, ())
    overlap = next(m for m in both.study.all if m.row.id == X).statistics["overlap"].value
    assert overlap == pytest.approx(15 / 18)
    text = both.files["methodeparagraaf.md"].decode()
    assert "van zes fragmenten die van m 1 en van twaalf fragmenten die van m-2" in text
    assert len(compare(out, BOOK, ["Anna", "m-2"]).study.segments) == 12
    assert main(["agreement", str(out), "--coders", "Anna", "model"]) == 0
    assert "m 1 coded 6 segments, m-2 coded 12 segments" in capsys.readouterr().out


def test_a_code_that_one_version_did_not_know_counts_where_the_other_coded(out, capsys):
    two_versions(out)
    rows = [c for c in read_codings(out / "codings.csv") if not (c.coder == "m 1" and c.code == Z)]
    write_codings(out / "codings.csv", rows)
    decide(out, "Anna", {s.segment_id: [X, Z] for s in segments(R1=6, R2=6, R3=6)})
    study, name = compare(out, BOOK).study, next(c.name for c in BOOK.codes if c.id == Z)
    assert (study.left_out, study.partly) == ((), (name,))
    assert {m.row.id: (m.units, m.given) for m in study.all if m.row.id in (X, Z)} == {
        X: (18, (18, 15)),
        Z: (12, (12, 0)),
    }
    later = compare(out, BOOK, ["Anna", "m-2"]).study
    assert (later.left_out, later.partly) == ((), ())
    earlier = compare(out, BOOK, ["Anna", "m 1"]).study
    assert (earlier.left_out, earlier.partly) == ((name,), ())
    assert main(["agreement", str(out)]) == 0
    assert f"Counted only on segments where every coder judged them: {name}." in capsys.readouterr().out
    assert main(["agreement", str(out), "--coders", "Anna", "m 1"]) == 0
    assert f"Left out, because there is no such segment: {name}." in capsys.readouterr().out


def test_who_is_called_as_a_version_is_refused(out):
    two_versions(out)
    path = table_of(out / "t.csv", f"segment_id,code,coder\nR1-0,{X},M-2\n")
    with pytest.raises(CodeboomError, match="Two coders are called m-2"):
        compare(out, BOOK, codings=[path])


def test_a_model_that_learnt_from_an_interview_is_no_second_coder_there(out):
    two_versions(out)
    decide(out, "Anna", {"R1-0": [X], "R2-0": [X]})
    learnt = {"m 1": frozenset(["R2"]), "m-2": frozenset(["R1", "R3"])}
    report = compare(out, BOOK, learnt=learnt)
    assert report.study.learnt == ("R3",)  # m 1 coded only R1, and m-2 only R2 and R3
    text = report.files["methodeparagraaf.md"].decode()
    assert "Het model leerde van R3." in text and "gebruik ze niet" in text
    assert compare(out, BOOK, ["Anna", "m 1"], learnt=learnt).study.learnt == ()


def test_open_codes_of_the_study_are_compared_too(out):
    with open_store(out) as store:
        added = add_open_code(
            store, out, Settings().codebook, name="Dieren", definition="Een hond.", include=["hond"],
            exclude=[("vis", None)], added_by="Anna",
        )  # fmt: skip
    rows = [Coding(s.segment_id, added.id, 0.9, True, "model 1") for s in segments(R1=6, R2=6, R3=6)]
    write_codings(out / "codings.csv", [*read_codings(out / "codings.csv"), *rows])
    decide(out, "Anna", {s.segment_id: [added.id] for s in segments(R1=6, R2=6, R3=6)})
    assert main(["agreement", str(out)]) == 0
    assert added.id in (out / "agreement" / "agreement.csv").read_text("utf-8-sig")


# --- the whole report --------------------------------------------------------------------------------------


def agree(out, blind):
    decide(out, "Anna", {f"R{r}-{n}": [X] for r in (1, 2, 3) for n in (0, 2)} | {"R1-1": [Y]}, blind=blind)


def test_the_command_writes_everything_and_shows_a_table(out, capsys):
    agree(out, blind=True)
    assert main(["agreement", str(out), "--coders", "Anna", "model"]) == 0
    printed = capsys.readouterr().out
    assert "18 segments of 3 interviews" in printed
    assert re.search(r"mean over codes +0\.\d\d", printed)
    assert "suggestions in view" not in printed
    assert sorted(path.name for path in (out / "agreement").iterdir()) == sorted(FILES)
    for name in FILES:
        content = (out / "agreement" / name).read_bytes()
        assert SECRET.encode() not in content
        assert f"{name}" in printed
    with (out / "agreement" / "agreement.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["counting"] == "once" and row["id"] == X]
    assert [(row["given by Anna"], row["given by model 1"], row["given by all"]) for row in rows] == [("6", "9", "6")]
    assert rows[0]["overlap"] == "0.6667"
    book = openpyxl.load_workbook(out / "agreement" / "agreement.xlsx")
    assert book.sheetnames == [
        "Ongecodeerd één keer", "Elk fragment", "Alleen gecodeerde fragmenten", "Verwisselingen", "Uitleg",
    ]  # fmt: skip
    values = {row[3].value: row for row in book.worksheets[0].iter_rows(min_row=2)}
    names = [cell.value for cell in book.worksheets[0][1]]
    assert values[BOOK.codes[0].name][names.index("Overlap")].value == pytest.approx(2 / 3)
    assert (out / "agreement" / "confusion.png").read_bytes().startswith(b"\x89PNG")
    first = next(csv.DictReader(io.StringIO((out / "agreement" / "confusion.csv").read_text("utf-8-sig"))))
    assert (first["code_first"], first["code_second"], first["segments"]) == (NOTHING, X, "3")


def test_the_paragraph_says_whether_coders_were_independent(out):
    agree(out, blind=True)
    assert "geen onafhankelijke overeenstemming" not in compare(out, BOOK).files["methodeparagraaf.md"].decode()
    assert "alle 18 fragmenten blind" in compare(out, BOOK).files["methodeparagraaf.md"].decode()
    decide(out, "Anna", {}, blind=False, ids={"R3-5"})
    text = compare(out, BOOK).files["methodeparagraaf.md"].decode()
    assert "beoordeelde 1 van de 18 fragmenten terwijl de suggesties" in text
    assert "geen onafhankelijke overeenstemming" in text
    assert len(compare(out, BOOK, blind=True).study.segments) == 17


def test_two_interviews_have_no_interval_and_a_sentence_why(out):
    decide(out, "Anna", {"R1-0": [X]}, ids={f"R{r}-{n}" for r in (1, 2) for n in range(6)})
    text = compare(out, BOOK).files["methodeparagraaf.md"].decode()
    assert "met minder dan drie interviews" in text
    assert "95%-interval" not in text


def test_the_same_question_gets_the_same_answer(out):
    agree(out, blind=True)
    one, other = compare(out, BOOK).files, compare(out, BOOK).files
    assert {name for name in FILES if one[name] != other[name]} <= {"agreement.xlsx"}  # holds the time of writing


def test_three_coders(out):
    agree(out, blind=True)
    decide(out, "Bert", {"R1-0": [X, Y], "R2-2": [Z]}, blind=False)
    report = compare(out, BOOK)
    assert "gemiddelde over alle paren" in report.files["methodeparagraaf.md"].decode()
    assert len({(c["first"], c["second"]) for c in csv.DictReader(
        io.StringIO(report.files["confusion.csv"].decode("utf-8-sig")))}) == 3  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["nowhere"], "Give the output folder"), ([".", "--coders", "Anna", "model"], "There is no coder Anna")],
)
def test_what_cannot_be_compared_is_told_in_a_line(out, monkeypatch, capsys, arguments, told):
    monkeypatch.chdir(out)
    assert main(["agreement", *arguments]) == 2
    assert told in capsys.readouterr().err
    assert not (out / "agreement").exists()


def test_a_coding_without_codes_is_nothing_to_compare(out):
    write_codings(out / "codings.csv", [Coding("R1-0", code, 0.1, False, "m") for code in BOOK.ids])
    decide(out, "Anna", {}, ids={"R1-0"})
    with pytest.raises(CodeboomError, match="nothing to compare"):
        compare(out, BOOK)


def test_the_report_is_not_written_over_the_codings_it_reads(out, capsys):
    agree(out, blind=True)
    write_report(out / "agreement", compare(out, BOOK))
    path = out / "agreement" / "confusion.csv"
    assert main(["agreement", str(out), "--codings", str(path)]) == 2
    assert "written over what is read" in capsys.readouterr().err


def test_a_name_that_a_spreadsheet_or_matplotlib_would_run_stays_a_name(out):
    decide(out, "=1+1 $x_2$ é", {"R1-0": [X], "R2-1": [Y]})
    files = compare(out, BOOK).files
    assert "given by =1+1" in files["agreement.csv"].decode("utf-8-sig")
    cells = [c for s in openpyxl.load_workbook(io.BytesIO(files["agreement.xlsx"])) for r in s.iter_rows() for c in r]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert any(cell.value == "=1+1 $x_2$ é" for cell in cells)
