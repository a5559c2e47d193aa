"""`resize_matrix`: a resize along one axis as a dense matrix, and its pseudo-inverse."""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

from typing import Any, NamedTuple, Never

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import DTypeLike

from jaxup import kernels
from jaxup._arguments.call import Call
from jaxup._arguments.keywords import named, unknown_keyword
from jaxup._arguments.number_types import Whole
from jaxup._arguments.sizes import checked_size, static_numbers
from jaxup._arguments.torch_methods import MethodName, plan
from jaxup._recipe.axis import AxisSpec

_NAME = "jaxup.resize_matrix"


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
      in_size, out_size: pixels before and after.
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
    call = Call(_NAME, (in_size,), (("size", "out_size"),))
    dtype = np.dtype(dtype)
    if not jnp.issubdtype(dtype, jnp.floating):
        raise call.type_error("a floating-point dtype", f"dtype={dtype}", "Use jnp.float32.")
    out_size = static_numbers(call, size=out_size)["size"]
    call = call._replace(typed=(("size", "in_size"),))
    checked = checked_size(call, static_numbers(call, size=in_size)["size"])
    call = Call(_NAME, (checked,), (("size", "out_size"),))
    double = np.dtype(np.float64)
    options: dict[str, Any] = {"align_corners": align_corners, "antialias": antialias}
    resample = plan(call, double, scale=None, size=out_size, axes=0, method=method, **options)
    dense = np.eye(checked)
    for spec in resample.specs:
        assert isinstance(spec, AxisSpec)
        dense = spec.build().to_dense()
    return ResizeMatrix(jnp.asarray(dense, dtype), jnp.asarray(np.linalg.pinv(dense), dtype))
