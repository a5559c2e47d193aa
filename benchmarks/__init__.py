"""Measurements of jaxup against everything a user would pick instead: ``python -m benchmarks``."""
