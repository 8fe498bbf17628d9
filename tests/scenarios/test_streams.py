"""Standard output holds what the program says, and nothing that compiled code prints."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import os
from teig.scenarios.cli.streams import keep_output_clean
print("before")
keep_output_clean()
os.write(1, b"noise")
print("größer, {}".format(7))
"""


def test_only_python_writes_to_standard_output() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", PROGRAM], capture_output=True, check=True
    )
    assert done.stdout.decode().splitlines() == ["before", "größer, 7"]
    assert done.stderr == b""


def test_closed_output_is_left_alone() -> None:
    program = "import os; os.close(1)\n" + PROGRAM.split("print")[0] + "keep_output_clean()"
    done = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, check=True)
    assert done.stderr == b""
