"""Turns what a schema finds into problems with file, line, key, value and what is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from ...models.errors import InputProblem, did_you_mean
from .entries import Entry, Path

_WORDS = {
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be text; put it in quotes if it is meant as text",
    "dict_type": "must be a mapping of keys and values",
    "model_type": "must be a mapping of keys and values",
    "model_attributes_type": "must be a mapping of keys and values",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "finite_number": "must be a finite number",
    "missing": "is needed and missing",
}


def problems_of(
    error: ValidationError,
    root: Entry,
    model: type[BaseModel],
    path: Path = (),
) -> list[InputProblem]:
    """One problem per error of a schema.

    Parameters
    ----------
    root
        The settings that were checked, with their lines.
    model
        The schema, for suggestions.
    path
        Where the checked part stands in the settings.
    """
    return [_problem(each, root, model, path) for each in error.errors(include_url=False)]


def problem_at(root: Entry, path: Path, message: str, value: object = "") -> InputProblem:
    """Return a problem with the setting at a path (or the nearest above it)."""
    origin = root.nearest(path).origin
    return InputProblem(origin.source, origin.place, ".".join(path), str(value), message)


def _problem(
    error: Mapping[str, Any], root: Entry, model: type[BaseModel], prefix: Path
) -> InputProblem:
    path = (*prefix, *_path_in(root, prefix, error["loc"]))
    kind = error["type"]
    value = error["input"]
    if kind == "extra_forbidden":
        known = _known_keys(model, error["loc"][:-1])
        return problem_at(root, path, f"there is no such setting; {did_you_mean(path[-1], known)}")
    if kind == "missing":
        return problem_at(root, path, _WORDS[kind])
    shown = "" if isinstance(value, Mapping | list | tuple | BaseModel) else _as_text(value)
    return problem_at(root, path, _message(kind, error), shown)


def _message(kind: str, error: Mapping[str, Any]) -> str:
    context = error.get("ctx", {})
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "literal_error":
        words = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
        suggestion = did_you_mean(str(error["input"]), words)
        return f"must be one of {', '.join(words)}" + (
            f"; {suggestion}" if suggestion.startswith("did") else ""
        )
    if kind == "value_error":
        return str(context["error"])
    if kind == "string_pattern_mismatch" and context["pattern"] == "^[A-Z]{3}$":
        return "must be a currency's three capital letters (ISO 4217)"
    limits = {
        "greater_than": ("above", "gt"),
        "greater_than_equal": ("at least", "ge"),
        "less_than": ("below", "lt"),
        "less_than_equal": ("at most", "le"),
    }
    if kind in limits:
        word, key = limits[kind]
        return f"must be {word} {context[key]:g}"
    if kind.startswith(("date_", "datetime_")):
        return "must be a date like 2027-01-31"
    text = str(error["msg"])
    return text[0].lower() + text[1:]


def _as_text(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(getattr(value, "text", value))


def _path_in(root: Entry, prefix: Path, loc: Iterable[str | int]) -> Path:
    """Path of an error in the file: the schema's own steps (tags, lists of one) left out."""
    entry: Entry | None = root.get(prefix)
    path: list[str] = []
    steps = [str(step) for step in loc]
    for position, step in enumerate(steps):
        if step.startswith("<") or step == "[key]":
            continue
        child = entry.children.get(step) if entry is not None else None
        last = position == len(steps) - 1
        if child is None and step.isdigit() and not last:
            continue
        path.append(step)
        entry = child
    return tuple(path)


def _known_keys(model: type[BaseModel], loc: Iterable[str | int]) -> list[str]:
    """Keys that a schema knows at a place; empty where that cannot be said."""
    current: list[type[BaseModel]] = [model]
    for step in map(str, loc):
        fields = [m.model_fields[step] for m in current if step in m.model_fields]
        if fields:
            current = [found for field in fields for found in models_in(field)]
    return sorted({name for each in current for name in each.model_fields})


def models_in(field: FieldInfo) -> list[type[BaseModel]]:
    """Return the sections that a field may hold."""
    found: list[type[BaseModel]] = []
    waiting: list[Any] = [field.annotation]
    while waiting:
        hint = waiting.pop()
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            found.append(hint)
        waiting.extend(get_args(hint))
    return found
