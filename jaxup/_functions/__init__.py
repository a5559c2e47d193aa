"""The public functions, one a file: a docstring, the arguments checked, a recipe, a run."""
