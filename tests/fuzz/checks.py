"""What must hold for a drawn call: one function a promise; each raises AssertionError if broken."""

from __future__ import annotations

import contextlib
import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import checkify

import jaxup
from jaxup._lowering.lower import plan_of
from jaxup._primitive import resample_p
from tests.fuzz.drawn import WIDE, Draw, Wanted
from tests.fuzz.foreign import by_peer
from tests.fuzz.own import Matrix, slack_of
from tests.helpers import oracle
from tests.helpers.oracle import along

PLATFORMS = ("cpu", "gpu", "tpu")
Check = Callable[[Draw], None]


def in_its_precision(check: Check) -> Check:
    """Run a check with 64 bits if the array has them."""

    @functools.wraps(check)
    def checked(draw: Draw) -> None:
        with jax.enable_x64(True) if draw.is_wide else contextlib.nullcontext():
            check(draw)

    return checked


def equations(program: Any) -> Iterator[Any]:
    """The equations of a program and of the programs inside it."""
    for equation in program.eqns:
        yield equation
        for inner in jax.tree.leaves(
            list(equation.params.values()), is_leaf=lambda p: hasattr(p, "eqns")
        ):
            if hasattr(inner, "eqns"):
                yield from equations(inner)
            elif hasattr(inner, "jaxpr") and hasattr(inner.jaxpr, "eqns"):
                yield from equations(inner.jaxpr)


def close(got: Any, wanted: Wanted, dtype: str, what: str) -> None:
    """Values agree up to one rounding in the result's dtype, and what the definition leaves."""
    got = np.asarray(got).astype(np.complex128 if "complex" in dtype else np.float64)
    assert got.shape == wanted.values.shape, f"{what}: shape {got.shape}, {wanted.values.shape}"
    if got.size == 0:
        return
    inexact = jnp.issubdtype(dtype, jnp.inexact)
    eps = float(jnp.finfo(dtype).eps) if inexact else 0.0
    empty = np.isnan(wanted.values)
    size = wanted.gain * max(1.0, float(abs(wanted.values).max(initial=0, where=~empty)))
    sums = 4e-16 if dtype in ("float64", "complex128") else 1e-6
    allowed = size * (wanted.slack + 16 * sums) + 1.01 * eps * abs(wanted.values)
    if inexact:
        allowed = allowed + float(jnp.finfo(dtype).smallest_subnormal)
    free = wanted.unsure | (empty & np.isnan(got))
    off = np.where(free, 0, abs(got - wanted.values))
    allowed = np.where(empty, 0, allowed)
    assert np.isfinite(off).all(), f"{what}: not finite"
    worst = np.unravel_index(int((off - allowed).argmax()), off.shape)
    assert (off <= allowed).all(), (
        f"{what}: {got[worst]} at {tuple(map(int, worst))}, wanted {wanted.values[worst]}"
    )


