"""Compile for an NVIDIA GPU on a machine without one. The text below describes the GPU."""

from __future__ import annotations

import dataclasses
import functools
import re
import time
from collections.abc import Callable
from typing import Any

import jax
from jax.typing import DTypeLike

from benchmarks.measure.cells import Shape
from benchmarks.measure.kernels import Kernel, kernels

INSTALL = "pip install jax-cuda12-plugin=={0} jax-cuda12-pjrt=={0} nvidia-cuda-nvcc-cu12"
_INDEXED = re.compile(r" (gather|scatter|select-and-scatter)\(")


@dataclasses.dataclass(frozen=True)
class Gpu:
    """What the compiler is told of a GPU, from its data sheet.

    Args:
      name: as the driver gives it.
      capability: the compute capability; a third part is its feature extension.
      cores: streaming multiprocessors.
      lanes: float32 units of a core.
      shared_bytes: shared memory of a core.
      bandwidth: bytes per second of the device's memory.
      cache_bytes: the second-level cache.
      clock_ghz: the highest clock.
      memory_bytes: the device's memory.
    """

    name: str
    capability: tuple[int, int, str]
    cores: int
    lanes: int
    shared_bytes: int
    bandwidth: int
    cache_bytes: int
    clock_ghz: float
    memory_bytes: int


GPUS = {
    "h100": Gpu(
        name="NVIDIA H100 80GB HBM3",
        capability=(9, 0, "ACCELERATED_FEATURES"),
        cores=132,
        lanes=128,
        shared_bytes=228 << 10,
        bandwidth=3_352_000_000_000,
        cache_bytes=50 << 20,
        clock_ghz=1.98,
        memory_bytes=80 << 30,
    ),
    "a100": Gpu(
        name="NVIDIA A100-SXM4-80GB",
        capability=(8, 0, "NONE"),
        cores=108,
        lanes=64,
        shared_bytes=164 << 10,
        bandwidth=2_039_000_000_000,
        cache_bytes=40 << 20,
        clock_ghz=1.41,
        memory_bytes=80 << 30,
    ),
}


def target_config(gpu: Gpu) -> str:
    """Return the GPU's description, the text form of XLA's GpuTargetConfigProto."""
    major, minor, features = gpu.capability
    return f"""
platform_name: "CUDA"
device_description_str: "{gpu.name}"
dnn_version_info {{ major: 9 minor: 10 }}
runtime_version {{ major: 12 minor: 8 }}
gpu_device_info {{
  cuda_compute_capability {{ major: {major} minor: {minor} feature_extension: {features} }}
  core_count: {gpu.cores}
  fpus_per_core: {gpu.lanes}
  clock_rate_ghz: {gpu.clock_ghz}
  memory_bandwidth: {gpu.bandwidth}
  l2_cache_size: {gpu.cache_bytes}
  device_memory_size: {gpu.memory_bytes}
  shared_memory_per_core: {gpu.shared_bytes}
  shared_memory_per_block: {48 << 10}
  shared_memory_per_block_optin: {gpu.shared_bytes - (1 << 10)}
  registers_per_core_limit: 65536 registers_per_block_limit: 65536
  threads_per_warp: 32 threads_per_block_limit: 1024 threads_per_core_limit: 2048
  thread_dim_limit_x: 1024 thread_dim_limit_y: 1024 thread_dim_limit_z: 64
  block_dim_limit_x: 2147483647 block_dim_limit_y: 65535 block_dim_limit_z: 65535
}}
"""


@functools.cache
def gpu_sharding(gpu: str) -> jax.sharding.SingleDeviceSharding:
    """Return a sharding on a described GPU, by its key in `GPUS`.

    Raises:
      NotImplementedError: if the CUDA compiler is not installed.
    """
    from jax.experimental import topologies

    try:
        devices = topologies.get_topology_desc(
            f"described-{gpu}", "cuda", target_config=target_config(GPUS[gpu]), topology="1x1x1"
        ).devices
    except NotImplementedError as error:
        raise NotImplementedError(
            f"no CUDA compiler for this jax; {INSTALL.format(jax.__version__)}"
        ) from error
    return jax.sharding.SingleDeviceSharding(devices[0])


@dataclasses.dataclass(frozen=True)
class Compiled:
    """A program compiled for a GPU.

    Args:
      kernels: what it launches.
      temp_bytes: memory besides the argument and the result.
      compile_s: seconds of lowering and compilation.
      indexed: the number of gathers and of scatters in the optimised program.
    """

    kernels: tuple[Kernel, ...]
    temp_bytes: int
    compile_s: float
    indexed: dict[str, int]

    @property
    def bytes_accessed(self) -> int:
        return sum(kernel.bytes for kernel in self.kernels)


def compile_for_gpu(
    function: Callable[..., Any], shape: Shape, dtype: DTypeLike, gpu: str = "h100"
) -> Compiled:
    """Compile a function of one array for a described GPU."""
    argument = jax.ShapeDtypeStruct(shape, dtype, sharding=gpu_sharding(gpu))
    began = time.perf_counter()
    compiled = jax.jit(function).lower(argument).compile()
    seconds = time.perf_counter() - began
    memory, text = compiled.memory_analysis(), compiled.as_text()
    assert memory is not None  # the compiler answers both
    assert text is not None
    indexed = {"gather": 0, "scatter": 0}
    for opcode in _INDEXED.findall(text):
        indexed["scatter" if "scatter" in opcode else "gather"] += 1
    return Compiled(tuple(kernels(text)), memory.temp_size_in_bytes, seconds, indexed)
