"""The statistics of agreement: published examples, properties, and slow definitions to compare with."""

import doctest
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pipeline.agreement import cohen_kappa, krippendorff_alpha, measure, numbers, statistics
from pipeline.agreement.statistics import (
    gwet_ac1,
    masi_alpha,
    masi_distance,
    masi_distances,
    mean_pairwise_kappa,
    nominal_alpha,
    overlap,
    percent_agreement,
    table_kappa,
    yes_votes,
)

SETS = st.frozensets(st.sampled_from("abcd"), max_size=3)


def ratings(coders=(2, 4), units=(1, 25), values=3, missing=True):
    """Ratings of shape (coders, units), -1 where a coder left a unit out."""
    low = -1 if missing else 0
    return st.integers(*coders).flatmap(
        lambda c: st.lists(st.lists(st.integers(low, values - 1), min_size=c, max_size=c), min_size=units[0],
                           max_size=units[1])
    ).map(lambda rows: np.array(rows).T)  # fmt: skip


def votes_of(found, values=3):
    return np.stack([(found == value).sum(axis=0) for value in range(values)], axis=1).astype(float)


def slow_alpha(units, distance):
    """Krippendorff's definition, pair by pair: 1 - observed / expected disagreement of all pairable values."""
    units = [unit for unit in units if len(unit) >= 2]
    values = [value for unit in units for value in unit]
    if not values:
        return np.nan
    observed = sum(sum(distance(a, b) for a, b in permutations(unit, 2)) / (len(unit) - 1) for unit in units)
    expected = sum(distance(a, b) for a, b in permutations(values, 2)) / (len(values) - 1)
    return 1 - observed / expected if expected else np.nan


# --- published examples ------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", [statistics, numbers])
def test_the_published_examples(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_krippendorff_2011_example_b():
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    votes = np.array([[(b == v) + (g == v) for v in "abcde"] for b, g in zip(ben, gerry, strict=True)], float)
    assert round(float(nominal_alpha(votes)), 3) == 0.692


def test_gwets_three_by_three_table():
    """`cont3x3abstractors` in the vignette of irrCAC: κ = 0.7964094; AC1 and α as irrCAC for Python 0.4.4 has them."""
    table = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    assert round(float(table_kappa(table.astype(float))), 7) == 0.7964094
    votes = (np.eye(3)[:, None] + np.eye(3)[None]).reshape(9, 3).repeat(table.ravel(), axis=0)
    assert round(float(gwet_ac1(votes)), 5) == 0.84933
    assert round(float(nominal_alpha(votes)), 5) == 0.79726


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "", 0), ("a", "a", 0), ("", "a", 1), ("a", "b", 1), ("a", "ab", 2 / 3), ("ab", "bc", 8 / 9)],
)
def test_masi_by_hand(one, other, distance):
    assert masi_distance(frozenset(one), frozenset(other)) == pytest.approx(distance)


# --- against other definitions -----------------------------------------------------------------------------


@given(ratings(coders=(2, 2), values=2, missing=False))
def test_kappa_is_that_of_scikit_learn(found):
    ours = float(mean_pairwise_kappa(found.astype(bool)))
    theirs = cohen_kappa_score(*found, labels=[0, 1]) if len(np.unique(found)) > 1 else np.nan
    assert ours == pytest.approx(theirs, abs=1e-12, nan_ok=True)


@given(ratings())
def test_alpha_is_that_of_the_slow_definition(found):
    units = [[value for value in unit if value >= 0] for unit in found.T]
    slow = slow_alpha(units, lambda a, b: a != b)
    assert float(nominal_alpha(votes_of(found))) == pytest.approx(slow, abs=1e-12, nan_ok=True)


@given(st.integers(2, 4).flatmap(lambda c: st.lists(st.tuples(*[SETS] * c), min_size=1, max_size=15)))
def test_alpha_of_sets_is_that_of_the_slow_definition(units):
    ours = float(masi_alpha(list(zip(*units, strict=True))))
    assert ours == pytest.approx(slow_alpha(units, masi_distance), abs=1e-12, nan_ok=True)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=20))
def test_alpha_of_sets_of_one_code_is_nominal(units):
    sets = [[frozenset("a" * yes) for yes in coder] for coder in zip(*units, strict=True)]
    nominal = nominal_alpha(yes_votes(np.array(units).T))
    assert float(masi_alpha(sets)) == pytest.approx(float(nominal), abs=1e-12, nan_ok=True)


