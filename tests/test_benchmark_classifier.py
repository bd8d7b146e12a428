"""The benchmark of the classifier, on made rows: no test segment was learned from, and figures are what they say."""

import subprocess
import sys

import numpy as np
import pytest

from benchmarks.classifier import curve, table
from benchmarks.classifier.folds import FAST, GROUPS, HARDER, MAJORITY, PLAIN_FAST, TEXTBOOK, solve
from benchmarks.classifier.material import Material
from benchmarks.classifier.picture import draw
from benchmarks.classifier.robust import ALTERATIONS, altered, misheard, robust_table, share_changed, unpunctuated
from pipeline.settings import ROOT
from pipeline.training import fit
from tests.made_rows import made_rows

WORDS = {
    "middelen/x/geld": "budget euro subsidie betalen",
    "middelen/x/tijd": "agenda uren drukte dinsdag",
    "wonen/x/huis": "woning sleutel flat trap",
}
NAMES = ("R01", "R02", "R03", "R04")
SPOKEN = (
    "Nou, wij hebben daar met de gemeente [Gemeente 2] lang over gesproken; dat liep in 2019 niet altijd even soepel."
)


def without_interview(rows):
    return tuple(type(row)(row.text, row.question, row.codes, None) for row in rows)


@pytest.fixture(scope="module")
def material():
    talk = made_rows(WORDS, (*NAMES, "R09"), each=5)
    passages = without_interview(made_rows(WORDS, ("P",), each=6, seed=1))
    book = without_interview(made_rows(WORDS, ("B",), each=3, seed=2))
    return Material(tuple(WORDS), tuple(talk), passages, book, NAMES, NAMES, untouched=("R09",))


WAYS = (FAST, HARDER[0], PLAIN_FAST, TEXTBOOK[0], MAJORITY)


@pytest.fixture(scope="module")
def answers(material):
    versions = altered(material.talk)
    wanted = table.tasks(material, WAYS, ("R01", "R03"), [FAST]) + curve.tasks(material, WAYS, 2)
    return {one: solve(one, material, {}, versions) for one in dict.fromkeys(wanted)}


def test_no_fit_codes_what_it_learned_from_and_none_learns_from_the_untouched(material, answers):
    talk, passages = len(material.talk), len(material.passages)
    for one in answers:
        inside, outside = one.places(material)
        assert not set(inside) & set(outside)
        assert set(material.of[inside]) - {""} == set(one.taught)
        assert "R09" not in one.taught
        from_passages = ((inside >= talk) & (inside < talk + passages)).sum()
        assert (from_passages > 0) == one.passages
        if one.group < 0:
            assert set(material.of[outside]) == {*NAMES, "R09"} - set(one.taught)
            assert (inside >= talk + passages).sum() == len(material.book)


def test_the_groups_that_stand_in_for_interviews_hold_each_row_once(material, answers):
    for passages, count in ((True, len(material.passages) + len(material.book)), (False, len(material.book))):
        found = [curve.task("fast", passages, (), group).places(material)[1] for group in range(GROUPS)]
        assert len(np.unique(np.concatenate(found))) == sum(map(len, found)) == count


def test_leaving_one_out_finds_what_is_plain_and_the_interval_holds_the_figure(material, answers):
    coded = table.leave_one_out(answers, material, FAST)
    quality = coded.quality(material.codes)
    assert quality.mean_kappa > 0.9
    for depth, level in enumerate(("variable", "dimension", "code"), start=1):
        drawn = table.drawn_kappas(coded, material.codes, depth)
        assert drawn[0] == pytest.approx(quality.levels[level], abs=1e-6)
        assert len(drawn) > 100 and drawn[1:].min() <= drawn[0] <= drawn[1:].max()
    assert table.leave_one_out(answers, material, MAJORITY).quality(material.codes).mean_kappa == 0


def test_the_interval_of_a_way_that_is_wrong_by_interview_is_wide(material):
    truth = np.tile([[True], [False]], (60, 1))
    of = np.repeat(["R01", "R02", "R03"], 40)
    said = truth.copy()
    said[of == "R03"] = ~truth[of == "R03"]
    drawn = table.drawn_kappas(table.Coded(truth, said.astype(np.float32), said, of), ["a/b/c"], 3)
    assert drawn[0] == pytest.approx(1 / 3)
    assert np.percentile(drawn[1:], 2.5) < -0.3 and np.percentile(drawn[1:], 97.5) > 0.95


