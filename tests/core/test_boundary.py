"""Boundaries: numpy.pad as the oracle of positions, and weights."""

from typing import Literal

import numpy as np
import pytest

from jaxup import boundary
from jaxup._arguments.call import Call
from jaxup._arguments.methods import BOUNDARIES, resolve_boundary

PADS: dict[str, Literal["edge", "symmetric", "reflect", "wrap"]] = {
    "edge": "edge",
    "reflect": "symmetric",
    "mirror": "reflect",
    "wrap": "wrap",
}


@pytest.mark.parametrize("name", PADS)
@pytest.mark.parametrize("in_size", [1, 2, 3, 7])
def test_positions_far_outside(name, in_size):
    position = np.arange(-40.0, 41)
    weights = np.linspace(-1, 2, 81)
    index, kept, present = BOUNDARIES[name](position, weights, in_size)
    wanted = np.pad(np.arange(in_size), (40, 41 - in_size), mode=PADS[name])
    np.testing.assert_array_equal(index, wanted)
    np.testing.assert_array_equal(kept, weights)
    assert present.all()


def test_constant_drops_and_keeps_the_rest():
    index, weights, present = boundary.constant(
        np.arange(-1.0, 4), np.full(5, 0.2), 3
    )  # of 5 taps, 3 inside
    np.testing.assert_array_equal(present, [False, True, True, True, False])
    np.testing.assert_array_equal(weights, [0, 0.2, 0.2, 0.2, 0])
    np.testing.assert_array_equal(index[present], [0, 1, 2])


def test_renormalize_scales_what_is_left():
    _, weights, present = boundary.renormalize(np.arange(-1.0, 4), np.full(5, 0.2), 3)
    np.testing.assert_allclose(weights, present / 3)


def test_nothing_left_is_zero_not_nan():
    _, weights, present = boundary.renormalize(np.array([-2.0, -1]), np.array([0.5, 0.5]), 3)
    assert not present.any()
    np.testing.assert_array_equal(weights, 0)


@pytest.mark.parametrize("name", BOUNDARIES)
def test_jax_arrays_take_the_same_lines(name):
    jnp = pytest.importorskip("jax.numpy")
    position, weights = np.arange(-9.0, 9), np.full(18, 1 / 18)
    wanted = BOUNDARIES[name](position, weights, 4)
    got = BOUNDARIES[name](jnp.asarray(position), jnp.asarray(weights), 4)
    inside = wanted[2]
    np.testing.assert_array_equal(got[2], inside)
    np.testing.assert_array_equal(np.asarray(got[0])[inside], wanted[0][inside])
    np.testing.assert_allclose(got[1], wanted[1], rtol=1e-6)


def test_names():
    call = Call("f", (3,))
    assert resolve_boundary(call, "wrap") is boundary.wrap
    assert resolve_boundary(call, boundary.edge) is boundary.edge
    with pytest.raises(ValueError, match=r"^f: expected a known boundary, got 'mirrored' for "):
        resolve_boundary(call, "mirrored")
    with pytest.raises(TypeError, match=r"boundary='constant' with fill_value"):
        resolve_boundary(call, 0.5)