# --- properties --------------------------------------------------------------------------------------------

STATISTICS = {
    "kappa": mean_pairwise_kappa,
    "overlap": overlap,
    "alpha": lambda found, weights=None: nominal_alpha(yes_votes(found), weights),
    "ac1": lambda found, weights=None: gwet_ac1(yes_votes(found), weights),
    "percent": lambda found, weights=None: percent_agreement(yes_votes(found), weights),
}
binary = ratings(values=2, missing=False).map(lambda found: found.astype(bool))


@pytest.mark.parametrize("name", STATISTICS)
@given(found=binary, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_coders_and_segments_changes_nothing(name, found, shuffle):
    coders, units = list(range(len(found))), list(range(found.shape[1]))
    before = float(STATISTICS[name](found))
    shuffle.shuffle(coders)
    shuffle.shuffle(units)
    after = float(STATISTICS[name](found[coders][:, units]))
    assert after == pytest.approx(before, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", STATISTICS)
@given(found=binary, data=st.data())
def test_a_weight_is_that_many_units(name, found, data):
    times = data.draw(st.lists(st.integers(0, 3), min_size=found.shape[1], max_size=found.shape[1]))
    weighted = STATISTICS[name](found, np.array([times, [1] * len(times)], float))
    repeated = STATISTICS[name](np.repeat(found, times, axis=1)) if sum(times) else np.nan
    assert weighted[0] == pytest.approx(float(repeated), abs=1e-12, nan_ok=True)
    assert weighted[1] == pytest.approx(float(STATISTICS[name](found)), abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", STATISTICS)
@given(one=st.lists(st.booleans(), min_size=2, max_size=30).filter(lambda one: len(set(one)) == 2))
def test_one_is_full_agreement(name, one):
    assert float(STATISTICS[name](np.array([one, one, one]))) == pytest.approx(1)


@given(st.lists(SETS, min_size=2, max_size=20).filter(lambda sets: len(set(sets)) > 1))
def test_one_is_full_agreement_on_sets(sets):
    assert float(masi_alpha([sets, sets])) == pytest.approx(1)


@given(st.lists(SETS, min_size=1, max_size=8))
def test_masi_of_all_at_once_is_masi_of_each(sets):
    each = [[masi_distance(one, other) for other in sets] for one in sets]
    assert masi_distances(sets) == pytest.approx(np.array(each))


@given(SETS, SETS)
def test_masi_is_a_symmetric_distance_between_0_and_1(one, other):
    assert masi_distance(one, other) == masi_distance(other, one)
    assert (masi_distance(one, other) == 0) == (one == other)
    assert 0 <= masi_distance(one, other) <= 1


@given(binary)
def test_more_coders_are_the_mean_of_their_pairs(found):
    pairs = [float(mean_pairwise_kappa(found[[a, b]])) for a, b in combinations(range(len(found)), 2)]
    known = [kappa for kappa in pairs if not np.isnan(kappa)]
    mean = np.mean(known) if known else np.nan
    assert float(mean_pairwise_kappa(found)) == pytest.approx(mean, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("measured", [cohen_kappa, lambda a, b: krippendorff_alpha([a, b])])
def test_one_is_perfect_and_chance_is_about_zero(measured):
    rng = np.random.default_rng(0)
    a = rng.random(20_000) < 0.3
    assert measured(a, a) == pytest.approx(1)
    assert measured(a, rng.permutation(a)) == pytest.approx(0, abs=0.03)
    assert measured(a, ~a) < 0


def test_what_is_not_defined_is_not_a_number():
    nobody = np.zeros((2, 5), bool)
    assert np.isnan(mean_pairwise_kappa(nobody))
    assert np.isnan(nominal_alpha(yes_votes(nobody)))
    assert np.isnan(overlap(nobody))
    assert np.isnan(masi_alpha([[frozenset()] * 3] * 2))
    assert cohen_kappa(*nobody) == 0
    assert krippendorff_alpha(nobody) == 1


def test_the_resamples_draw_whole_interviews_and_the_same_ones_every_time():
    drawn = measure.resamples(5)
    assert drawn.shape == (1 + measure.RESAMPLES, 5)
    assert drawn[0].tolist() == [1] * 5
    assert set(drawn.sum(axis=1).tolist()) == {5}
    assert (drawn[1:] != 1).any()
    assert np.array_equal(drawn, measure.resamples(5))
    assert measure.resamples(2).tolist() == [[1, 1]]
