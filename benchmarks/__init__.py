"""Measure jaxup against the libraries that a user would otherwise pick: ``python -m benchmarks``.

``measure/`` holds what is measured and how, ``report/`` the targets and the tables. Each module
beside this one, except `command`, is a command.
"""
