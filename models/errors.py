"""What is wrong with an input: every problem found, each said once, all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class InputProblem:
    """One thing wrong with one place of the input.

    Parameters
    ----------
    source
        The file or the data frame, as its owner calls it (``units.csv``, ``reps``).
    place
        Where in it: ``row 12``, ``line 4``, or empty for the whole.
    key
        Column or setting.
    value
        What stands there, as text.
    message
        What is wrong and what would be right, in one sentence.
    """

    source: str
    place: str
    key: str
    value: str
    message: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.source, self.place, self.key) if part)
        found = f" (found {self.value!r})" if self.value else ""
        return f"{where}: {self.message}{found}"


class BadInput(ValueError):
    """The input cannot be used; ``problems`` says everything that is wrong with it."""

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems = tuple(dict.fromkeys(problems))
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[BadInput], tuple[tuple[InputProblem, ...]]]:
        return type(self), (self.problems,)


def counted(number: int, noun: str) -> str:
    """Say how many there are.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def shortlist(names: Sequence[str], most: int = 10) -> str:
    """List names, of many the first ones.

    >>> shortlist(["a", "b", "c"], 2)
    'a, b …'
    """
    return ", ".join(names[:most]) + (" …" if len(names) > most else "")


#: Names that a message lists at most.
_LISTED = 24


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest a known word, or list them when none is near; of very many, some.

    >>> did_you_mean("tolerence", ["measure", "tolerance"])
    "did you mean 'tolerance'?"
    """
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    if not words:
        return "there are none"
    more = f" and {len(words) - _LISTED:,} more" if len(words) > _LISTED else ""
    return f"there are {', '.join(words[:_LISTED])}{more}"


@dataclass
class ProblemList:
    """Collects problems while an input is read, and raises them together.

    >>> problems = ProblemList("units.csv")
    >>> problems.add("must not be negative", place="row 3", key="sales", value="-1")
    >>> problems.raise_any()
    Traceback (most recent call last):
    ...
    teig.models.errors.BadInput: units.csv, row 3, sales: must not be negative (found '-1')
    """

    source: str = ""
    problems: list[InputProblem] = field(default_factory=list)

    def add(
        self, message: str, *, place: str = "", key: str = "", value: object = "", source: str = ""
    ) -> None:
        """Note one problem; ``source`` stands in for the list's own."""
        self.problems.append(InputProblem(source or self.source, place, key, str(value), message))

    def __iter__(self) -> Iterator[InputProblem]:
        return iter(self.problems)

    def __bool__(self) -> bool:
        return bool(self.problems)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Keep the problems of a :class:`BadInput` raised inside and go on."""
        try:
            yield
        except BadInput as error:
            self.problems.extend(error.problems)

    def raise_any(self) -> None:
        """Raise :class:`BadInput` if anything was noted."""
        if self.problems:
            raise BadInput(self.problems)
