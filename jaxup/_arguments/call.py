"""`Call`: a call of a public function, which words its errors."""

from __future__ import annotations

import difflib
import inspect
import math
import numbers
import operator
import warnings
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

_ALIKE = 0.7  # and more is the likeness of a misspelt name
_FLAGS: tuple[type, ...] = (int, np.integer, np.bool_)


class Call(NamedTuple):
    """A call of a public function, in which every error names what the user typed.

    Args:
      function: the function's name, such as ``"jaxup.resize"``.
      shape: of the input.
      typed: ``(option, name)`` pairs, for options that this function calls by another name.

    An error reads ``<function>: expected <rule>, got <got> for input shape <shape>. <advice>``.
    """

    function: str
    shape: tuple[Any, ...]
    typed: tuple[tuple[str, str], ...] = ()

    def option(self, option: str) -> str:
        """Return the name that the user knows an option by."""
        return dict(self.typed).get(option, option)

    def label(self, method: object) -> str:
        """Return what programs and profiles call this: ``"jaxup.upsample[bilinear]"``."""
        name = method if isinstance(method, str) else type(method).__name__
        return f"{self.function}[{name}]"

    def message(self, rule: str, got: object, advice: str) -> str:
        """Return the text of an error."""
        shape = tuple(self.shape)
        line = " ".join(str(got).split())  # an array's text has several
        return f"{self.function}: expected {rule}, got {line} for input shape {shape}. {advice}"

    def value_error(self, rule: str, got: object, advice: str) -> ValueError:
        return ValueError(self.message(rule, got, advice))

    def type_error(self, rule: str, got: object, advice: str) -> TypeError:
        return TypeError(self.message(rule, got, advice))

    def warn(self, text: str) -> None:
        """Warn at the line of the caller that is not jaxup's."""
        level, frame = 1, inspect.currentframe()
        while frame is not None and frame.f_globals.get("__name__", "").startswith("jaxup."):
            level, frame = level + 1, frame.f_back
        warnings.warn(f"{self.function}: {text}", stacklevel=level)

    def unknown(
        self, option: str, value: object, valid: Iterable[str], hint: str = ""
    ) -> ValueError:
        """Return the error for a name that is not valid; it lists the valid ones, nearest first.

        ``hint`` says what the name means elsewhere, and stands before the list.
        """
        return ValueError(self.unknown_message(option, value, valid, hint))

    def unknown_message(
        self, option: str, value: object, valid: Iterable[str], hint: str = ""
    ) -> str:
        def likeness(name: str) -> float:
            return difflib.SequenceMatcher(None, shown(value).lower(), name.lower()).ratio()

        names = sorted(valid, key=likeness, reverse=True)
        if not hint and likeness(names[0]) >= _ALIKE:
            hint = f"Did you mean {names[0]!r}?"
        advice = f"{hint} Use one of {', '.join(map(repr, names))}.".lstrip()
        return self.message(f"a known {self.option(option)}", quoted(value), advice)

    def not_a_name(self, option: str, value: object, what: str, valid: Iterable[str]) -> TypeError:
        """Return the error for a value that is neither a name nor ``what`` may stand for one."""
        listed = ", ".join(map(repr, valid))
        rule = f"{self.option(option)} to be a name or {what}"
        return self.type_error(rule, quoted(value), f"The names are {listed}.")

    def check_name(self, option: str, value: object, valid: Iterable[str]) -> None:
        if not isinstance(value, str) or value not in valid:
            raise self.unknown(option, value, valid)

    def check_flags(self, **options: object) -> None:
        """Check that the values are bools, or the 0 and 1 that other systems take for them."""
        for option, value in options.items():
            if not isinstance(value, _FLAGS) or value not in (0, 1):
                rule = f"{option} to be a bool, or 0 or 1"
                raise self.type_error(rule, quoted(value), "Pass True or False.")

    def check_bools(self, **options: object) -> None:
        for option, value in options.items():
            if not isinstance(value, bool | np.bool_):
                rule = f"{self.option(option)} to be a bool"
                raise self.type_error(rule, quoted(value), "Pass True or False.")

    def real(self, option: str, value: object, advice: str) -> float:
        """Return a real number of any type as a float; bools are none."""
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise self.type_error(f"{option} to be a real number", quoted(value), advice)
        return self.as_float(option, value, advice)

    def as_float(self, option: str, value: Any, advice: str) -> float:
        """Return a number as a float, if it is not too large to be one."""
        try:
            return float(value)
        except OverflowError:
            rule = f"{option} to be a number that a float can hold"
            raise self.value_error(rule, shown(value), advice) from None

    def finite(self, option: str, value: object, advice: str) -> float:
        """Return a finite real number as a float."""
        number = self.real(option, value, advice)
        if not math.isfinite(number):
            raise self.value_error(f"a finite {option}", quoted(value), advice)
        return number

    def float32(self, option: str, value: object) -> float:
        """Return a number that float32 can hold, NaN and infinities among them."""
        number = self.real(option, value, "Pass a float.")
        if float(np.finfo(np.float32).max) < abs(number) < math.inf:
            rule = f"a float32 number as {option}"
            raise self.value_error(rule, value, "Pass a smaller one.")
        return number

    def integer(self, rule: str, value: Any, advice: str) -> int:
        """Return an integer of any type as an int; bools are none."""
        try:
            if type(value) in (bool, np.bool_):
                raise TypeError
            return operator.index(value)
        except TypeError:
            got = f"{type(value).__name__} {quoted(value)}"
            raise self.type_error(rule, got, advice) from None


def shown(value: object, text: Callable[[object], str] = str) -> str:
    """Return a value's text; Python refuses to write out the digits of a very large int."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an int of {value.bit_length()} bits"
    try:
        return text(value)
    except ValueError:
        return f"a {type(value).__name__} of very large ints"


def quoted(value: object) -> str:
    """Return a value's representation, with the same care."""
    return shown(value, repr)