@in_its_precision
def matrices_and_plans(draw: Draw) -> None:
    """Without compiling: the matrices, and on every platform a plan that fits."""
    x = draw.abstract()
    program = jax.make_jaxpr(draw)(x)
    composed: dict[int, np.ndarray] = {}
    for equation in equations(program):
        if equation.primitive is not resample_p:
            continue
        axes, specs = equation.params["axes"], equation.params["specs"]
        aval = equation.invars[0].aval
        operators = {axis: spec.build() for axis, spec in zip(axes, specs, strict=True)}
        for axis, operator in operators.items():
            assert operator.in_size == aval.shape[axis]
            assert np.isfinite(operator.weights).all(), "weights that are not finite"
            assert operator.indices.min(initial=0) >= 0
            assert operator.indices.max(initial=0) <= operator.in_size
            dense = operator.to_dense()
            composed[axis] = dense @ composed[axis] if axis in composed else dense
            np.testing.assert_array_equal(operator.T.to_dense(), dense.T)
        transposed = {axis: operator.T for axis, operator in operators.items()}
        back = list(aval.shape)
        for axis, operator in operators.items():
            back[axis] = operator.out_size
        plans_fit(aval, operators)
        plans_fit(jax.ShapeDtypeStruct(tuple(back), aval.dtype), transposed)
    if draw.matrices is None or (draw.function == "jaxup.scale_and_translate" and not composed):
        return
    for axis, rows in draw.matrices.items():
        dense = composed.get(axis)
        dense = np.eye(len(rows.dense)) if dense is None else dense
        assert dense.shape == rows.dense.shape, f"axis {axis}: {dense.shape}, {rows.dense.shape}"
        gain = max(1.0, abs(rows.dense[~rows.unsure]).sum(1).max(initial=0))
        off = abs(dense - rows.dense).max(1, initial=0)
        off = np.where(rows.unsure, 0, off)
        least = 2e-8 if draw.options.get("method", "").__class__ is str else 1e-9
        assert (off <= gain * (4 * draw.slack + least)).all(), (
            f"axis {axis}, row {int(off.argmax())}: {dense[off.argmax()]},"
            f" wanted {rows.dense[off.argmax()]}"
        )


def plans_fit(x: Any, operators: dict[int, Any]) -> None:
    """Every platform plans every axis once, by strategies that say that they fit."""
    for platform in PLATFORMS:
        for nan_local in (False, True) if platform == "tpu" else (False,):
            plan = plan_of(x, operators, nan_local=nan_local, platform=platform)
            done = [axis for step in plan for _, axes in step for axis in axes]
            assert sorted(done) == sorted(operators), f"{platform}: {done}"
            for strategy, axes in (stage for step in plan for stage in step):
                along_them = [operators[axis] for axis in axes]
                name = strategy.__name__
                assert strategy.fits(*along_them), f"{platform}: {name} does not fit {axes}"
                together = hasattr(strategy, "apply_together")
                assert together if len(axes) > 1 else hasattr(strategy, "apply"), name


@in_its_precision
def explained(draw: Draw) -> None:
    """`jaxup.explain` names every axis that is resampled, for every platform."""
    for platform in PLATFORMS:
        explanation = jaxup.explain(draw, draw.abstract(), platform=platform)
        assert all(axis.pixels[0] > 0 < axis.pixels[1] for axis in explanation.axes)
        assert str(explanation).startswith(f"on {platform}:")


@in_its_precision
def value(draw: Draw) -> None:
    """The values of the definition, and those of the library that is followed."""
    x = draw.array()
    y = draw(x)
    asked = jax.eval_shape(draw, draw.abstract())
    assert (y.shape, y.dtype) == (asked.shape, asked.dtype), f"{y.shape} {y.dtype}, {asked}"
    if (wanted := draw.wanted(x)) is not None:
        if not jnp.issubdtype(y.dtype, jnp.inexact) and draw.rounds:
            whole(y, wanted)
            if "dtype" in draw.options and is_exact(draw, x):
                np.testing.assert_array_equal(np.asarray(y, float), np.rint(clipped(y, wanted)))
        else:
            close(y, wanted, str(y.dtype), "definition")
    if draw.dtype in ("float32", "float64") and (peer := by_peer(draw, x)) is not None:
        if wanted is not None:  # a row that one side's rounding decides
            peer = Wanted(peer.values, wanted.unsure, peer.gain, peer.slack)
        close(y, peer, str(y.dtype), "peer")


def whole(y: Any, wanted: Wanted) -> None:
    """Integers are the values clipped and rounded, up to what the definition leaves."""
    off = abs(np.asarray(y).astype(np.float64) - clipped(y, wanted))
    size = wanted.gain * max(1.0, float(abs(wanted.values).max(initial=0)))
    allowed = 0.5 + size * (wanted.slack + 2e-6)
    assert (np.where(wanted.unsure, 0, off) <= allowed).all(), f"off by {off.max()}: not rounded"


