"""Right calls with one argument that is not: refused in the user's own words, or taken."""

from __future__ import annotations

import dataclasses
import fractions
import inspect
import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from tests.fuzz.drawn import Draw, Numbers, Points

VALUES = (
    *(None, "", "x", "2", "linear", "nearest", b"linear", True, False, np.True_),
    *(0, -1, 1, 3, 7, 10**9, 2**31, 2**63, 10**400, -(2**31), 0.0, -0.0, 0.5, 2.5, -1.5),
    *(1e-12, 1e-300, 5e-324, 1e9, 1e30, 1e300, float("inf"), float("-inf"), float("nan"), 1 + 2j),
    *((), [], (1,), (2, 2), (2, 2, 2), (1, -1), (0, 0), (0.5, "a"), (None,), [None, 2], [[1, 2]]),
    *(["nearest"], ("edge",), {}, {2: 3}, {1, 2}, range(2), range(0), object(), len, int, ...),
    *(fractions.Fraction(3, 2), np.float32(1.5), np.float64("nan"), np.int8(2), np.str_("edge")),
    *(
        np.array([]),
        np.array(2),
        np.array([2, 2]),
        np.ones((2, 2)),
        np.array("a"),
        np.array([None]),
    ),
    *(np.datetime64("2020-01-01"), memoryview(b"ab"), bytearray(b"a"), slice(2), Exception("a")),
)


class ByJax:
    """A value that JAX makes, and only when it is drawn."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def made(self) -> Any:
        return eval(self.text, {"jax": jax, "jnp": jnp})


MADE = (
    ByJax("jnp.array(1.5)"),
    ByJax("jnp.array([2, 2])"),
    ByJax("jnp.nan"),
    ByJax("jax.ShapeDtypeStruct((3, 3), 'float32')"),
    ByJax("jax.random.key(0)"),
    ByJax("jnp.zeros((0,))"),
    ByJax("lambda *a: None"),
    ByJax("lambda *a: a"),
)


@dataclasses.dataclass(frozen=True)
class Slip:
    """A call of which one argument is replaced."""

    draw: Draw
    option: str
    value: Any

    def __str__(self) -> str:
        options = {**self.draw.options, self.option: self.value}
        x = f"values({self.draw.shape}, {self.draw.dtype!r}, 0)"
        if self.option == self.draw.x:
            return str(self.draw).replace(x, "") + f" with {self.option}={self.value!r}"
        return str(dataclasses.replace(self.draw, options=options))


def slips(calls: Any) -> Any:
    @st.composite
    def slip(draw: Any) -> Slip:
        call = draw(calls)
        names = list(inspect.signature(call.function_itself()).parameters)
        return Slip(call, draw(st.sampled_from(names)), draw(st.sampled_from([*VALUES, *MADE])))

    return slip()


def refused_well(slip: Slip) -> None:
    """Refused with the function's name and the argument's, or taken."""
    draw, value = slip.draw, slip.value
    value = value.made() if isinstance(value, ByJax) else value
    options = {
        name: given.made() if isinstance(given, Numbers | Points) else given
        for name, given in draw.options.items()
    }
    x: Any = draw.abstract()
    refusals: tuple[type[Exception], ...] = (ValueError, TypeError)
    if draw.function == "jaxup.compat.torch.interpolate":  # PyTorch's own choice
        refusals += (NotImplementedError,)
    try:
        with warnings.catch_warnings(action="ignore"):  # NumPy's, of the strangest values
            if slip.option == draw.x:
                draw.function_itself()(**{draw.x: value}, **options)
            else:
                options[slip.option] = value
                jax.eval_shape(lambda x: draw.function_itself()(**{draw.x: x}, **options), x)
    except refusals as error:
        names_both(str(error), slip)


def names_both(text: str, slip: Slip) -> None:
    whose = f"{slip.draw.function}, {slip.option}"
    assert text.startswith(f"{slip.draw.function}: expected "), f"{whose}: strange words: {text}"
    assert "\n" not in text, f"{whose}: more than a line: {text}"
    if "one picture or a batch of signals" in text:
        return  # which the right value of this option would have said
    assert slip.option in text or slip.option == slip.draw.x, f"{whose}: not named: {text}"
