"""How a banded map is computed: a strategy a file, ``apply(x, operator, axis)`` in pure lax."""