def clipped(y: Any, wanted: Wanted) -> np.ndarray:
    if y.dtype == jnp.bool_:
        return wanted.values.clip(0, 1)
    return wanted.values.clip(float(jnp.iinfo(y.dtype).min), float(jnp.iinfo(y.dtype).max))


def is_exact(draw: Draw, x: Any) -> bool:
    """Whether no sum of the call is rounded in float32, so that ties are ties."""
    if draw.matrices is None or x.dtype not in (jnp.uint8, jnp.int8):
        return False
    rows = draw.matrices.values()
    return all(not each.unsure.any() and not (each.dense * 16 % 1).any() for each in rows)


@in_its_precision
def jit_is_eager(draw: Draw) -> None:
    """Bit for bit; up to rounding where the program computes the coordinates."""
    x = draw.array()
    got, wanted = jax.jit(draw)(x), draw(x)
    assert got.dtype == wanted.dtype
    if draw.is_traced and jnp.issubdtype(got.dtype, jnp.inexact):
        eps = float(jnp.finfo(got.dtype).eps)
        wide = np.complex128 if jnp.iscomplexobj(got) else np.float64
        off = abs(np.asarray(got).astype(wide) - np.asarray(wanted).astype(wide))
        allowed = (eps + (1e-12 if draw.is_wide else 2e-5)) * max(1.0, _most(wanted))
        assert (np.isnan(got) == np.isnan(wanted)).all(), "jit is NaN elsewhere"
        off = np.where(np.isnan(off), 0, off)
        assert off.max(initial=0) <= allowed, f"jit is {off.max()} from eager"
        return
    assert np.asarray(got).tobytes() == np.asarray(wanted).tobytes(), "jit is not eager"


@in_its_precision
def vmap_is_a_loop(draw: Draw) -> None:
    one, two = draw.array(), draw.array(1)
    together = jax.vmap(draw)(jnp.stack([one, two]))
    apart = jnp.stack([draw(one), draw(two)])
    assert (together.shape, together.dtype) == (apart.shape, apart.dtype)
    if not jnp.issubdtype(apart.dtype, jnp.inexact):
        off = abs(np.asarray(together).astype(float) - np.asarray(apart).astype(float))
        size = 1e-6 * _most(apart) + 1 if draw.rounds else 0  # a tie that rounding decides
        assert off.max(initial=0) <= size, f"off by {off.max()}"
        return
    wide = jnp.complex64 if jnp.iscomplexobj(apart) else jnp.float32
    if apart.dtype not in (jnp.float64, jnp.complex128):
        together, apart = together.astype(wide), apart.astype(wide)
    dtype = draw.dtype if jnp.issubdtype(draw.dtype, jnp.inexact) else "float32"
    tolerance = max(float(jnp.finfo(dtype).eps), 1e-7 if not draw.is_wide else 1e-15) * 8
    np.testing.assert_allclose(together, apart, rtol=0, atol=tolerance * max(1, _most(apart)))


def _most(y: Any) -> float:
    sizes = np.abs(np.asarray(y))
    return float(sizes.max(initial=0, where=~np.isnan(sizes)))


