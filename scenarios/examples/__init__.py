"""Examples that ship with teig and run as they are."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
SCENARIO_FILE = "scenario.yaml"


def example_names() -> tuple[str, ...]:
    """Names of the shipped examples, sorted.

    >>> example_names()
    ('midwest',)
    """
    return tuple(sorted(file.parent.name for file in FOLDER.glob(f"*/{SCENARIO_FILE}")))


def example(name: str) -> Path:
    """Scenario file of a shipped example, for :func:`teig.scenarios.load`.

    Raises
    ------
    ValueError
        For a name that is not shipped; its text lists those that are.
    """
    if name not in example_names():
        raise ValueError(f"there is no example {name!r}; there are {', '.join(example_names())}")
    return FOLDER / name / SCENARIO_FILE
