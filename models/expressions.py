"""Coverage expressions: which rows of a table, in a small safe language over its columns.

    segment == 'key' and sales >= 50000
    state in ['IL', 'WI'] or name.startswith('Saint')
    not channel.isna() and potential / accounts > 1000

The text is parsed into Python's syntax tree and only the nodes below are read, all rows
at once; nothing of it is ever run as code. A comparison with a missing value is false,
``!=`` is true. A column whose name is no word is written ``column('name with spaces')``.
"""

from __future__ import annotations

import ast
import keyword
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .arrays import BoolArray

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_TEXT_TESTS = ("startswith", "endswith", "contains")
_TEXT_CHANGES = ("lower", "upper", "strip")
_MISSING_TESTS = ("isna", "notna")
METHODS = (*_TEXT_TESTS, *_TEXT_CHANGES, *_MISSING_TESTS)

#: Longest expression that is read: deeper trees could exhaust the parser's stack.
LONGEST = 10_000


class ExpressionError(ValueError):
    """An expression that cannot be read, or asks for what is not there."""


@dataclass(frozen=True)
class Expression:
    """A parsed expression.

    >>> units = pd.DataFrame({"segment": ["key", "general", None], "sales": [9.0, 5.0, 2.0]})
    >>> Expression("segment != 'key' and sales > 3").rows(units)
    array([False,  True, False])
    """

    text: str

    def __post_init__(self) -> None:
        self._tree()

    def _tree(self) -> ast.expr:
        if len(self.text) > LONGEST:
            raise ExpressionError(f"must have at most {LONGEST} characters")
        try:
            return ast.parse(self.text.strip(), mode="eval").body
        except SyntaxError as error:
            where = f" at character {error.offset}" if error.offset else ""
            hint = "".join(
                f"; a column of the name {word} is written column('{word}')"
                for word in _reserved_words(self.text)
            )
            raise ExpressionError(f"cannot be read{where}: {error.msg}{hint}") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise ExpressionError("cannot be read") from error

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it names, sorted."""
        found = {node.id for node in ast.walk(self._tree()) if isinstance(node, ast.Name)}
        for node in ast.walk(self._tree()):
            if isinstance(node, ast.Call) and _calls_column(node):
                found.add(str(getattr(node.args[0], "value", "")))
        return tuple(sorted(found - {"column", *_MISSING_TESTS}))

    def rows(self, frame: pd.DataFrame) -> BoolArray:
        """Which rows it holds for, (rows,).

        Raises
        ------
        ExpressionError
            For unknown columns, and for what makes no sense of them.
        """
        try:
            value = _Reader(frame).read(self._tree())
        except RecursionError as error:
            raise ExpressionError("is nested too deeply") from error
        if isinstance(value, bool | np.bool_):
            return np.full(len(frame), bool(value))
        if not _is_logical(value):
            raise ExpressionError("must be true or false for each row, like segment == 'key'")
        return np.asarray(value, dtype=np.bool_)


def _reserved_words(text: str) -> list[str]:
    """Words of Python, outside quotes, that stand where a column may be meant.

    >>> _reserved_words("class == 'A' and not from")
    ['class', 'from']
    """
    words = re.findall(r"""'[^']*'|"[^"]*"|[A-Za-z_]\w*""", text)
    own = ("and", "or", "not", "in", "True", "False", "None")
    return [w for w in dict.fromkeys(words) if keyword.iskeyword(w) and w not in own]


