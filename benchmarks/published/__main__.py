"""``python -m benchmarks.published``."""

from __future__ import annotations

import sys

from benchmarks.published.command import main

if __name__ == "__main__":
    sys.exit(main())
