"""Public functions under JAX's transformations: what is run, and the table of it in the docs.

`python -m tests.helpers.transforms` writes the table in docs/transforms.md anew;
tests/core/test_transform_table.py runs every cell of it.
"""

import functools
import re

import jax
import jax.numpy as jnp
import numpy as np
from jax import export
from jax.experimental import checkify, jet, serialize_executable, sparse

import jaxup
from jaxup.compat import torch as compat_torch
from jaxup.filters import upfirdn
from tests.helpers.cases import numbers
from tests.helpers.paths import ROOT

PAGE = ROOT / "docs" / "transforms.md"
START, END = "<!-- table -->\n", "<!-- end of the table -->\n"
X = numbers((4, 6, 3))
TABLE = numbers((1 + 16, 3))
POINTS = np.array([[0.5, 1.2, -1.0], [2.2, 0.1, 7.0]], np.float32)  # one outside the array
SCALE = np.array([0.6], np.float32)


def upsampled(x):
    return jaxup.upsample(x, 1.5, "bicubic")


def resized(x):
    return jaxup.resize(x, (3, 9), "lanczos3", boundary="constant", fill_value=0.5)


def masked(x):
    where = jnp.asarray(X[..., 0] > 0.5)
    return jaxup.resize(x, (3, 9), "linear", where=where, fill_value=0.5)


def sampled(x):
    return jaxup.sample(x, jnp.asarray(POINTS), "linear", "constant", fill_value=1.0)


def moved(x):
    """Along one axis: every axis more is the same program again."""
    return jaxup.scale_and_translate(x, 3, jnp.asarray(SCALE), 0.25, "linear", axes=1)


def cropped(x):
    """Two boxes of one image, one of them flipped and beyond its edges."""
    boxes = jnp.array([[[0.4, 3.7], [1.2, 5.1]], [[2.0, 5.5], [7.3, -0.6]]])
    return jaxup.crop_and_resize(x, boxes, (3, 4), "linear", max_shrink=2.0)


def embedded(x):
    return jaxup.resize_position_embedding(x, 4, 6)


def embedded_up_to(x):
    return jaxup.resize_position_embedding(
        x, 4, jnp.array([3, 5]), method="bilinear", antialias=False, max_grid=6
    )


def embedded_at_patches(x):
    grids, patches = jnp.array([[3, 5], [6, 2]]), jnp.array([[0, 0], [2, 1], [5, 1]])
    return jaxup.sample_position_embedding(x, 4, grids, patches, method="bilinear", antialias=False)


def shuffled(x):
    return jaxup.pixel_shuffle(x, 2)


def interpolated(x):
    return compat_torch.interpolate(x[None], scale_factor=1.5, mode="bilinear")


def filtered(x):
    return upfirdn(x, [1.0, 3.0, 3.0, 1.0], 2, padding=(2, 1), gain=1 / 16)


FUNCTIONS = {
    "upsample": (upsampled, X),
    "resize": (resized, X),
    "`resize`, where": (masked, X),
    "sample": (sampled, X),
    "scale_and_translate": (moved, X),
    "crop_and_resize": (cropped, X),
    "resize_position_embedding": (embedded, TABLE),
    "the same, max_grid": (embedded_up_to, TABLE),
    "sample_position_embedding": (embedded_at_patches, TABLE),
    "pixel_shuffle": (shuffled, numbers((4, 6, 4))),
    "compat.torch.interpolate": (interpolated, X),
    "filters.upfirdn": (filtered, X),
}
TRACED = ("sample", "scale_and_translate", "crop_and_resize", "the same, max_grid")


def loss(f, x):
    return (f(x) ** 2).sum()


def gradient(f):
    return jax.grad(functools.partial(loss, f))


def value_and_gradient(f, x):
    return jax.jit(lambda x: (f(x), gradient(f)(x)))(x)


@functools.cache
def plain(f):
    """The value, the gradient, the derivative along ones, and that of the gradient.

    The array and the ones are arguments: what XLA makes of those it knows is compared with this.
    """
    x = jnp.asarray(FUNCTIONS[next(name for name, (g, _) in FUNCTIONS.items() if g is f)][1])

    @jax.jit
    def all_of_them(x, ones):
        y, dy = jax.jvp(f, (x,), (ones,))
        return y, gradient(f)(x), dy, 2 * jax.vjp(f, x)[1](dy)[0]

    return all_of_them(x, jnp.ones_like(x))


def close(got, wanted, atol=2e-5):
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(wanted), strict=True):
        scale = max(1.0, float(np.abs(np.asarray(b)).max()))
        np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=0, atol=atol * scale)


def no_jit(f, x):
    with jax.disable_jit():
        y = f(x)
    close(y, plain(f)[0])


