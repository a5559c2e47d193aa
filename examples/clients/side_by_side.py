"""A client's own code and the same code with jaxup: outputs and gradients side by side."""

import argparse
import contextlib
import dataclasses
import importlib.metadata
from unittest import mock

import jax
import jax.numpy as jnp

LIMIT = 1e-5


@dataclasses.dataclass(frozen=True)
class Comparison:
    """The largest differences of outputs and gradients, as parts of the largest values."""

    name: str
    calls: int
    output: float
    gradient: float
    limit: float = LIMIT

    @property
    def agrees(self):
        """Whether jaxup was called, and both differences are within the limit; NaN is not."""
        return self.calls > 0 and self.output <= self.limit and self.gradient <= self.limit

    def __str__(self):
        found = f"{self.name:44} {self.calls:5} {self.output:9.1e} {self.gradient:9.1e}"
        return f"{found} {self.limit:7.0e}{'' if self.agrees else '   MISMATCH'}"


def compare(name, call, x, swap, limit=LIMIT):
    """Run ``call(x)`` and its gradients in x as the client has them, and again after the swap.

    ``swap`` has the jaxup function for every dotted name that is replaced. The call's result, and
    x, are an array or a tree of arrays.
    """
    before = output_and_gradient(call, x)
    with contextlib.ExitStack() as stack:
        swapped = [stack.enter_context(mock.patch(at, wraps=swap[at])) for at in swap]
        after = output_and_gradient(call, x)
    calls = min(function.call_count for function in swapped)
    return Comparison(name, calls, *map(difference, before, after), limit)


def output_and_gradient(call, x):
    """Return ``call(x)`` and its gradients in x for random cotangents, in one compiled program."""
    jax.clear_caches()  # what was traced before a swap

    def cotangent(y):
        return jax.random.normal(jax.random.key(1), y.shape, y.dtype)

    @jax.jit
    def run(x):
        y, pullback = jax.vjp(call, x)
        return y, pullback(jax.tree.map(cotangent, y))[0]

    return run(x)


def difference(expected, got):
    """The largest difference as a part of the largest value, both over the whole tree."""
    if jax.tree.map(jax.typeof, expected) != jax.tree.map(jax.typeof, got):
        return float("inf")
    apart = jax.tree.map(lambda *pair: abs(pair[0] - pair[1]), expected, got)
    return largest(apart) / largest(expected)


def largest(tree):
    """The largest absolute value of a tree of arrays; NaN if there is one."""
    return float(jnp.stack([abs(leaf).max().astype(float) for leaf in jax.tree.leaves(tree)]).max())


def main(description, packages, comparisons):
    """Print the versions and every comparison; return 1 if one is beyond its limit, else 0."""
    formatter = argparse.RawDescriptionHelpFormatter
    argparse.ArgumentParser(description=description, formatter_class=formatter).parse_args()
    print(*(f"{name} {importlib.metadata.version(name)}" for name in (*packages, "jax")), sep=", ")
    print(f"{'':44} {'calls':>5} {'output':>9} {'gradient':>9} {'limit':>7}")
    all_agree = True
    for comparison in comparisons():
        print(comparison, flush=True)
        all_agree = all_agree and comparison.agrees
    return 0 if all_agree else 1
