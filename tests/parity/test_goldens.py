"""PyTorch's answers, as goldens/make_torch.py wrote them, for machines without PyTorch."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.helpers import paths
from tests.helpers.cases import CASES, numbers, parametrized

GOLDENS = np.load(paths.GOLDENS / "torch.npz", allow_pickle=False)
STORED = [case for case in CASES if f"{case.id} value" in GOLDENS]


def test_goldens_cover_the_table():
    assert str(GOLDENS["torch"]).startswith("2.")
    methods = {case.method for case in STORED}
    assert methods == {case.method for case in CASES}
    assert 2 * len(STORED) + 1 == len(GOLDENS.files)  # none belongs to a case that is gone


@parametrized(STORED)
def test_value_and_gradient(case):
    wanted, wanted_gradient = (GOLDENS[f"{case.id} {kind}"] for kind in ("value", "gradient"))
    cotangent = jnp.asarray(numbers(wanted.shape, seed=4711))

    @jax.jit
    def value_and_gradient(x):
        y, pullback = jax.vjp(case.run, x)
        return y, pullback(cotangent)[0]

    y, gradient = value_and_gradient(jnp.asarray(numbers(case.shape)))
    assert y.shape == wanted.shape
    np.testing.assert_allclose(y, wanted, rtol=0, atol=1e-5)
    atol = 1e-5 * max(1, np.abs(wanted_gradient).max())
    np.testing.assert_allclose(gradient, wanted_gradient, rtol=0, atol=atol)


def test_a_wrong_answer_would_be_found():
    case = STORED[-1]
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(
            case.run(numbers(case.shape, seed=1)), GOLDENS[f"{case.id} value"], rtol=0, atol=1e-5
        )
