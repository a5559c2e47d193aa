"""PyTorch's weights for Flax models whose modules have PyTorch's names."""

import jax
import jax.numpy as jnp
from flax import nnx

NAMES = {"kernel": "weight", "scale": "weight", "mean": "running_mean", "var": "running_var"}
"""PyTorch's names of the leaves that Flax calls otherwise."""

COUNTERS = "num_batches_tracked"
"""What PyTorch's batch norms count, and Flax's do not have."""


def converted(path, weights):
    """The leaf at ``path``, such as ("up1", "conv1", "kernel"), as PyTorch calls and orders it."""
    *modules, leaf = map(str, path)
    name = ".".join([*modules, NAMES.get(leaf, leaf)])
    value = weights[name].detach().numpy()
    if leaf == "kernel" and value.ndim == 4:
        value = value.transpose(2, 3, 1, 0)  # out, in, height, width -> height, width, in, out
    elif leaf == "kernel":
        value = value.T  # out, in -> in, out
    elif value.ndim == 4:
        value = value.transpose(0, 2, 3, 1)  # a picture: channels last
    return name, jnp.asarray(value)


def _same_shape(name, shape, value):
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {value.shape}")


def _all_used(used, weights):
    left = sorted(name for name in set(weights) - set(used) if not name.endswith(COUNTERS))
    if left:
        raise ValueError(f"weights without a place in the model: {', '.join(left)}")


def nnx_model(build, weights):
    """The NNX model that ``build()`` makes, with a ``state_dict()`` in place of random numbers."""
    used = []

    def leaf(path, variable):
        name, value = converted(path, weights)
        _same_shape(name, variable.shape, value)
        used.append(name)
        return variable.replace(value)

    graph, state = nnx.split(nnx.eval_shape(build))
    state = nnx.map_state(leaf, state)
    _all_used(used, weights)
    return nnx.merge(graph, state)


def linen_variables(model, x, weights):
    """The variables of a Linen model, for input like ``x``, from a ``state_dict()``."""
    used = []

    def leaf(path, shape):
        name, value = converted([key.key for key in path[1:]], weights)  # [0]: the collection
        _same_shape(name, shape.shape, value)
        used.append(name)
        return value

    variables = jax.tree.map_with_path(leaf, jax.eval_shape(model.init, jax.random.key(0), x))
    _all_used(used, weights)
    return variables
