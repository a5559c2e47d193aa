"""`resize_matrix`: a resize along one axis as a dense matrix, and its pseudo-inverse."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any, NamedTuple, Never

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from jaxup import kernels
from jaxup._arguments.call import Call, quoted
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.number_types import Whole
from jaxup._arguments.sizes import check_static, checked_size
from jaxup._arguments.torch_methods import MethodName, plan
from jaxup._recipe.axis import AxisSpec

_NAME = "jaxup.resize_matrix"

MOST_ENTRIES = 2**24  # 128 MiB in float64; the pseudo-inverse takes several times that


class ResizeMatrix(NamedTuple):
    """A resize as ``y = matrix @ x``, and the way back, ``x = pseudo_inverse @ y``.

    Args:
      matrix: shape (out_size, in_size).
      pseudo_inverse: Moore and Penrose's, shape (in_size, out_size).
    """

    matrix: jax.Array
    pseudo_inverse: jax.Array


@named
def resize_matrix(
    in_size: Whole,
    out_size: Whole,
    method: MethodName | kernels.Kernel = "cubic",
    *,
    align_corners: bool = False,
    antialias: bool = False,
    dtype: DTypeLike = np.float32,
    **unknown: Never,
) -> ResizeMatrix:
    """The dense matrix of `jaxup.upsample` along one axis, with its pseudo-inverse.

    For the few places where a matrix is wanted: a resize of several axes is the Kronecker product
    of theirs, and so is its pseudo-inverse. Weights ``w`` of patches of ``p`` pixels that are to
    give the same products with patches of ``q`` become ``B^+T w`` with ``B`` the resize from p to
    q pixels (FlexiViT's PI-resize): ``einsum("hp,wq,hw...->pq...", P, P, w)`` for
    ``P = resize_matrix(p, q).pseudo_inverse``.

    Args:
      in_size, out_size: pixels before and after, with a product of at most 2**24.
      method, align_corners, antialias: as in `jaxup.upsample`.
      dtype: of the result. The matrices are computed in float64.

    Returns:
      ``(matrix, pseudo_inverse)``, of shapes (out_size, in_size) and (in_size, out_size).

    Raises:
      ValueError: for arguments out of range or that do not fit together.
      TypeError: for arguments of the wrong type.

    Example:
      >>> import jaxup
      >>> matrix, back = jaxup.resize_matrix(2, 4, "linear")
      >>> matrix
      Array([[1.  , 0.  ],
             [0.75, 0.25],
             [0.25, 0.75],
             [0.  , 1.  ]], dtype=float32)
      >>> abs(back @ matrix).round(3)
      Array([[1., 0.],
             [0., 1.]], dtype=float32)

    Source: L. Beyer et al., "FlexiViT: one model for all patch sizes", CVPR 2023, section 3.4.
    """
    if unknown:
        raise unknown_keyword(resize_matrix, unknown)
    call = Call(_NAME, (), (("size", "out_size"),))
    dtype = _checked_dtype(call, dtype)
    out_size = _pixels(call, "out_size", out_size)
    in_size = _pixels(call, "in_size", in_size)
    call = call._replace(shape=(in_size,))
    double = np.dtype(np.float64)
    options: dict[str, Any] = {"align_corners": align_corners, "antialias": antialias}
    if in_size * out_size > MOST_ENTRIES:
        rule = f"in_size times out_size to be at most {MOST_ENTRIES}, for a dense matrix"
        advice = "Use jaxup.upsample, which needs none."
        raise call.value_error(rule, f"{in_size} * {out_size}", advice)
    resample = plan(call, double, scale=None, size=out_size, axes=0, method=method, **options)
    (spec,) = resample.specs or (None,)
    assert spec is None or isinstance(spec, AxisSpec)
    dense = spec.build().to_dense() if spec else np.eye(in_size)
    return ResizeMatrix(jnp.asarray(dense, dtype), jnp.asarray(np.linalg.pinv(dense), dtype))


def _pixels(call: Call, option: str, value: Any) -> int:
    check_static(call, option, value, f"Make {option} static: it decides a shape.")
    pixels = call.integer(f"{option} in whole pixels", value, "Pass an int.")
    return checked_size(call._replace(typed=(("size", option),)), pixels)


def _checked_dtype(call: Call, dtype: Any) -> np.dtype[Any]:
    advice = "Use jnp.float32."
    try:
        checked = None if dtype is None or isinstance(dtype, jax.Array) else np.dtype(dtype)
    except (TypeError, ValueError):
        checked = None
    if checked is None or not jnp.issubdtype(checked, jnp.floating):
        raise call.type_error("dtype to be a floating-point one", quoted(dtype), advice)
    return checked
