"""Per-example gradients and a Jacobian-vector product through a batch of random crops.

    python examples/random_crops.py

Each example crops its own square out of its own picture, doubles it, and compares it with a target.
``jax.vmap`` makes the batch; ``jax.grad`` inside it gives one gradient per example; ``jax.jvp``
says how the result moves when every picture brightens. Prints the numbers that show both right.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

import jaxup

CROP = 16


def doubled_crop(picture: jax.Array, corner: jax.Array) -> jax.Array:
    """A square of the picture at a traced corner, doubled; shape (32, 32, channels)."""
    top, left = corner
    crop = jax.lax.dynamic_slice(picture, (top, left, 0), (CROP, CROP, picture.shape[-1]))
    return jaxup.upsample(crop, 2, "bicubic")


def loss(picture: jax.Array, corner: jax.Array, target: jax.Array) -> jax.Array:
    """Half the squared distance between an example's doubled crop and its target."""
    return 0.5 * jnp.sum((doubled_crop(picture, corner) - target) ** 2)


@jax.jit
def per_example_gradients(pictures, corners, targets):
    """The gradient of each example's own loss; shape (batch, height, width, channels)."""
    return jax.vmap(jax.grad(loss))(pictures, corners, targets)


@jax.jit
def brightened(pictures, corners, direction):
    """The doubled crops, and their change along a direction in the space of pictures."""
    doubled = jax.vmap(doubled_crop)
    return jax.jvp(lambda x: doubled(x, corners), (pictures,), (direction,))


def main() -> dict[str, float]:
    """Run both on random pictures; returns the errors against a second way to the same numbers."""
    keys = jax.random.split(jax.random.key(0), 3)
    pictures = jax.random.uniform(keys[0], (8, 48, 40, 3))
    corners = jax.random.randint(keys[1], (8, 2), 0, 40 - CROP + 1)
    targets = jax.random.uniform(keys[2], (8, 2 * CROP, 2 * CROP, 3))

    gradients = per_example_gradients(pictures, corners, targets)
    one_by_one = jnp.stack(
        [jax.grad(loss)(*example) for example in zip(pictures, corners, targets, strict=True)]
    )
    outside = jnp.ones(pictures.shape[:3], bool)
    for n, (top, left) in enumerate(corners):
        outside = outside.at[n, top : top + CROP, left : left + CROP].set(False)

    _, change = brightened(pictures, corners, jnp.ones_like(pictures))
    errors = {
        "gradients against a loop": float(jnp.abs(gradients - one_by_one).max()),
        "gradient outside the crops": float(jnp.abs(gradients * outside[..., None]).max()),
        "brightening by 1 changes by 1": float(jnp.abs(change - 1).max()),
    }
    print(f"gradients {gradients.shape}, changes {change.shape}")
    for name, error in errors.items():
        print(f"{name}: largest error {error:.1e}")
    return errors


if __name__ == "__main__":
    main()
