"""The types of the numbers that a user passes for the spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

Real = float | np.floating[Any] | np.integer[Any]
Whole = int | np.integer[Any]
Scale = Real | Sequence[Real] | np.ndarray[Any, Any]
Size = Whole | Sequence[Whole] | np.ndarray[Any, Any]
Factor = Whole | Sequence[Whole] | np.ndarray[Any, Any]
Axes = Whole | Sequence[Whole]
Pairs = Sequence[Sequence[Real]] | Sequence[Real] | np.ndarray[Any, Any]
