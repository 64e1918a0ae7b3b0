"""`python -m kamdesk`: the desktop."""

from __future__ import annotations

import sys

from kamdesk.app import main

if __name__ == "__main__":
    sys.exit(main())
