"""From a document to resolved scenarios: every problem of the file at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ...models.errors import InputProblem, ProblemList, did_you_mean
from ...models.rules import RULES, Rule
from ..results import BASE, INCUMBENT, Change
from .entries import Document, Entry, Origin, Path
from .messages import problem_at, problems_of
from .overrides import (
    COMMAND_LINE,
    SCENARIO,
    Merge,
    find_conflicts,
    layer_of_settings,
    order_of_application,
    parse_settings,
    settled,
)
from .rules import TYPE, build_rule, rule_settings, rule_type
from .sections import ScenarioChoice, Settings

OVERRIDES, SCENARIOS = "overrides", "scenarios"
NOT_SET = "(not set)"


@dataclass(frozen=True, eq=False)
class ResolvedScenario:
    """The settings of one scenario.

    Parameters
    ----------
    root
        What stands in the files, merged, with lines.
    rules
        As the models know them.
    changes
        What differs from the base as written.
    """

    name: str
    note: str
    settings: Settings
    root: Entry
    rules: tuple[Rule, ...]
    changes: tuple[Change, ...]

    def plain(self) -> dict[str, Any]:
        """Settings with all defaults as plain data, rules' own included."""
        return plain_settings(self.settings, self.rules)

    def problem(self, path: Path, message: str, value: object = "") -> InputProblem:
        """Return a problem with one of the settings, with its line."""
        return problem_at(self.root, path, message, value)


@dataclass(frozen=True)
class _Merged:
    name: str
    note: str
    root: Entry
    removed: Mapping[Path, str]


def resolve(
    document: Document, names: Sequence[str] = (), settings: Iterable[str] = ()
) -> tuple[ResolvedScenario, tuple[ResolvedScenario, ...]]:
    """Resolve the base and the scenarios of a document.

    Parameters
    ----------
    names
        Scenarios to keep; all of the file by default. All are checked in any case.
    settings
        ``PATH=VALUE`` texts that win over everything else.

    Returns
    -------
    base, scenarios
        ``base`` alone where the file names no scenarios.

    Raises
    ------
    BadInput
        Every problem of the base, of each override and of each scenario.
    """
    found = ProblemList(document.source)
    sections = dict(document.root.children)
    overrides = _named_layers(sections.pop(OVERRIDES, None), found)
    choices = _choices(sections.pop(SCENARIOS, None), overrides, found)
    base = settled(Entry(sections, document.root.origin), (), found)
    command_line = layer_of_settings(
        parse_settings(settings, found), Origin(COMMAND_LINE, 0, COMMAND_LINE)
    )
    merged = [_merge(BASE, "", base, [], command_line, found)]
    for name, (choice, entry) in choices.items():
        layers = _layers_of(name, choice, entry, overrides, found)
        merged.append(_merge(name, choice.note, base, layers, command_line, found))
    unused = _unused(base, overrides, choices, command_line, found)
    # The base is written as it stands; what --set changes shows as a change of everyone.
    reference = _plain_or_none(_Merged(BASE, "", base, {}))
    of_base = ProblemList(document.source)
    resolved = [_resolved(merged[0], reference, of_base)]
    found.problems += of_base.problems
    known_already = {(each.key, each.value, each.message) for each in of_base}
    for each in (*merged[1:], *unused):
        own = ProblemList(document.source)
        scenario = _resolved(each, reference, own)
        found.problems += [p for p in own if (p.key, p.value, p.message) not in known_already]
        if each not in unused:
            resolved.append(scenario)
    _check_names(names, choices, found)
    found.raise_any()
    known = [scenario for scenario in resolved if scenario is not None]
    wanted = names or [scenario.name for scenario in known[1:]] or [BASE]
    chosen = [scenario for scenario in known if scenario.name in wanted]
    return known[0], tuple(chosen)


def plain_settings(settings: Settings, rules: Sequence[Rule]) -> dict[str, Any]:
    """Settings with all defaults as plain data."""
    plain: dict[str, Any] = _jsonable(settings.model_dump(mode="json"))
    if not settings.campaigns:
        # Results of files without any keep the hash that they had before there were campaigns.
        del plain["campaigns"]
    plain["rules"] = {}
    for rule in rules:
        model = rule_settings(rule.kind)
        values = {key: getattr(rule, key) for key in model.model_fields if key != TYPE}
        plain["rules"][rule.name] = {TYPE: rule.kind, **_jsonable(values)}
    return plain


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(child) for child in value]
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)
    return value