def _calls_column(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "column" and len(node.args) == 1


def _is_logical(value: Any) -> bool:
    if isinstance(value, pd.Series):
        return bool(pd.api.types.is_bool_dtype(value.dtype))
    return isinstance(value, bool | np.bool_)


def _is_text(value: Any) -> bool:
    if not isinstance(value, pd.Series):
        return isinstance(value, str)
    return not pd.api.types.is_numeric_dtype(value.dtype) and not _is_logical(value)


class _Reader:
    """Reads one tree over one frame; values are constants or columns."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def read(self, node: ast.expr) -> Any:
        reader = getattr(self, f"_{type(node).__name__.lower()}", None)
        if reader is None:
            raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language")
        return reader(node)

    def _constant(self, node: ast.Constant) -> Any:
        if isinstance(node.value, str | int | float | bool):
            return node.value
        raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language; use isna()")

    def _name(self, node: ast.Name) -> pd.Series[Any]:
        return self._column(node.id)

    def _column(self, name: str) -> pd.Series[Any]:
        if name not in self.frame.columns:
            known = ", ".join(sorted(map(str, self.frame.columns)))
            raise ExpressionError(f"there is no column {name!r}; there are {known}")
        return self.frame[name]

    def _list(self, node: ast.List | ast.Tuple | ast.Set) -> list[Any]:
        return [self.read(element) for element in node.elts]

    _tuple = _set = _list

    def _boolop(self, node: ast.BoolOp) -> Any:
        values = [self._logical(value) for value in node.values]
        join = operator.and_ if isinstance(node.op, ast.And) else operator.or_
        total = values[0]
        for value in values[1:]:
            total = join(total, value)
        return total

    def _logical(self, node: ast.expr) -> Any:
        value = self.read(node)
        if not _is_logical(value):
            raise ExpressionError(f"{ast.unparse(node)!r} is neither true nor false")
        return value

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            value = self._logical(node.operand)
            return not value if isinstance(value, bool) else ~value
        value = self._number(node.operand)
        return value if isinstance(node.op, ast.UAdd) else -value

    def _binop(self, node: ast.BinOp) -> Any:
        operation = _ARITHMETIC.get(type(node.op))
        if operation is None:
            raise ExpressionError(f"{ast.unparse(node)!r}: only + - * / % are known")
        left, right = self._number(node.left), self._number(node.right)
        try:
            return operation(left, right)
        except ZeroDivisionError as error:
            raise ExpressionError(f"{ast.unparse(node)!r} divides by zero") from error

    def _number(self, node: ast.expr) -> Any:
        value = self.read(node)
        if _is_text(value) or _is_logical(value) or isinstance(value, list):
            raise ExpressionError(f"{ast.unparse(node)!r} is not a number")
        return value

    def _compare(self, node: ast.Compare) -> Any:
        total: Any = True
        left_node, left = node.left, self.read(node.left)
        for symbol, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.read(right_node)
            if isinstance(symbol, ast.In | ast.NotIn):
                holds = self._member(left_node, left, right)
                holds = ~holds if isinstance(symbol, ast.NotIn) else holds
            elif type(symbol) in _COMPARE:
                self._comparable(node, left, right)
                holds = _known(_COMPARE[type(symbol)](left, right), isinstance(symbol, ast.NotEq))
            else:
                raise ExpressionError(f"{ast.unparse(node)!r}: compare with == and !=")
            total = holds if total is True else total & holds
            left_node, left = right_node, right
        return total

    @staticmethod
    def _comparable(node: ast.Compare, left: Any, right: Any) -> None:
        if isinstance(left, list) or isinstance(right, list):
            raise ExpressionError(f"{ast.unparse(node)!r}: a list needs 'in'")
        if _is_text(left) != _is_text(right):
            raise ExpressionError(
                f"{ast.unparse(node)!r} compares text with a number; text goes in quotes"
            )

    @staticmethod
    def _member(node: ast.expr, left: Any, right: Any) -> Any:
        if not isinstance(right, list) or not isinstance(left, pd.Series):
            raise ExpressionError(f"{ast.unparse(node)!r} in …: write column in ['a', 'b']")
        if any(_is_text(left) != isinstance(value, str) for value in right):
            raise ExpressionError(
                f"{ast.unparse(node)!r} in …: the list must hold "
                + ("text in quotes" if _is_text(left) else "numbers")
            )
        return left.isin(right)

    def _call(self, node: ast.Call) -> Any:
        if node.keywords:
            raise ExpressionError(f"{ast.unparse(node)!r} is not part of the language")
        if _calls_column(node):
            return self._column(str(self.read(node.args[0])))
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func.attr, self.read(node.func.value), node.args)
        if isinstance(node.func, ast.Name) and node.func.id in _MISSING_TESTS and node.args:
            return self._method(node, node.func.id, self.read(node.args[0]), node.args[1:])
        raise ExpressionError(f"{ast.unparse(node)!r}: known are {', '.join(METHODS)}")

    def _method(self, node: ast.Call, name: str, value: Any, nodes: list[ast.expr]) -> Any:
        arguments = [self.read(argument) for argument in nodes]
        text = ast.unparse(node)
        if name not in METHODS or not isinstance(value, pd.Series):
            raise ExpressionError(f"{text!r}: known are {', '.join(METHODS)}, of a column")
        wanted = 1 if name in _TEXT_TESTS else 0
        if len(arguments) != wanted or not all(isinstance(each, str) for each in arguments):
            raise ExpressionError(f"{text!r}: {name} takes {wanted} text in quotes")
        if name in _MISSING_TESTS:
            return getattr(value, name)()
        if not _is_text(value):
            raise ExpressionError(f"{text!r}: {name} is for text columns")
        words = value.astype("str").str
        if name == "contains":
            found = words.contains(arguments[0], regex=False)
        else:
            found = getattr(words, name)(*arguments)
        if name in _TEXT_CHANGES:
            return found.where(value.notna())
        return found.fillna(False).astype(bool) & value.notna()


def _known(value: Any, when_missing: bool) -> Any:
    """A comparison without gaps: missing values compare as not equal."""
    if isinstance(value, pd.Series):
        return value.fillna(when_missing).astype(bool)
    return value
