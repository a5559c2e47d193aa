"""Train a U-Net's block on pictures whose rows lie in two processes, and compare with one device.

    python examples/two_processes.py

Starts itself twice, with two CPU devices in each process: a mesh of 2 for the batch by 2 for the
rows. One process holds the upper half of every picture, the other the lower half, so every resample
and every convolution needs rows from both: jaxup exchanges its own on explicit mesh axes, and XLA
those of the convolutions. Prints the losses of ten steps there and on one device here, and how far
they and the last gradients lie apart.
"""

from __future__ import annotations

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import jaxup

PROCESSES, DEVICES = 2, 2
STEPS, RATE, FEATURES = 10, 0.05, 8
KERNELS = {"fine": (1, FEATURES), "coarse": (FEATURES, FEATURES), "last": (2 * FEATURES, 1)}


def convolve(x: jax.Array, kernel: jax.Array) -> jax.Array:
    """A 3 x 3 convolution that keeps the size."""
    layout = ("NHWC", "HWIO", "NHWC")
    return jax.lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=layout)


def denoise(kernels: dict[str, jax.Array], x: jax.Array) -> jax.Array:
    """A U-Net of one level: down by 2, up by 2, and beside it the features from before."""
    fine = jax.nn.gelu(convolve(x, kernels["fine"]))
    coarse = jaxup.upsample(fine, 0.5, "bilinear", antialias=True)
    coarse = jax.nn.gelu(convolve(coarse, kernels["coarse"]))
    both = jnp.concatenate([fine, jaxup.upsample(coarse, 2, "bilinear")], axis=-1)
    return convolve(both, kernels["last"])


@jax.jit
def step(kernels: dict[str, jax.Array], noisy: jax.Array, clean: jax.Array):
    """The loss, its gradients, and the kernels after a step of gradient descent."""

    def loss(kernels):
        return jnp.mean((denoise(kernels, noisy) - clean) ** 2)

    value, gradients = jax.value_and_grad(loss)(kernels)
    return value, gradients, jax.tree.map(lambda k, g: k - RATE * g, kernels, gradients)


def train(place: Callable[[np.ndarray, P], jax.Array]) -> dict[str, np.ndarray]:
    """The loss of every step, and the last step's gradient of each kernel.

    Args:
      place: makes an array, sharded by a spec over the mesh axes "batch" and "rows".
    """
    random = np.random.default_rng(0)
    row, column = np.ogrid[:32, :48]
    clean = np.sin(random.uniform(0, 6, (4, 1, 1, 1)) + (row / 3 + column / 5)[..., None])
    noisy = clean + random.normal(0, 0.3, clean.shape)
    x, target = (place(array, P("batch", "rows")) for array in (noisy, clean))
    kernels = {
        name: place(random.normal(0, (9 * i) ** -0.5, (3, 3, i, o)), P())
        for name, (i, o) in KERNELS.items()
    }
    losses, gradients = [], {}
    for _ in range(STEPS):
        loss, gradients, kernels = step(kernels, x, target)
        losses.append(float(loss))
    return {"losses": np.array(losses)} | {name: np.asarray(g) for name, g in gradients.items()}


def on_one_device() -> dict[str, np.ndarray]:
    """What `train` returns here, on one CPU device."""
    with jax.default_device(jax.devices("cpu")[0]):
        return train(lambda array, _: jnp.asarray(array, "float32"))


def on_the_mesh(process: int, address: str, file: str) -> None:
    """Train as one of the processes; writes what `train` returns into a file."""
    # The one that started this process holds its standard input open, and it ends with that one.
    threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_num_cpu_devices", DEVICES)
    jax.config.update("jax_cpu_collectives_implementation", "gloo")
    jax.distributed.initialize(address, PROCESSES, process, coordinator_bind_address=address)
    devices = [jax.local_devices(process_index=n) for n in range(PROCESSES)]
    mesh = Mesh(np.transpose(devices), ("batch", "rows"), axis_types=(AxisType.Explicit,) * 2)

    def place(array: np.ndarray, spec: P) -> jax.Array:
        array, sharding = array.astype("float32"), NamedSharding(mesh, spec)
        return jax.make_array_from_callback(array.shape, sharding, lambda index: array[index])

    np.savez(file, allow_pickle=False, **train(place))


def run_together(commands: list[list[str]], seconds: float = 240) -> None:
    """Run commands at once; if one fails or takes too long, end all and raise what they printed."""
    children: list[subprocess.Popen] = []
    end = time.monotonic() + seconds
    with tempfile.TemporaryFile("w+") as output:
        options = {"stdin": subprocess.PIPE, "stdout": output, "stderr": output}
        try:
            for command in commands:
                children.append(subprocess.Popen(command, **options))
            while any(child.poll() != 0 for child in children):
                if any(child.poll() for child in children) or time.monotonic() > end:
                    codes = [child.poll() for child in children]
                    output.seek(0)
                    raise RuntimeError(f"{output.read()}\nThe processes' exit codes: {codes}")
                time.sleep(0.05)
        finally:
            for child in children:
                child.kill()
                child.communicate()


def on_two_processes(attempts: int = 3) -> list[dict[str, np.ndarray]]:
    """What `train` returns in each of two processes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as folder:
        files = [str(pathlib.Path(folder, f"{n}.npz")) for n in range(PROCESSES)]
        own = [sys.executable, __file__]
        try:
            run_together([[*own, str(n), address, file] for n, file in enumerate(files)])
        except RuntimeError as error:  # another program may have taken the port meanwhile
            if attempts > 1 and "Failed to add port" in str(error):
                return on_two_processes(attempts - 1)
            raise
        return [dict(np.load(file)) for file in files]


def main() -> tuple[dict[str, np.ndarray], list[dict[str, np.ndarray]]]:
    """Train both ways and print both; returns what `train` does, here and in each process."""
    one, two = on_one_device(), on_two_processes()
    print("step  two processes  one device")
    for n, losses in enumerate(zip(two[0]["losses"], one["losses"], strict=True), 1):
        print("{:4}  {:13.8f}  {:10.8f}".format(n, *losses))
    for name, wanted in one.items():
        what = name if name == "losses" else f"last gradient of the kernel {name!r}"
        error = max(np.abs(found[name] - wanted).max() for found in two)
        print(f"{what}: greatest difference {error:.1e}, greatest value {np.abs(wanted).max():.1e}")
    return one, two


if __name__ == "__main__":
    if sys.argv[1:]:
        on_the_mesh(int(sys.argv[1]), *sys.argv[2:])
    else:
        main()
