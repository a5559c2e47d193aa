"""How a banded map is computed: a strategy a file, each ``apply(x, operator, axis)`` in pure lax."""
