"""Statistics of agreement between coders: pure functions of counts, each with a published example.

`votes` has shape (units, values): how many coders gave each value to each unit; a unit that a coder left out has a
smaller sum. `weights` has shape (..., units): how often each unit counts, once where it is left away. So a thousand
resamples are one call, and every statistic has the shape (...). It is NaN where it is not defined, such as κ of a
code that nobody gave.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def percent_agreement(votes: Floats, weights: Floats | None = None) -> Floats:
    """The share of pairs of coders that agree, averaged over the units that two or more of them judged.

    Source: Gwet (2014), Handbook of Inter-Rater Reliability, 4th ed.; its example of four raters and twelve units
    with ratings missing (`raw4raters` of Gwet's R package irrCAC), p_a = .81818.

    >>> round(float(percent_agreement(_FOUR_RATERS)), 5)
    0.81818
    """
    weights = _once(votes, weights)
    raters = votes.sum(axis=1)
    paired = raters >= 2
    pairs = np.where(paired, raters * (raters - 1), 1)
    agreeing = (votes * (votes - 1)).sum(axis=1) / pairs * paired
    return _ratio(weights @ agreeing, weights @ paired.astype(float))


def gwet_ac1(votes: Floats, weights: Floats | None = None) -> Floats:
    """Gwet's AC1 of two or more coders, which stays near percent agreement where a value is rare.

    Source: Gwet (2008), "Computing inter-rater reliability and its variance in the presence of high agreement",
    British Journal of Mathematical and Statistical Psychology 61, 29-48. The first example is the one of four raters
    above, AC1 = .77544 as his irrCAC prints it. The second is two raters and 125 units, of which 118 yes-yes, 5 yes-no,
    2 no-yes: κ is negative, AC1 is not (checked with irrCAC for Python 0.4: AC1 = .94078, κ = -.02339).

    >>> round(float(gwet_ac1(_FOUR_RATERS)), 5)
    0.77544
    >>> round(float(gwet_ac1(np.array([[2.0, 0]] * 118 + [[1, 1]] * 7))), 5)
    0.94078
    """
    weights = _once(votes, weights)
    raters = votes.sum(axis=1)
    judged = raters >= 1
    shares = votes / np.where(judged, raters, 1)[:, None]
    prevalence = _ratio(weights @ shares, (weights @ judged.astype(float))[..., None])
    expected = (prevalence * (1 - prevalence)).sum(axis=-1) / (votes.shape[1] - 1)
    return _beyond_chance(percent_agreement(votes, weights), expected)


def nominal_alpha(votes: Floats, weights: Floats | None = None, distance: Floats | None = None) -> Floats:
    """Krippendorff's α of two or more coders; `distance`, of shape (values, values), is 0 or 1 unless given.

    Units that fewer than two coders judged do not count. NaN where all coders always give one and the same value.
    Source: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", University of Pennsylvania, example C:
    four observers, twelve units, missing data, α = .743.

    >>> round(float(nominal_alpha(_FOUR_RATERS)), 3)
    0.743
    """
    weights = _once(votes, weights)
    raters = votes.sum(axis=1)
    paired = raters >= 2
    distance = 1 - np.eye(votes.shape[1]) if distance is None else distance
    between = ((votes @ distance) * votes).sum(axis=1) / np.where(paired, raters - 1, 1) * paired
    return _alpha(weights @ between, weights @ (votes * paired[:, None]), distance)


def table_kappa(table: Floats) -> Floats:
    """Cohen's κ of two coders from counts of shape (..., values, values): rows the first coder, columns the second.

    Source: Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological Measurement
    20, 37-46: two judges, 200 cases, three diagnoses, κ = .492. (Table 1 of Cohen (1968) has it as proportions.)

    >>> round(float(table_kappa(np.array([[88.0, 14, 18], [10, 40, 10], [2, 6, 12]]))), 3)
    0.492
    """
    total = table.sum(axis=(-2, -1))
    observed = _ratio(np.trace(table, axis1=-2, axis2=-1), total)
    expected = _ratio((table.sum(axis=-1) * table.sum(axis=-2)).sum(axis=-1), total**2)
    return _beyond_chance(observed, expected)


def mean_pairwise_kappa(given: Bools, weights: Floats | None = None) -> Floats:
    """Cohen's κ for one yes-or-no code, averaged over all pairs of coders; `given` has shape (coders, units).

    With two coders it is Cohen's κ. With more it is Light's κ: Light (1971), "Measures of response agreement for
    qualitative data", Psychological Bulletin 76, 365-377. A pair for which κ is not defined does not count.

    >>> given = np.repeat([[1, 1, 0, 0], [1, 0, 1, 0]], [20, 5, 10, 15], axis=1).astype(bool)
    >>> round(float(mean_pairwise_kappa(given)), 2)
    0.4
    """
    weights = np.ones(given.shape[1]) if weights is None else weights
    kappas = []
    for one, other in combinations(given, 2):
        cells = np.stack([~one & ~other, ~one & other, one & ~other, one & other], axis=1).astype(float)
        table = weights @ cells
        kappas.append(table_kappa(table.reshape(*table.shape[:-1], 2, 2)))
    return defined_mean(np.array(kappas))


def overlap(given: Bools, weights: Floats | None = None) -> Floats:
    """Of the units that at least one of two coders gave the code, the share that both gave it, averaged over all pairs
    of coders; `given` has shape (coders, units). Talk without the code plays no part. It is Jaccard's index.

    Source: Jaccard (1912), "The distribution of the flora in the alpine zone", New Phytologist 11, 37-50.

    >>> given = np.repeat([[1, 1, 0, 0], [1, 0, 1, 0]], [20, 5, 10, 15], axis=1).astype(bool)
    >>> round(float(overlap(given)), 3)  # 20 / (20 + 5 + 10)
    0.571
    """
    weights = np.ones(given.shape[1]) if weights is None else weights
    shares = [
        _ratio(weights @ (one & other).astype(float), weights @ (one | other).astype(float))
        for one, other in combinations(given, 2)
    ]
    return defined_mean(np.array(shares))


def masi_distance(one: frozenset[str], other: frozenset[str]) -> float:
    """How far two sets of codes are apart: 1 - Jaccard x monotonicity (1 equal, 2/3 subset, 1/3 overlap, 0 disjoint).
    Two empty sets are equal.

    Source: Passonneau (2006), "Measuring Agreement on Set-valued Items (MASI) for Semantic and Pragmatic Annotation",
    LREC 2006. The example is the one of NLTK's `masi_distance`, which prints .665 because it rounds 2/3 to .67.

    >>> round(masi_distance(frozenset("ab"), frozenset("abcd")), 3)
    0.667
    """
    if one == other:
        return 0.0
    shared = len(one & other)
    monotonicity = 2 / 3 if one < other or other < one else 1 / 3
    return 1 - monotonicity * shared / len(one | other)


def masi_alpha(coders: Sequence[Sequence[frozenset[str]]], weights: Floats | None = None) -> Floats:
    """Krippendorff's α with MASI distance, of coders who gave every unit a set of codes, which may be empty.

    Checked with NLTK 3.10's `AnnotationTask.alpha` over this `masi_distance`, also on random sets.

    >>> one = [frozenset(codes) for codes in ("a", "ab", "", "c", "bc")]
    >>> other = [frozenset(codes) for codes in ("a", "a", "", "bc", "d")]
    >>> round(float(masi_alpha([one, other])), 5)
    0.44898
    """
    kinds = {found: number for number, found in enumerate(dict.fromkeys(unit for coder in coders for unit in coder))}
    distance = masi_distances(list(kinds))
    chosen = np.array([[kinds[unit] for unit in coder] for coder in coders], dtype=int)
    raters, units = chosen.shape
    weights = np.ones(units) if weights is None else weights
    between = sum(distance[one, other] for one, other in combinations(chosen, 2)) * (2 / (raters - 1))
    # Sparse, because long interviews have hundreds of different sets, and each unit only as many as there are coders.
    votes = csr_array(
        (np.ones(chosen.size), (np.tile(np.arange(units), raters), chosen.ravel())), shape=(units, len(kinds))
    )
    return _alpha(weights @ between, (votes.T @ weights.T).T, distance)


def masi_distances(sets: Sequence[frozenset[str]]) -> Floats:
    """`masi_distance` between all of these sets, of shape (sets, sets)."""
    members = {member: number for number, member in enumerate(sorted(frozenset().union(*sets)))}
    holds = np.zeros((len(sets), len(members)))
    for number, found in enumerate(sets):
        holds[number, [members[member] for member in found]] = 1
    shared, sizes = holds @ holds.T, holds.sum(axis=1)
    union = sizes[:, None] + sizes - shared
    smallest = np.minimum(sizes[:, None], sizes)
    similarity = np.where(shared == smallest, 2 / 3, 1 / 3) * shared / np.where(union > 0, union, 1)
    similarity[shared == union] = 1
    return 1 - similarity


def yes_votes(given: Bools) -> Floats:
    """The votes of a yes-or-no code, of shape (units, 2), from `given` of shape (coders, units)."""
    yes = given.sum(axis=0)
    return np.stack([len(given) - yes, yes], axis=1).astype(float)


def cohen_kappa(first: Bools, second: Bools) -> float:
    """Cohen's κ of two coders for one code, each of shape (segments,); 0 when neither ever or always gives it.

    >>> a = np.repeat([True, True, False, False], [20, 5, 10, 15])
    >>> b = np.repeat([True, False, True, False], [20, 5, 10, 15])
    >>> round(cohen_kappa(a, b), 2)
    0.4
    """
    return float(np.nan_to_num(mean_pairwise_kappa(np.array([first, second]))))


def krippendorff_alpha(coders: Sequence[Bools]) -> float:
    """Krippendorff's α for one yes-or-no code, of coders who judged the same segments, each of shape (segments,);
    1 when nobody ever differs.

    Source: Krippendorff (2011), see `nominal_alpha`, example A (α = .095).

    >>> first = np.array([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], bool)
    >>> second = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 0], bool)
    >>> round(krippendorff_alpha([first, second]), 3)
    0.095
    """
    return float(np.nan_to_num(nominal_alpha(yes_votes(np.array(coders))), nan=1.0))


def defined_mean(values: Floats) -> Floats:
    """The mean along the first axis of what is defined; NaN where nothing is."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0).sum(axis=0), known.sum(axis=0).astype(float))


