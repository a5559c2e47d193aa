"""``python -m jaxup``: the same as the ``jaxup`` command."""

import sys

from jaxup.cli import main

sys.exit(main())
