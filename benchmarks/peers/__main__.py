"""``python -m benchmarks.peers``."""

from __future__ import annotations

import sys

from benchmarks.peers.command import main

if __name__ == "__main__":
    sys.exit(main())