def _alpha(disagreement: Floats, values: Floats, distance: Floats) -> Floats:
    """Krippendorff's α from the disagreement within units and how often each value occurs, of shape (..., values)."""
    expected = ((values @ distance) * values).sum(axis=-1)
    return 1 - _ratio(disagreement * (values.sum(axis=-1) - 1), expected)


def _once(votes: Floats, weights: Floats | None) -> Floats:
    return np.ones(len(votes)) if weights is None else weights


def _ratio(part: Floats, whole: Floats) -> Floats:
    """`part / whole`, NaN where `whole` is nothing."""
    part, whole = np.broadcast_arrays(part, whole)
    share: Floats = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return share


def _beyond_chance(observed: Floats, expected: Floats) -> Floats:
    room = 1 - expected
    return _ratio(observed - expected, np.where(room > 1e-12, room, 0))  # rounding leaves 1e-16 where there is none


_FOUR_RATERS = np.array([
    [3, 0, 0, 0, 0], [0, 3, 1, 0, 0], [0, 0, 4, 0, 0], [0, 0, 4, 0, 0], [0, 4, 0, 0, 0], [1, 1, 1, 1, 0],
    [0, 0, 0, 4, 0], [3, 1, 0, 0, 0], [0, 4, 0, 0, 0], [0, 0, 0, 0, 3], [2, 0, 0, 0, 0], [0, 0, 1, 0, 0],
], dtype=float)  # fmt: skip
"""Krippendorff's example C, which Gwet took over: units by values, how many of four observers gave each value."""