def grad_and_jvp(f, x):
    """Within `jax.enable_checks` and `jax.check_tracer_leaks`."""
    with jax.enable_checks(True), jax.check_tracer_leaks(True):
        both = jax.jit(lambda x: (gradient(f)(x), jax.jvp(f, (x,), (jnp.ones_like(x),))[1]))
        close(both(x), plain(f)[1:3])


def second_order(f, x):
    """Forward over reverse, and reverse over reverse."""
    ones = jnp.ones_like(x)

    @jax.jit
    def both(x):
        forward = jax.jvp(gradient(f), (x,), (ones,))[1]
        return forward, jax.grad(lambda x: gradient(f)(x).sum())(x)

    close(both(x), (plain(f)[3],) * 2)


def linearize_and_transpose(f, x):
    value, g, tangent, _ = plain(f)
    wanted = [value, tangent]
    if f not in (resized, masked, sampled):  # what is filled in makes them affine
        wanted.append(g)

    @jax.jit
    def found(x):
        y, tangent = jax.linearize(f, x)
        both = [y, tangent(jnp.ones_like(x))]
        return [*both, *jax.linear_transpose(f, x)(2 * y)] if len(wanted) == 3 else both

    close(found(x), wanted)


def vmap(f, x):
    xs = jnp.stack([x, x], 2)
    values, gradients = jax.jit(jax.vmap(lambda x: (f(x), gradient(f)(x)), 2, 1))(xs)
    close((values[:, 1], gradients[:, 0]), plain(f)[:2])


def pmap(f, x):
    (value,), (g,) = jax.pmap(lambda x: (f(x), gradient(f)(x)))(x[None])
    close((value, g), plain(f)[:2])


def scan_and_cond(f, x):
    def step(carry, x):
        return carry, jax.lax.cond(x.sum() > -1e9, f, lambda x: 0 * f(x), x)

    close(jax.lax.scan(step, 0, jnp.stack([x, x]))[1][1], plain(f)[0])


def custom_vjp(f, x):
    """Around a function, and inside one."""
    doubled = jax.custom_vjp(f)
    doubled.defvjp(lambda x: (f(x), x), lambda x, ct: (2 * jax.vjp(f, x)[1](ct)[0],))
    tripled = jax.custom_vjp(lambda x: x)
    tripled.defvjp(lambda x: (x, None), lambda _, ct: (3 * ct,))
    both = jax.jit(lambda x: (gradient(doubled)(x), gradient(lambda x: f(tripled(x)))(x)))
    close(both(x), (2 * plain(f)[1], 3 * plain(f)[1]))


def checkpoint(f, x):
    """With the policies that read names: what they name is saved and not computed again."""
    through = functools.partial(loss, f)
    name = named(f, x)
    policies = jax.checkpoint_policies
    for policy in (
        policies.nothing_saveable,
        policies.save_only_these_names(name),
        policies.save_and_offload_only_these_names(
            names_which_can_be_saved=[],
            names_which_can_be_offloaded=[name],
            offload_src="device",
            offload_dst="pinned_host",
        ),
    ):
        close(jax.jit(jax.grad(jax.checkpoint(through, policy=policy)))(x), plain(f)[1])
    saved = jax.checkpoint(through, policy=policies.save_only_these_names(name))
    program = str(jax.make_jaxpr(jax.grad(saved))(x))
    assert f"name={name}" in program


def named(f, x):
    """The name of the function's result."""
    (name,) = set(re.findall(r"name=(jaxup[\w.]*)", str(jax.make_jaxpr(f)(x))))
    return name


def profile_names(f, x):
    """Operations of the forward and of the backward stand under the function's name."""
    text = jax.jit(jax.value_and_grad(functools.partial(loss, f))).lower(x).as_text(debug_info=True)
    name = re.escape(named(f, x))
    assert re.search(rf'/jvp\([^"]*{name}', text)
    assert re.search(rf'/transpose\(jvp\([^"]*{name}', text)


def ahead_of_time(f, x):
    """Compiled, serialised, loaded again."""
    compiled = jax.jit(f).lower(x).compile()
    again = serialize_executable.deserialize_and_load(
        *serialize_executable.serialize(compiled), execution_devices=jax.devices()[:1]
    )
    close((compiled(x), again(x)), (plain(f)[0],) * 2)


def exported(f, x):
    """For three platforms at once, with the derivative."""
    program = export.export(jax.jit(f), platforms=("cpu", "cuda", "tpu"))(x)
    try:
        program = export.deserialize(program.serialize(vjp_order=1))
    except ImportError:  # flatbuffers is not installed
        close(program.call(x), plain(f)[0])
    else:
        close(value_and_gradient(program.call, x), plain(f)[:2])


def unknown_platform(f, x):
    assert jax.jit(f).trace(x).lower(lowering_platforms=("nobody's",)).as_text()


