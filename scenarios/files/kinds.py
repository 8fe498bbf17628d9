"""Kinds of values of a scenario file, and what all sections have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict

from .entries import WrittenFloat, WrittenInt


class Section(BaseModel):
    """Settings that belong together: frozen, and closed against unknown keys."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )


def as_written(value: Any) -> Any:
    """Return a number as the text that stands in the file: an id, ``0301``, stays itself."""
    return value.text if isinstance(value, WrittenInt | WrittenFloat) else value


def path_alone(value: Any) -> Any:
    """Read ``units.csv`` as ``{path: units.csv}``."""
    return {"path": value} if isinstance(value, str) else value


def as_list(value: Any) -> Any:
    """Read one thing as a list of one."""
    return value if isinstance(value, list | tuple) or value is None else [value]


def as_value(value: Any) -> Any:
    """Read a number as ``{value: …}``."""
    return value if isinstance(value, Mapping | BaseModel) else {"value": value}


Text = Annotated[str, BeforeValidator(as_written, json_schema_input_type=str)]
Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Share = Annotated[float, Strict(), Field(ge=0, le=1)]
Positive = Annotated[float, Strict(), Field(gt=0)]
NotNegative = Annotated[float, Strict(), Field(ge=0)]
Texts = Annotated[
    tuple[Text, ...], BeforeValidator(as_list, json_schema_input_type=tuple[Text, ...] | str)
]
