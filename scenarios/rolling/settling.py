"""Makes a rolled scenario file one that runs: without what the new data or base contradict."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...models.errors import BadInput, InputProblem
from ..loading import LoadedScenario, load
from .file import ScenarioText

#: The scenario file that was rolled, as it was.
BEFORE = "scenario_before.yaml"


@dataclass(eq=False)
class Settling:
    """A scenario file that is tried and changed until it loads.

    Parameters
    ----------
    file
        Where it is written, beside its tables.
    notes
        What was taken out, and what to look at.
    """

    text: ScenarioText
    file: Path
    notes: list[str] = field(default_factory=list)

    def settle(self) -> tuple[LoadedScenario | None, tuple[InputProblem, ...]]:
        """Take out control totals that no longer hold, and scenarios that do not stand.

        Returns
        -------
        The new base, and the problems of the file that a person has to mend.

        Raises
        ------
        BadInput
            For problems of the tables: they are mended where they come from.
        """
        problems = self._without_totals(self._loads(self.text))
        if not problems:
            return self._base(), ()
        problems = self._loads(self.text.only(()))
        of_tables = [each for each in problems if each.source != self.file.name]
        if of_tables:
            raise BadInput(of_tables)
        if problems:
            self._loads(self.text)
            return None, problems
        self._drop_scenarios()
        problems = self._loads(self.text.only(self.text.scenarios))
        return (None if problems else self._base()), problems

    def _without_totals(self, problems: tuple[InputProblem, ...]) -> tuple[InputProblem, ...]:
        totals = [each.key for each in problems if each.key.startswith("control_totals.")]
        for key in totals:
            self.text.remove(key)
            self.notes.append(f"{key} was taken out, the new tables do not add up to it; ask anew")
        return self._loads(self.text) if totals else problems

    def _drop_scenarios(self) -> None:
        for name in self.text.scenarios:
            reasons = self._loads(self.text.only([name]))
            if reasons:
                self.text.drop_scenario(name)
                self.notes.append(
                    f"scenario {name} does not stand on the plan that was rolled and was left out "
                    f"(it is in {BEFORE}): {reasons[0]}"
                )

    def _base(self) -> LoadedScenario:
        """The new base; scenarios with dates of their own are told."""
        book = load(self.file)
        dates = book.base.resolved.settings.calendar
        for scenario in book.scenarios:
            own = scenario.resolved.settings.calendar
            if (own.start, own.end) != (dates.start, dates.end):
                said = f"{own.start} to {own.end}"
                self.notes.append(f"look at it: scenario {scenario.name} is of {said} still")
        return book.base

    def _loads(self, text: ScenarioText) -> tuple[InputProblem, ...]:
        """Write the file and load it; its problems, none where it is in order."""
        self.file.write_text(text.text(), encoding="utf-8", newline="\n")
        try:
            load(self.file)
        except BadInput as error:
            return error.problems
        return ()
