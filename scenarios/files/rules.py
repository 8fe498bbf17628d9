"""``rules:``: settings by name become the rules of the models."""

from __future__ import annotations

import collections.abc
import dataclasses
import math
import re
import types
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, Discriminator, Field, Strict, Tag, create_model

from ...models.rules import RULES, Rule
from .kinds import Flag, Section, Text, Texts

#: The setting that names a rule's class where the rule's own name does not.
TYPE = "type"


def rule_type(name: str, settings: Mapping[str, Any]) -> str:
    """Word that names the class of a rule."""
    return str(settings.get(TYPE, name))


def build_rule(name: str, settings: BaseModel) -> Rule:
    """Make a rule from its checked settings.

    Raises
    ------
    ValueError
        Where settings do not go together; the message says what would be right.
    """
    given = {key: getattr(settings, key) for key in sorted(settings.model_fields_set)}
    kind = given.pop(TYPE, name)
    return RULES[kind](**{"name": name, **given})


@cache
def rule_settings(kind: str) -> type[BaseModel]:
    """Settings of a class of rules as a closed model, made from the rule's own fields."""
    rule = RULES[kind]
    help_texts = _field_help(rule)
    hints = get_type_hints(rule)
    fields: dict[str, Any] = {TYPE: (Literal[kind], Field(default=kind, description="The rule."))}
    for field in dataclasses.fields(rule):
        if field.name == "name":
            continue
        default: Any = field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        fields[field.name] = (
            _settings_type(hints[field.name]),
            Field(default=default, description=help_texts.get(field.name)),
        )
    title = rule.__name__
    return create_model(title, __base__=Section, __doc__=_first_line(rule), **fields)


def _not_nan(value: float) -> float:
    if math.isnan(value):
        raise ValueError("must be a number")
    return value


# An infinite limit is no limit; NaN says nothing.
_Limit = Annotated[float, Strict(), Field(allow_inf_nan=True), AfterValidator(_not_nan)]


def _settings_type(hint: Any) -> Any:
    """Type that a setting has in a file: ids as they are written, numbers not as text."""
    plain = {str: Text, bool: Flag, float: _Limit, int: Annotated[int, Strict()]}
    if hint in plain:
        return plain[hint]
    if hint == tuple[str, ...]:
        return Texts
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple:
        items = tuple(a if a is Ellipsis else _settings_type(a) for a in arguments)
        return tuple.__class_getitem__(items)
    if origin is collections.abc.Mapping:
        key, value = map(_settings_type, arguments)
        return dict.__class_getitem__((key, value))
    if origin in (Union, types.UnionType):
        return _word_or_mapping(arguments)
    return hint


def _word_or_mapping(arguments: tuple[Any, ...]) -> Any:
    """Type of a setting that is a word or a mapping, told apart by what stands there."""
    word = next(a for a in arguments if a is str)
    mapping = next(a for a in arguments if a is not str)
    annotated: Any = Annotated
    one = annotated[_settings_type(word), Tag("<word>")]
    other = annotated[_settings_type(mapping), Tag("<mapping>")]
    union: Any = Union
    return annotated[union[one, other], Discriminator(_is_word)]


def _is_word(value: Any) -> str:
    return "<mapping>" if isinstance(value, Mapping) else "<word>"


def _first_line(rule: type[Rule]) -> str:
    return (rule.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def _field_help(rule: type[Rule]) -> dict[str, str]:
    """Help of each field from the ``Parameters`` of the rule's docstring and its bases'."""
    found: dict[str, str] = {}
    for each in reversed(rule.__mro__):
        text = re.sub(r"^    ", "", each.__dict__.get("__doc__") or "", flags=re.MULTILINE)
        _, _, parameters = text.partition("Parameters\n----------\n")
        for name, words in re.findall(r"^(\w+)\n((?:    .*\n?)+)", parameters, flags=re.MULTILINE):
            found[name] = " ".join(words.split())
    return found