def strict_dtypes(f, x):
    """`jax.numpy_dtype_promotion("strict")`, in float32 and bfloat16."""
    with jax.numpy_dtype_promotion("strict"):
        close(value_and_gradient(f, x), plain(f)[:2])
        assert jax.eval_shape(f, x.astype(jnp.bfloat16)).dtype == jnp.bfloat16


def strict_ranks(f, x):
    with jax.numpy_rank_promotion("raise"):
        close(value_and_gradient(f, x), plain(f)[:2])


def debug_nans(f, x):
    with jax.debug_nans(True), jax.debug_infs(True):
        close(value_and_gradient(f, x), plain(f)[:2])


def key_reuse(f, x):
    with jax.debug_key_reuse(True):
        noise = jax.random.normal(jax.random.key(0), x.shape)
        close(jax.jit(lambda x, noise: f(x + 0 * noise))(x, noise), plain(f)[0])


def jet_of_order_2(f, x):
    """Taylor coefficients of the square, whose second one is not 0."""
    ones, zeros = jnp.ones_like(x), jnp.zeros_like(x)

    @jax.jit
    def of_the_square(x):
        return jet.jet(lambda x: f(x) ** 2, (x,), ((ones, zeros),))

    value, _, tangent, _ = plain(f)
    close(of_the_square(x), (value**2, [2 * value * tangent, 2 * tangent**2]))


def checkify_indices(f, x):
    """No false alarm, forward and backward."""
    checked = checkify.checkify(
        lambda x: (f(x), gradient(f)(x)), errors=checkify.index_checks | checkify.div_checks
    )
    error, results = jax.jit(checked)(x)
    error.throw()
    close(results, plain(f)[:2])


def checkify_nan(f, x):
    """A NaN is found, and none where there is none."""
    checked = jax.jit(checkify.checkify(f, errors=checkify.nan_checks))
    error, y = checked(x)
    error.throw()
    close(y, plain(f)[0])
    error, _ = checked(x * jnp.nan)
    assert "nan generated" in str(error.get())


def sparsify(f, x):
    @jax.jit
    def found(x):
        y = sparse.sparsify(f)(sparse.BCOO.fromdense(x, nse=x.size))
        return y.todense() if isinstance(y, sparse.BCOO) else y

    close(found(x), plain(f)[0])


TRANSFORMS = {
    "jit, disable_jit": no_jit,
    "grad, jvp; enable_checks": grad_and_jvp,
    "second derivatives": second_order,
    "linearize, linear_transpose": linearize_and_transpose,
    "vmap, of values and gradients": vmap,
    "pmap": pmap,
    "scan, cond": scan_and_cond,
    "custom_vjp": custom_vjp,
    "checkpoint, policies by name": checkpoint,
    "names in profiles": profile_names,
    "ahead of time": ahead_of_time,
    "export": exported,
    "a platform without rules": unknown_platform,
    "strict dtype promotion": strict_dtypes,
    "strict rank promotion": strict_ranks,
    "debug_nans, debug_infs": debug_nans,
    "debug_key_reuse": key_reuse,
    "jet": jet_of_order_2,
    "checkify, indices": checkify_indices,
    "checkify, NaN": checkify_nan,
    "sparsify": sparsify,
}
AS_LAX, DENSE, MOVES = "`as_lax`", "dense", "moves"
# What differs from "yes".
WAYS = {
    ("jet", "scale_and_translate"): AS_LAX,
    ("jet", "crop_and_resize"): AS_LAX,
    ("jet", "the same, max_grid"): AS_LAX,
    ("jet", "sample_position_embedding"): AS_LAX,
    ("linearize, linear_transpose", "sample_position_embedding"): AS_LAX,
    **{("checkify, indices", name): AS_LAX for name in TRACED},
    **{("checkify, NaN", name): AS_LAX for name in FUNCTIONS},
    ("checkify, NaN", "pixel_shuffle"): MOVES,
    ("checkpoint, policies by name", "pixel_shuffle"): MOVES,
    ("names in profiles", "pixel_shuffle"): MOVES,
    ("checkpoint, policies by name", "resize_position_embedding"): "yes",
    **{("sparsify", name): DENSE for name in TRACED},
    ("sparsify", "`resize`, where"): DENSE,
    ("sparsify", "resize_position_embedding"): DENSE,
    ("sparsify", "sample_position_embedding"): DENSE,
}


def way(transform: str, function: str) -> str:
    return WAYS.get((transform, function), "yes")


def table() -> str:
    """The table as the page has it."""
    rows = [["", *(f"`{name}`" if " " not in name else name for name in FUNCTIONS)]]
    rows += [["---", *[":-:"] * len(FUNCTIONS)]]
    rows += [[name, *(way(name, function) for function in FUNCTIONS)] for name in TRANSFORMS]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def main() -> None:
    """Write the table in the page anew."""
    before, _, rest = PAGE.read_text().partition(START)
    PAGE.write_text(before + START + table() + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
