"""`compat.torch.grid_sample` and `affine_grid` against a live PyTorch."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxup.compat.torch import affine_grid, grid_sample

torch = pytest.importorskip("torch")

PADDINGS = ("zeros", "border", "reflection")
CALLS = [
    *itertools.product((2,), ("bilinear", "nearest", "bicubic"), PADDINGS, (False, True)),
    *itertools.product((3,), ("bilinear", "nearest"), PADDINGS, (False, True)),
]


def answers(x, grid, cotangent, *options):
    """PyTorch's value, and its gradients in the input and the grid."""
    x, grid = (torch.tensor(each, requires_grad=True) for each in (x, grid))
    y = torch.nn.functional.grid_sample(x, grid, *options)
    gradients = torch.autograd.grad(y, (x, grid), torch.from_numpy(cotangent), allow_unused=True)
    return y.detach().numpy(), *(0 if each is None else each.numpy() for each in gradients)


@pytest.mark.parametrize(("rank", "mode", "padding", "corners"), CALLS)
def test_values_and_gradients(rank, mode, padding, corners):
    """Points within, outside, and on pixels or borders.

    With powers of two for sizes these have exact positions, and a derivative has one side.
    """
    draw = np.random.default_rng(rank)
    sizes, count = ((4, 2), (5, 6)) if rank == 2 else ((2, 4, 2), (3, 2, 5))
    x = draw.normal(size=(2, 3, *sizes)).astype(np.float32)
    anywhere = draw.uniform(-2.6, 2.6, (2, *count, rank))
    halves = draw.integers(-12, 13, (2, *count, rank)) / np.array(sizes[::-1]) / 2
    grid = np.concatenate([anywhere, halves], 1).astype(np.float32)
    shape = (2, 3, *grid.shape[1:-1])
    cotangent = draw.normal(size=shape).astype(np.float32)
    wanted = answers(x, grid, cotangent, mode, padding, corners)

    @jax.jit
    def found(x, grid, cotangent):
        y, pull = jax.vjp(lambda x, grid: grid_sample(x, grid, mode, padding, corners), x, grid)
        return y, *pull(cotangent)

    for got, expected in zip(found(x, grid, cotangent), wanted, strict=True):
        np.testing.assert_allclose(got, expected, rtol=2e-5, atol=1e-5)


@pytest.mark.parametrize(("rank", "mode", "padding", "corners"), CALLS[:18])
def test_coordinates_that_are_not_finite(rank, mode, padding, corners):
    x = np.arange(1, 13, dtype=np.float32).reshape(1, 1, 3, 4)
    grid = np.zeros((1, 1, 6, 2), np.float32)
    grid[0, 0, :4] = [(np.nan, 0), (np.inf, 0), (-np.inf, 0.3), (0, np.nan)]
    wanted = torch.nn.functional.grid_sample(
        torch.from_numpy(x), torch.from_numpy(grid), mode, padding, corners
    )
    got, pull = jax.vjp(lambda x: grid_sample(x, grid, mode, padding, corners), jnp.asarray(x))
    np.testing.assert_allclose(got, wanted.numpy(), atol=1e-6)
    assert jnp.isfinite(pull(jnp.ones_like(got))[0]).all()


@pytest.mark.filterwarnings("ignore:Since version 1.3.0")  # one pixel between corners
@pytest.mark.parametrize("corners", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 3, 1, 5), (2, 1, 3, 4, 5), (2, 1, 1, 1, 2)])
def test_grids_of_affine_maps(size, corners):
    rank = len(size) - 2
    theta = np.random.default_rng(0).normal(size=(2, rank, rank + 1)).astype(np.float32)
    wanted = torch.nn.functional.affine_grid(torch.from_numpy(theta), size, corners).numpy()
    np.testing.assert_allclose(affine_grid(theta, size, corners), wanted, atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "grid", "options"),
    [
        ((1, 1, 4, 4), (1, 2, 2, 3), {}),
        ((1, 1, 4, 4), (2, 2, 2, 2), {}),
        ((1, 1, 4, 4), (1, 2, 2, 2, 3), {}),
        ((1, 4, 4), (1, 2, 1), {}),
        ((1, 1, 4, 4, 4), (1, 2, 2, 2, 3), {"mode": "bicubic"}),
        ((1, 1, 4, 4), (1, 2, 2, 2), {"mode": "linear"}),
        ((1, 1, 4, 4), (1, 2, 2, 2), {"padding_mode": "edge"}),
        ((1, 1, 0, 4), (1, 2, 2, 2), {}),
    ],
)
def test_refuses_what_torch_refuses(shape, grid, options):
    options = {"align_corners": False} | options
    with pytest.raises((ValueError, RuntimeError)):
        torch.nn.functional.grid_sample(torch.ones(shape), torch.zeros(grid), **options)
    with pytest.raises((ValueError, NotImplementedError), match=r"compat\.torch\.grid_sample: "):
        grid_sample(jnp.ones(shape), jnp.zeros(grid), **options)