def _named_layers(entry: Entry | None, found: ProblemList) -> dict[str, Entry]:
    layers: dict[str, Entry] = {}
    if entry is None or entry.value is None:
        return layers
    if not isinstance(entry.value, dict):
        found.add(
            "must be a mapping of names and settings", place=entry.origin.place, key=OVERRIDES
        )
        return layers
    for name, layer in entry.value.items():
        if not isinstance(layer.value, dict):
            found.add(
                "an override is a mapping of settings",
                place=layer.origin.place,
                key=f"{OVERRIDES}.{name}",
            )
            continue
        for key in (OVERRIDES, SCENARIOS):
            if key in layer.value:
                found.add(
                    f"an override cannot hold {key}",
                    place=layer.value[key].origin.place,
                    key=f"{OVERRIDES}.{name}.{key}",
                )
        kept = {k: e for k, e in layer.value.items() if k not in (OVERRIDES, SCENARIOS)}
        layers[name] = Entry(kept, layer.origin).by(name)
    return layers


def _choices(
    entry: Entry | None, overrides: Mapping[str, Entry], found: ProblemList
) -> dict[str, tuple[ScenarioChoice, Entry]]:
    if entry is None or entry.value is None:
        return {}
    if not isinstance(entry.value, dict):
        found.add(
            "must be a mapping of names and overrides", place=entry.origin.place, key=SCENARIOS
        )
        return {}
    choices = {}
    for name, chosen in entry.value.items():
        path = (SCENARIOS, name)
        plain = chosen.plain()
        if not isinstance(plain, Mapping):
            plain = {OVERRIDES: plain if plain is not None else []}
        _check_scenario_name(name, chosen, found)
        try:
            choice = ScenarioChoice.model_validate(plain)
        except ValidationError as error:
            root = Entry({SCENARIOS: entry}, entry.origin)
            found.problems += problems_of(error, root, ScenarioChoice, path)
            continue
        for role, words in ((OVERRIDES, choice.overrides), ("wins", choice.wins)):
            known = overrides if role == OVERRIDES else choice.overrides
            for word in words:
                if word not in known:
                    found.add(
                        f"there is no such override; {did_you_mean(word, known)}",
                        place=chosen.origin.place,
                        key=".".join((*path, role)),
                        value=word,
                    )
        choices[name] = (choice, chosen)
    return choices


def is_scenario_name(name: str) -> bool:
    """Whether a scenario may be called so: its name becomes that of a folder."""
    plain = name.replace("-", "").replace("_", "").replace(".", "").replace(" ", "")
    taken = name in (BASE, INCUMBENT)
    return not taken and plain.isalnum() and name[0] not in ". " and name[-1] not in ". "


def _check_scenario_name(name: str, entry: Entry, found: ProblemList) -> None:
    if not is_scenario_name(name):
        found.add(
            "a scenario is named by letters, digits, spaces, - and _, for it becomes a "
            "folder; 'base' and 'incumbent' are taken",
            place=entry.origin.place,
            key=f"{SCENARIOS}.{name}",
        )


def _layers_of(
    name: str,
    choice: ScenarioChoice,
    entry: Entry,
    overrides: Mapping[str, Entry],
    found: ProblemList,
) -> list[Entry]:
    known = [word for word in dict.fromkeys(choice.overrides) if word in overrides]
    layers = [(word, overrides[word]) for word in known]
    find_conflicts(layers, choice.wins, name, entry.origin, found)
    ordered = [overrides[word] for word in order_of_application(known, choice.wins)]
    own = entry.get((SCENARIO,))
    settings = [(path, child.by(SCENARIO)) for path, child in own.children.items()] if own else []
    return ordered + layer_of_settings(
        settings, Origin(entry.origin.source, entry.origin.line, SCENARIO)
    )


def _unused(
    base: Entry,
    overrides: Mapping[str, Entry],
    choices: Mapping[str, tuple[ScenarioChoice, Entry]],
    command_line: Sequence[Entry],
    found: ProblemList,
) -> list[_Merged]:
    """Overrides that no scenario names are checked too, on the base."""
    used = {word for choice, _ in choices.values() for word in choice.overrides}
    return [
        _merge(name, "", base, [layer], command_line, found)
        for name, layer in overrides.items()
        if name not in used
    ]


