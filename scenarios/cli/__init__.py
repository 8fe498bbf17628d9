"""The command line: ``teig run``, ``check``, ``evaluate``, ``new``, ``schema``."""

from __future__ import annotations


def main() -> None:
    """Run the program; the process ends with the contract's exit status."""
    from .app import run_app

    run_app()


__all__ = ["main"]
