"""Train a small super-resolution network with jaxup's bicubic as its skip path.

    python examples/super_resolution.py --steps 1500 --out build/super_resolution

The network only learns what bicubic interpolation leaves out, so it starts at bicubic's quality and
climbs. Pictures come from scikit-image's package: nothing is downloaded. Writes ``loss.png``,
``comparison.png`` and ``result.json`` into the folder, and prints the PSNR on pictures that the
network has not seen. Needs flax, optax, scikit-image, matplotlib and rich.
"""

from __future__ import annotations

import argparse
import itertools
import json
import pathlib

import jax
import jax.numpy as jnp
import matplotlib
import numpy as np
import optax
import skimage.data
from flax import nnx
from rich.progress import track

import jaxup
from jaxup.layers.nnx import PixelShuffle, Upsample

matplotlib.use("Agg")
from matplotlib import pyplot as plt

SCALE = 2
TRAINING = ("astronaut", "coffee", "rocket", "hubble_deep_field")
HELD_OUT = ("chelsea", "motorcycle_left")


def picture(name: str) -> np.ndarray:
    """A picture of scikit-image's, float32 in [0, 1], cut to an even size."""
    folder = pathlib.Path(skimage.data.__file__).parent
    [file] = folder.glob(f"{name}.*")
    pixels = plt.imread(file)[..., :3]
    pixels = pixels / np.float32(255) if pixels.dtype == np.uint8 else pixels
    height, width = (n // SCALE * SCALE for n in pixels.shape[:2])
    return np.asarray(pixels[:height, :width], np.float32)


def shrink(x: jax.Array) -> jax.Array:
    """The low-resolution picture that the network is asked to undo."""
    return jaxup.upsample(x, 1 / SCALE, "bicubic", antialias=True)


class SuperResolution(nnx.Module):
    """Bicubic plus a learned residual, computed at low resolution and shuffled up.

    Args:
      features: channels of the hidden convolutions.
      depth: how many there are.
    """

    def __init__(self, features: int, depth: int, *, rngs: nnx.Rngs):
        widths = [3] + [features] * depth
        self.hidden = nnx.List(
            nnx.Conv(i, o, (3, 3), rngs=rngs) for i, o in itertools.pairwise(widths)
        )
        zeros = nnx.initializers.zeros  # the residual starts at nothing: training starts at bicubic
        self.residual = nnx.Conv(
            features, 3 * SCALE**2, (3, 3), kernel_init=zeros, bias_init=zeros, rngs=rngs
        )
        self.shuffle = PixelShuffle(SCALE)
        self.skip = Upsample(SCALE, "bicubic")

    def __call__(self, low: jax.Array) -> jax.Array:
        x = low - 0.5
        for layer in self.hidden:
            x = nnx.gelu(layer(x))
        return self.skip(low) + self.shuffle(self.residual(x))


def crops(pictures: list[np.ndarray], size: int, count: int, rng: np.random.Generator):
    """Random squares out of random pictures, turned and mirrored; shape (count, size, size, 3)."""
    batch = []
    for _ in range(count):
        source = pictures[rng.integers(len(pictures))]
        top, left = (rng.integers(n - size + 1) for n in source.shape[:2])
        crop = np.rot90(source[top : top + size, left : left + size], rng.integers(4))
        batch.append(crop[:, ::-1] if rng.integers(2) else crop)
    return jnp.asarray(np.stack(batch))


@nnx.jit
def train_step(model: SuperResolution, optimizer: nnx.Optimizer, high: jax.Array) -> jax.Array:
    """One step of Adam on the mean absolute error; returns it over bicubic's on the same crops."""
    low = shrink(high)

    def loss(model):
        return jnp.abs(model(low) - high).mean()

    value, gradients = nnx.value_and_grad(loss)(model)
    optimizer.update(model, gradients)
    return value / jnp.abs(model.skip(low) - high).mean()


def psnr(x: jax.Array, truth: jax.Array) -> float:
    """Peak signal-to-noise ratio in dB of values clipped to [0, 1]."""
    return float(-10 * jnp.log10(jnp.mean((jnp.clip(x, 0, 1) - truth) ** 2)))


def train(steps: int, *, batch: int = 16, size: int = 48, seed: int = 0):
    """The trained model and the loss of every step, relative to bicubic's."""
    rng = np.random.default_rng(seed)
    model = SuperResolution(features=32, depth=4, rngs=nnx.Rngs(seed))
    schedule = optax.warmup_cosine_decay_schedule(0, 4e-3, steps // 10, steps)
    optimizer = nnx.Optimizer(model, optax.adam(schedule), wrt=nnx.Param)
    pictures = [picture(name) for name in TRAINING]
    losses = [
        train_step(model, optimizer, crops(pictures, size, batch, rng))
        for _ in track(range(steps), "training")
    ]
    return model, np.asarray(losses)


def evaluate(model: SuperResolution) -> dict[str, dict[str, float]]:
    """PSNR in dB on each held-out picture: plain bicubic against the network."""
    result = {}
    for name in HELD_OUT:
        high = jnp.asarray(picture(name))[None]
        low = shrink(high)
        result[name] = {
            "bicubic": psnr(jaxup.upsample(low, SCALE, "bicubic"), high),
            "network": psnr(model(low), high),
        }
    return result


def draw_loss(losses: np.ndarray, file: pathlib.Path) -> None:
    """The relative loss of every step, and its running mean over 50."""
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    axes.plot(losses, color="0.8", linewidth=0.8, label="each step")
    window = min(50, len(losses))
    smooth = np.convolve(losses, np.ones(window) / window, "valid")
    axes.plot(np.arange(len(smooth)) + window - 1, smooth, label=f"mean of {window}")
    axes.set(xlabel="step", ylabel="mean absolute error / bicubic's")
    axes.legend()
    figure.savefig(file, dpi=120)
    plt.close(figure)


def draw_comparison(model: SuperResolution, file: pathlib.Path) -> None:
    """A detail of the first held-out picture: as the network sees it, bicubic, network, truth."""
    top, left, size = 80, 120, 128
    high = jnp.asarray(picture(HELD_OUT[0]))[None]
    low = shrink(high)
    panels = {
        "low resolution": jaxup.upsample(low, SCALE, "nearest"),
        "bicubic": jaxup.upsample(low, SCALE, "bicubic"),
        "network": model(low),
        "truth": high,
    }
    figure, axes = plt.subplots(1, len(panels), figsize=(12, 3.9), layout="constrained")
    for axis, (title, pixels) in zip(axes, panels.items(), strict=True):
        axis.imshow(np.clip(pixels[0, top : top + size, left : left + size], 0, 1))
        note = "" if title in ("truth", "low resolution") else f"\n{psnr(pixels, high):.2f} dB"
        axis.set_title(title + note)
        axis.axis("off")
    figure.savefig(file, dpi=120)
    plt.close(figure)


def main(arguments: list[str] | None = None) -> dict:
    """Train, evaluate, write the pictures; returns what goes into ``result.json``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=1500, help="training steps (1500)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build/super_resolution"))
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    model, losses = train(options.steps)
    tenth = max(1, len(losses) // 10)
    result = {
        "steps": options.steps,
        "loss": {"first": float(losses[:tenth].mean()), "last": float(losses[-tenth:].mean())},
        "psnr": evaluate(model),
    }
    draw_loss(losses, options.out / "loss.png")
    draw_comparison(model, options.out / "comparison.png")
    (options.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    for name, found in result["psnr"].items():
        print(f"{name}: bicubic {found['bicubic']:.2f} dB, network {found['network']:.2f} dB")
    print(f"wrote loss.png, comparison.png and result.json into {options.out}")
    return result


if __name__ == "__main__":
    main()
