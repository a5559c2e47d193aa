"""Groups of channels that stand for pixels: their factors, and the order of the channels."""

from __future__ import annotations

from typing import Any, Literal, get_args

from jaxup._arguments.axes import is_array, is_sequence
from jaxup._arguments.call import Call, shown
from jaxup._arguments.sizes import MAX_SIZE, check_static

ChannelOrder = Literal["torch", "tensorflow"]
ORDERS: tuple[str, ...] = get_args(ChannelOrder)


def checked_factors(call: Call, factor: Any, count: int) -> tuple[int, ...]:
    """Return a factor for every spatial axis; one number stands for ``count`` of them."""
    check_static(call, "factor", factor)
    many = is_sequence(factor) or (is_array(factor) and factor.ndim > 0)
    factors = tuple(_checked(call, n) for n in (factor if many else (factor,)))
    if not factors:
        raise call.value_error("at least one factor", "factor=()", "Pass 2 to double.")
    return factors if many else factors * count


def _checked(call: Call, factor: Any) -> int:
    advice = "Pass an int; a factor between whole numbers is a matter for jaxup.upsample."
    r = call.integer("factor to be an integer, or one per spatial axis", factor, advice)
    if not 1 <= r <= MAX_SIZE:
        rule = "a factor of at least 1" if r < 1 else f"a factor of at most {MAX_SIZE}"
        raise call.value_error(rule, f"factor={shown(r)}", "Pass 2 to double.")
    return r