def _merge(
    name: str,
    note: str,
    base: Entry,
    layers: Iterable[Entry],
    command_line: Iterable[Entry],
    found: ProblemList,
) -> _Merged:
    merge = Merge(base)
    for layer in (*layers, *command_line):
        merge.lay(layer, found)
    return _Merged(name, note, merge.root, merge.removed)


def _resolved(
    merged: _Merged, reference: Mapping[str, Any] | None, found: ProblemList
) -> ResolvedScenario | None:
    before = len(found.problems)
    rules = _rules(merged.root, found)
    settings = _checked(merged.root, found)
    if settings is None or len(found.problems) > before:
        return None
    plain = plain_settings(settings, rules)
    changes = _changes(reference or {}, plain, merged)
    return ResolvedScenario(merged.name, merged.note, settings, merged.root, rules, changes)


def _plain_or_none(merged: _Merged) -> dict[str, Any] | None:
    ignored = ProblemList("")
    rules = _rules(merged.root, ignored)
    settings = _checked(merged.root, ignored)
    return plain_settings(settings, rules) if settings and not ignored else None


def _checked(root: Entry, found: ProblemList) -> Settings | None:
    plain = root.plain()
    if isinstance(plain.get("rules"), Mapping):
        plain["rules"] = {name: {} for name in plain["rules"]}
    empty = ("calendar", "campaigns", "control_totals", "limits", "rates", "rules", "touring")
    for key in (*empty, "travel"):
        # An empty section is a section of defaults.
        if key in plain and plain[key] is None:
            plain[key] = {}
    try:
        return Settings.model_validate(plain)
    except ValidationError as error:
        found.problems += problems_of(error, root, Settings)
    return None


def _rules(root: Entry, found: ProblemList) -> tuple[Rule, ...]:
    entry = root.get(("rules",))
    rules = []
    for name, settings in (
        entry.children if entry and isinstance(entry.value, dict) else {}
    ).items():
        rule = _rule(name, settings, root, found)
        if rule is not None:
            rules.append(rule)
    return tuple(rules)


def _rule(name: str, entry: Entry, root: Entry, found: ProblemList) -> Rule | None:
    path: Path = ("rules", name)
    plain = {} if entry.value is None else entry.plain()
    if not isinstance(plain, Mapping):
        found.problems.append(problem_at(root, path, "a rule is a mapping of its settings", plain))
        return None
    kind = rule_type(name, plain)
    if kind not in RULES:
        message = f"there is no such rule; {did_you_mean(kind, RULES)}"
        where = (*path, TYPE) if TYPE in plain else path
        if TYPE not in plain and "; did" not in message:
            message += f"; a rule of another name says its {TYPE}"
        found.problems.append(problem_at(root, where, message, kind if TYPE in plain else ""))
        return None
    model = rule_settings(kind)
    try:
        return build_rule(name, model.model_validate(plain))
    except ValidationError as error:
        found.problems += problems_of(error, root, model, path)
    except ValueError as error:
        found.problems.append(problem_at(root, path, str(error)))
    return None


def _check_names(
    names: Sequence[str],
    choices: Mapping[str, tuple[ScenarioChoice, Entry]],
    found: ProblemList,
) -> None:
    known = [BASE, *choices]
    for name in names:
        if name not in known:
            found.add(f"there is no such scenario; {did_you_mean(name, known)}", value=name)


def _changes(
    reference: Mapping[str, Any], plain: Mapping[str, Any], merged: _Merged
) -> tuple[Change, ...]:
    old, new = dict(_flat(reference)), dict(_flat(plain))
    changes = [
        Change(".".join(path), old.get(path, NOT_SET), value, _by(path, merged))
        for path, value in new.items()
        # Defaults that come along with a new section are no changes of anybody's.
        if old.get(path, NOT_SET) != value and (path in old or merged.root.get(path) is not None)
    ]
    for path, name in merged.removed.items():
        if any(known[: len(path)] == path and known not in new for known in old):
            changes.append(Change(".".join(path), "(set)", NOT_SET, name))
    return tuple(sorted(changes))


def _by(path: Path, merged: _Merged) -> str:
    by = merged.root.nearest(path).origin.by
    for removed, name in merged.removed.items():
        if path[: len(removed)] == removed and merged.root.get(removed) is None:
            by = name
    return by


def _flat(value: Any, path: Path = ()) -> Iterable[tuple[Path, str]]:
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            yield from _flat(child, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for position, child in enumerate(value):
            yield from _flat(child, (*path, str(position)))
    else:
        yield path, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
