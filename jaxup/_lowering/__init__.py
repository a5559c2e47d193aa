"""How a banded map is computed: one strategy a file, each ``apply(x, operator, axis)`` in pure lax."""
