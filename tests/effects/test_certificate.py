"""What a certificate says of the pairing."""

import numpy as np
import pytest
from effect_cases import baseline, granted

import chainsim as cs
from chainsim.effects.certificate import variances


def test_variances_are_those_of_logs_and_missing_for_few_pairs():
    base, policy = np.exp([0.0, 1.0, 2.0]), np.exp([0.5, 1.5, 2.5])
    paired, unpaired = variances(base, policy)
    assert paired == pytest.approx(0.0, abs=1e-30)
    assert unpaired == pytest.approx(2.0)
    assert np.isnan(variances(base[:2], policy[:2])[0])
    assert np.isnan(variances(np.array([0.0, 1.0, 2.0]), policy)[0])


def test_the_pairing_takes_most_of_the_variance_away():
    effect = cs.compare(baseline(), granted(), replications=8)
    assert (effect.certificate.variance["ratio"].dropna() < 0.5).all()
    assert effect.certificate.variance["ratio"].notna().any()
