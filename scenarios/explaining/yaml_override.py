"""Loosenings as an override, ready to be pasted into a scenario file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, TaggedScalar
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from ...models.problem import Problem
from ...optimizer.explain import Loosening, with_changes

#: What the override is called.
NAME = "relaxed"


def override_yaml(problem: Problem, changes: Sequence[Loosening]) -> str:
    """Write ``overrides: {relaxed: …}`` that makes all changes.

    Locks are taken out one by one; lists of pairs and groups are written anew without
    the entries taken out.
    """
    loosened = {rule.name: rule for rule in with_changes(problem, changes).rules}
    rules = CommentedMap()
    for change in changes:
        settings = rules.setdefault(change.rule, CommentedMap())
        if change.setting == "owners" and isinstance(change.old, tuple):
            owners = settings.setdefault("owners", CommentedMap())
            owners[_text(change.old[0])] = _removed()
        elif change.new is None:
            settings[change.setting] = _listed(getattr(loosened[change.rule], change.setting))
        else:
            settings[change.setting] = change.new
    override = CommentedMap({NAME: CommentedMap({"rules": rules})})
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 10_000
    stream = io.StringIO()
    yaml.dump(CommentedMap({"overrides": override}), stream)
    return stream.getvalue()


def _listed(entries: Sequence[object]) -> list[Any]:
    return [
        [_text(word) for word in entry] if isinstance(entry, tuple) else _text(entry)
        for entry in entries
    ]


def _text(word: object) -> Any:
    """An id, quoted so that 007 stays what it is."""
    return SingleQuotedScalarString(str(word))


def _removed() -> Any:
    return TaggedScalar(value="", style=None, tag="!remove")