def test_thresholds_come_from_other_interviews_only(material, answers):
    """Scores of the interview that is tested may be anything: its own thresholds do not move."""
    before = table.leave_one_out(answers, material, FAST, only=["R02"])
    changed = {one: found.copy() for one, found in answers.items()}
    for one, found in changed.items():
        if one.group < 0:
            found[0][material.of[one.places(material)[1]] == "R02"] -= 100
    settled = table.settled(changed, material, FAST, ["R01", "R03", "R04"])
    again = settled(table.said(answers, material, FAST, "R02"))
    np.testing.assert_array_equal(again[0], before.chances)
    np.testing.assert_array_equal(again[1], before.suggested)


def test_the_curve_has_every_point_and_is_drawn(material, answers, tmp_path):
    found = curve.curve(answers, material, WAYS, 2)
    assert found.points() == [0, 1, 2, 3, 4]  # 3 leaves one out, 4 is tested on the untouched
    assert [len(found.found[FAST][point]) for point in found.points()] == [1, 2, 2, 1, 1]
    assert 0 not in found.found[MAJORITY]
    assert found.mean(FAST, 2, "mean_kappa") > 0.9
    assert "| fast |" in curve.curve_table(found, "top3")
    assert "fast, κ code" in curve.verdict(found)
    draw(found, tmp_path / "new" / "curve.png")
    assert (tmp_path / "new" / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_verdict_tells_where_a_baseline_is_as_good(material, answers):
    points = curve.curve(answers, material, [FAST, MAJORITY], 2).found
    worse = curve.Curve({FAST: points[MAJORITY], MAJORITY: points[MAJORITY]})
    assert "does not beat: majority at 1, majority at 2" in curve.verdict(worse)
    better = curve.Curve({FAST: points[FAST], MAJORITY: points[MAJORITY]})
    assert "fast, κ code: beats every baseline" in curve.verdict(better)


def test_orders_hold_all_interviews_and_start_and_end_differently():
    names = [f"R{i:02}" for i in range(10)]
    found = curve.orders(names, 3)
    assert all(sorted(order) == names for order in found)
    assert len({order[0] for order in found}) == len({order[-1] for order in found}) == 3
    assert found == curve.orders(names, 3) != curve.orders(names[::-1], 3)


def test_altered_talk_keeps_pseudonyms_and_numbers():
    assert unpunctuated(SPOKEN).endswith("dat liep in 2019 niet altijd even soepel")
    for change in ALTERATIONS.values():
        assert "[gemeente 2]" in change(SPOKEN).lower() and "2019" in change(SPOKEN)
        assert change("") == ""


def test_mishearing_is_the_same_in_every_run_and_changes_about_what_it_says():
    assert misheard(SPOKEN) == misheard(SPOKEN)
    rows = made_rows(WORDS, ("R01",), each=40)
    assert 0.03 < share_changed(rows, altered(rows)) < 0.2


def test_the_table_of_robustness_has_a_row_a_version(material, answers):
    rows = robust_table(answers, material, [FAST]).splitlines()
    assert len(rows) == 3 + len(ALTERATIONS)
    as_it_is, lower = rows[2].split("|")[2:], rows[3].split("|")[2:]
    assert as_it_is == lower  # the fast model sees no capitals


def test_each_version_of_the_talk_is_coded_by_the_same_fit(material, answers):
    version = 1 + list(ALTERATIONS).index("recogniser errors")
    one = next(one for one in answers if one.altered and "R01" not in one.taught)
    heard = altered(material.talk)["recogniser errors"]
    model = fit([material.rows[i] for i in one.places(material)[0]], material.codes)
    expected = model.logits([row for row in heard if row.interview == "R01"])
    found = table.said(answers, material, FAST, "R01", version)[:, :, 0]
    np.testing.assert_allclose(found, expected, atol=2e-3)  # threads share the library's dice
    assert np.abs(found - table.said(answers, material, FAST, "R01")[:, :, 0]).max() > 0.01


def test_the_peak_of_memory_is_of_the_process_itself():
    """Not of the one that started it; and what was let go of counts."""
    held = np.ones(60_000_000)
    program = "from benchmarks.classifier.jobs import peak; import numpy; before = peak(); numpy.ones(15_000_000); "
    done = subprocess.run([sys.executable, "-c", program + "print(before, peak())"], cwd=ROOT, capture_output=True)
    before, after = map(float, done.stdout.split())
    assert before + 80 < after < before + 200
    assert before < held.nbytes / 2**20