@in_its_precision
def backward_is_the_transpose(draw: Draw) -> None:
    """``<A x, y> = <x, A^T y>``, for matrices that the definition gives."""
    if draw.dtype not in ("float32", "float64", "complex64", "complex128"):
        return
    x = draw.array()
    y, back = jax.vjp(draw, x)
    if not jnp.issubdtype(y.dtype, jnp.inexact) or y.dtype != x.dtype:
        return
    cotangent = jnp.asarray(
        np.resize(np.asarray(draw.array(7)).reshape(-1) if x.size else 0, y.shape)
    )
    cotangent = cotangent.astype(y.dtype)
    (dx,) = back(cotangent)
    assert (dx.shape, dx.dtype) == (x.shape, x.dtype)
    dy = jax.jvp(draw, (x,), (draw.array(3),))[1]
    left, right = (dy * cotangent).sum(), (draw.array(3) * dx).sum()
    gain = 1.0
    if draw.matrices is not None:
        wide = np.asarray(cotangent).astype(np.complex128)
        unsure = False
        for axis, rows in draw.matrices.items():
            unsure |= bool(rows.unsure.any())
            wide = along(wide, axis, rows.dense.T)
            gain *= max(
                1.0, abs(rows.dense).sum(0).max(initial=0), abs(rows.dense).sum(1).max(initial=0)
            )
        if not unsure:
            wanted = wide if jnp.iscomplexobj(dx) else np.real(wide)
            close(
                dx, Wanted(wanted, np.zeros((), bool), gain, 4 * draw.slack), str(dx.dtype), "vjp"
            )
    eps = float(jnp.finfo(x.dtype).eps)
    allowed = 64 * eps * gain * (1 + math.sqrt(max(x.size, y.size)) + _most(left))
    allowed *= max(1.0, _most(dy), _most(dx))
    assert abs(complex(left) - complex(right)) <= allowed, f"adjoint: {left}, {right}"


@in_its_precision
def nan_stays_local(draw: Draw) -> None:
    """A NaN reaches the outputs that weigh it, and none that no axis reads it for."""
    inexact = jnp.issubdtype(draw.dtype, jnp.inexact)
    if inexact and "where" in draw.options:
        x = draw.array()
        wild = jnp.where(draw.options["where"].kept(), x, jnp.asarray(jnp.nan, x.dtype))
        np.testing.assert_array_equal(draw(wild), draw(x), "a NaN that does not count is read")
        return
    if draw.matrices is None or not inexact or 0 in draw.shape or "e2m" in draw.dtype:
        return
    if str(draw.options.get("method", "")).startswith("bspline"):
        return
    place = tuple(int(n) for n in np.random.default_rng(draw.seed).integers(0, draw.shape))
    y = draw(draw.array().at[place].set(jnp.nan))
    if not jnp.issubdtype(y.dtype, jnp.inexact):
        return
    program = jax.make_jaxpr(draw)(draw.abstract())
    reads = {axis: np.eye(n, dtype=bool) for axis, n in enumerate(draw.shape)}
    for equation in equations(program):
        if equation.primitive.name == "band":
            return
        if equation.primitive is resample_p:
            for axis, spec in zip(equation.params["axes"], equation.params["specs"], strict=True):
                built = spec.build()
                read = np.zeros((built.out_size, built.in_size + 1), bool)
                read[np.arange(built.out_size)[:, None], built.indices] = True
                reads[axis] = read[:, :-1]
    reached = np.ones((), bool)
    weighed = np.ones((), bool)
    for axis, read in reads.items():
        column = [1] * len(draw.shape)
        column[axis] = len(read)
        reached = reached & read[:, place[axis]].reshape(column)
        rows = draw.matrices.get(axis)
        sure = read if rows is None else (abs(rows.dense) > 1e-4) & ~rows.unsure[:, None]
        weighed = weighed & sure[:, place[axis]].reshape(column)
    found = np.isnan(np.asarray(y).astype(np.complex64))
    assert not (found & ~reached).any(), "a NaN reaches outputs that do not read it"
    assert not (weighed & ~found).any(), "a NaN is lost"


def matrix(call: Matrix) -> None:
    """The definition's matrix, and its pseudo-inverse: ``A A+ A = A``."""
    made, back = jaxup.resize_matrix(**vars(call))
    n, m, method, aligned, antialias = vars(call).values()
    wanted = oracle.matrix(method, n, m, align_corners=aligned, antialias=antialias)
    np.testing.assert_allclose(made, wanted, rtol=0, atol=slack_of((n, m), "float64") + 1e-6)
    assert (back.shape, back.dtype) == ((n, m), made.dtype)
    product = np.asarray(made, float) @ np.asarray(back, float) @ np.asarray(made, float)
    np.testing.assert_allclose(
        product, made, rtol=0, atol=1e-5 * max(1, abs(np.float64(back)).max())
    )


