"""Every public function under every transformation, as docs/transforms.md says it."""

import jax.numpy as jnp
import pytest

import jaxup
from tests.helpers import transforms


@pytest.mark.parametrize("function", transforms.FUNCTIONS)
@pytest.mark.parametrize("transform", transforms.TRANSFORMS)
def test_cell(transform, function):
    f, x = transforms.FUNCTIONS[function]
    check, way = transforms.TRANSFORMS[transform], transforms.way(transform, function)
    if way == transforms.AS_LAX:
        with jaxup.as_lax():
            check(f, jnp.asarray(x))
    elif way == "yes":
        check(f, jnp.asarray(x))
    else:  # what the page says instead holds: there is nothing to find, or to be had
        with pytest.raises((AssertionError, NotImplementedError, ValueError)):
            check(f, jnp.asarray(x))


def test_the_page_has_this_table():
    assert transforms.table() in transforms.PAGE.read_text(), (
        "run python -m tests.helpers.transforms"
    )


def test_jet_of_traced_taps_names_as_lax():
    f, x = transforms.FUNCTIONS["scale_and_translate"]
    with pytest.raises(NotImplementedError, match=r"jet: .* within jaxup\.as_lax\(\)"):
        transforms.jet_of_order_2(f, jnp.asarray(x))
