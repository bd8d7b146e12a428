import doctest

import numpy as np
import pytest

from pipeline import agreement
from pipeline.agreement import cohen_kappa, krippendorff_alpha


def test_the_published_examples():
    assert doctest.testmod(agreement).failed == 0


@pytest.mark.parametrize("measure", [cohen_kappa, lambda a, b: krippendorff_alpha([a, b])])
def test_one_is_perfect_and_chance_is_about_zero(measure):
    rng = np.random.default_rng(0)
    a = rng.random(20_000) < 0.3
    assert measure(a, a) == pytest.approx(1)
    assert measure(a, rng.permutation(a)) == pytest.approx(0, abs=0.03)
    assert measure(a, ~a) < 0
