"""Copies the tables of a scenario file into a new folder, new ones in place of old."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...models.errors import InputProblem, ProblemList, did_you_mean
from ..files.resolve import OVERRIDES
from ..sources import ROLES
from .file import ScenarioText, inner_path

_INCUMBENT = "incumbent"


@dataclass(eq=False)
class TableCopies:
    """Tables on their way into a folder.

    Parameters
    ----------
    source
        Folder where the old file's paths start.
    target
        Folder of the new file.
    """

    source: Path
    target: Path
    found: ProblemList = field(default_factory=lambda: ProblemList("teig roll"))
    places: dict[str, Path] = field(default_factory=dict)

    def copy(self, text: ScenarioText, data: Mapping[str, Path]) -> None:
        """Copy every table that the file names and let it name the copies; no incumbent.

        Parameters
        ----------
        data
            New tables by role, or by the path that the file names.

        Raises
        ------
        BadInput
            For files that are not there, and names that fit no table or several.
        """
        known = [each for each in text.tables() if each[0].rpartition(":")[2] != _INCUMBENT]
        roles = [role for role, *_ in known]
        used: set[str] = set()
        for role, holder, key, path in known:
            word = path if path in data else role
            if word in data:
                used.add(word)
            if word in data and word == role and roles.count(role) > 1:
                some = ", ".join(p for r, _, _, p in known if r == role)
                message = f"there are several tables of {role}; name one by its path: {some}"
                self.found.add(message, key="--data", value=role)
            holder[key] = self._copied(path, data.get(word))
        paths = [path for *_, path in known]
        for word in [each for each in data if each not in used]:
            self._added(text, word, data[word], [*roles, *paths])
        self.found.raise_any()
        for layer in (text.root, *(text.root.get(OVERRIDES) or {}).values()):
            if isinstance(layer, dict) and isinstance(layer.get("data"), dict):
                layer["data"].pop(_INCUMBENT, None)

    def as_given(
        self, problems: Sequence[InputProblem], data: Mapping[str, Path]
    ) -> list[InputProblem]:
        """Problems of copies of new tables, with the files that were named."""
        given = {path.resolve(): str(path) for path in data.values()}
        return [
            replace(each, source=given.get(self.places[each.source], each.source))
            if each.source in self.places
            else each
            for each in problems
        ]

    def _added(self, text: ScenarioText, word: str, file: Path, words: list[str]) -> None:
        """A table that the file did not have yet."""
        if word == _INCUMBENT:
            message = "the plan is the incumbent; leave this one out"
            self.found.add(message, key="--data", value=word)
        elif word in ROLES:
            text.set(f"data.{word}", self._copied(file.name, file))
        else:
            message = f"the scenario file names no such table; {did_you_mean(word, words)}"
            self.found.add(message, key="--data", value=word)

    def _copied(self, path: str, new: Path | None) -> str:
        """Copy one table; returns its path in the new folder."""
        source = self.source / path if new is None else new
        if not source.is_file():
            self.found.add("there is no such file", key="--data", value=source)
            return path
        inner = Path(inner_path(path)).with_suffix(source.suffix)
        stem, number = inner.stem, 2
        while self.places.get(inner.as_posix(), source.resolve()) != source.resolve():
            inner = inner.with_name(f"{stem}_{number}{source.suffix}")
            number += 1
        self.places[inner.as_posix()] = source.resolve()
        place = self.target / inner
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
        return inner.as_posix()