def _contexts() -> dict[str, Callable[[], Any]]:
    return {
        "strict dtype promotion": lambda: jax.numpy_dtype_promotion("strict"),
        "strict rank promotion": lambda: jax.numpy_rank_promotion("raise"),
        "debug_nans": lambda: jax.debug_nans(True),
        "enable_checks": lambda: jax.enable_checks(True),
        "keep_nan_local": jaxup.keep_nan_local,
        "as_lax": jaxup.as_lax,
        "x64": lambda: jax.enable_x64(True),
        "check_tracer_leaks": lambda: jax.check_tracer_leaks(True),
    }


CONTEXTS = tuple(_contexts())


def in_context(draw: Draw, name: str) -> None:
    """The values in a context are those outside it, of the same dtype."""
    if name == "as_lax" and is_long_in_lax(draw):
        return
    with jax.enable_x64(True) if draw.is_wide else contextlib.nullcontext():
        x = draw.array()
        wanted = draw(x)
        if name == "debug_nans" and np.isnan(np.asarray(wanted).astype(complex)).any():
            return  # the mean of no pixel, which it reports
        made = draw.options.values()
        with _contexts()[name]():
            if name == "x64" and (not draw.is_wide and any(hasattr(v, "made") for v in made)):
                return  # their numbers have 64 bits there
            got = jax.jit(draw)(x)
        default = "jax_image" in draw.function or draw.options.get("dtype") in WIDE
        if name == "x64" and default:
            return  # whose default float decides
        assert got.dtype == wanted.dtype, f"{name}: {got.dtype}, {wanted.dtype}"
        dtype = got.dtype
        wide = jnp.complex64 if jnp.iscomplexobj(got) else jnp.float32
        if dtype not in (jnp.float64, jnp.complex128):
            got, wanted = got.astype(wide), wanted.astype(wide)
        eps = float(jnp.finfo(dtype).eps) if jnp.issubdtype(dtype, jnp.inexact) else 0.0
        atol = 16 * max(eps, 0.0) * max(1, _most(wanted)) + (1e-6 if eps > 1e-10 else 0)
        if draw.rounds and eps == 0:
            atol = 1 + 1e-6 * _most(wanted)
        got, wanted = (np.asarray(y).astype(float) if eps == 0 else y for y in (got, wanted))
        np.testing.assert_allclose(got, wanted, rtol=0, atol=atol, err_msg=name)


def is_long_in_lax(draw: Draw) -> bool:
    """Whether the program within `as_lax` writes out so many taps that XLA takes minutes."""
    if draw.function != "jaxup.sample" or len(draw.options["axes"]) < 3:
        return False
    return draw.options["method"] not in ("nearest", "linear", "trilinear", "box", "hamming")


@in_its_precision
def checkified(draw: Draw) -> None:
    """`checkify` of indices and divisions finds nothing in a right call."""
    if is_long_in_lax(draw):
        return
    with jaxup.as_lax():
        checked = checkify.checkify(draw, errors=checkify.index_checks | checkify.div_checks)
        error, y = checked(draw.array())
    error.throw()
    if jnp.issubdtype(y.dtype, jnp.inexact):
        free = "where" in draw.options and "fill_value" not in draw.options
        assert free or np.isfinite(np.asarray(y).astype(np.complex64)).all()


PROMISES: dict[str, Check] = {
    "value": value,
    "jit is eager": jit_is_eager,
    "vmap is a loop": vmap_is_a_loop,
    "backward": backward_is_the_transpose,
    "NaN": nan_stays_local,
    "checkify": checkified,
    **{name: functools.partial(in_context, name=name) for name in CONTEXTS},
}
"""What is compiled and run, by name."""
