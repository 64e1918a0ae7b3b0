"""`python -m kamdesk.headoffice`."""

from __future__ import annotations

import sys

from kamdesk.headoffice.cli import main

sys.exit(main())
