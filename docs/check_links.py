"""Looks for dead links in the built site with LinkChecker: ``python docs/check_links.py``.

Links to other hosts are not followed. The command `linkchecker`, run by root, becomes the user
nobody, who may not be allowed to read the site. Here it stays who it is.
"""

import sys
from pathlib import Path

from linkcheck.command import linkchecker

ROOT = Path(__file__).parents[1]

if __name__ == "__main__":
    linkchecker.drop_privileges = lambda: None
    config = ROOT / "docs" / "linkchecker.ini"
    sys.argv[1:] = ["--config", str(config), str(ROOT / "site" / "index.html")]
    linkchecker.linkchecker()
