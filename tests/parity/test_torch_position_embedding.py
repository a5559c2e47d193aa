"""Position embeddings against the arithmetic of timm, DINOv2 and MAE, run by PyTorch itself."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jaxup

torch = pytest.importorskip("torch")

RNG = np.random.default_rng(0)


def in_torch(table, grid, prefix, **options):
    """The rows after the prefix through torch's interpolate, as the checkpoints' code does."""
    head, rest = table[:, :prefix], torch.from_numpy(table[:, prefix:].copy())
    rest = rest.reshape(1, *grid, -1).permute(0, 3, 1, 2)
    rest = torch.nn.functional.interpolate(rest, mode="bicubic", **options)
    rest = rest.permute(0, 2, 3, 1).flatten(1, 2)
    return np.concatenate([head, rest.numpy()], 1)


GRIDS = [((14, 14), (16, 24)), ((14, 14), (7, 10)), ((5, 9), (9, 5)), ((4, 4), (4, 6))]


@pytest.mark.parametrize("prefix", [0, 1, 5])
def test_timm_and_mae(prefix):
    for old, new in GRIDS:
        table = RNG.uniform(size=(1, prefix + old[0] * old[1], 6)).astype(np.float32)
        for antialias in (True, False):
            expected = in_torch(table, old, prefix, size=new, antialias=antialias)
            result = jaxup.resize_position_embedding(
                table, old, new, prefix=prefix, antialias=antialias
            )
            np.testing.assert_allclose(result, expected, rtol=0, atol=2e-6)
            np.testing.assert_array_equal(result[:, :prefix], table[:, :prefix])


def test_dinov2_offset():
    for old, new in GRIDS:
        table = RNG.uniform(size=(1, 1 + old[0] * old[1], 6)).astype(np.float32)
        scale = tuple((n + 0.1) / o for n, o in zip(new, old, strict=True))
        for antialias in (True, False):
            expected = in_torch(table, old, 1, scale_factor=scale, antialias=antialias)
            result = jaxup.resize_position_embedding(
                table, old, new, offset=0.1, antialias=antialias
            )
            np.testing.assert_allclose(result, expected, rtol=0, atol=2e-6)


def test_a_grid_per_example():
    old, largest = (7, 5), (12, 9)
    table = RNG.uniform(size=(1 + 35, 4)).astype(np.float32)
    grids = [(12, 9), (7, 5), (3, 8), (1, 1)]
    for antialias in (True, False):

        def one(grid, antialias=antialias):
            return jaxup.resize_position_embedding(
                table, old, grid, max_grid=largest, antialias=antialias
            )

        batch = jax.jit(jax.vmap(one))(jnp.asarray(grids))
        for result, (rows, columns) in zip(batch, grids, strict=True):
            expected = in_torch(table[None], old, 1, size=(rows, columns), antialias=antialias)[0]
            np.testing.assert_array_equal(result[:1], expected[:1])
            padded = np.zeros((*largest, 4), np.float32)
            padded[:rows, :columns] = expected[1:].reshape(rows, columns, 4)
            np.testing.assert_allclose(result[1:].reshape(*largest, 4), padded, rtol=0, atol=2e-6)


@pytest.mark.parametrize("mode", ["bilinear", "bicubic"])
def test_naflex_resizes_for_every_example(mode):
    """SigLIP 2 and timm's NaFlexVit: an antialiased resize for each image, padded to one length."""
    table = RNG.uniform(size=(1, 36, 5)).astype(np.float32)
    grids = np.array([[4, 7], [9, 3], [6, 6], [1, 2]])
    patches = np.stack(np.divmod(np.arange(40), grids[:, 1:]), -1)
    result = jax.jit(
        lambda *a: jaxup.sample_position_embedding(table, 6, *a, prefix=0, method=mode)
    )(grids, patches)
    square = torch.from_numpy(table).reshape(1, 6, 6, 5).permute(0, 3, 1, 2)
    for ours, grid in zip(result, grids, strict=True):
        theirs = torch.nn.functional.interpolate(square, tuple(grid), mode=mode, antialias=True)
        rows = theirs[0].flatten(1).T.numpy()
        np.testing.assert_allclose(ours[: len(rows)], rows, rtol=0, atol=1e-5)
        assert (ours[len(rows) :] == 0).all()
