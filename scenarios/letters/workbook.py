"""A recipient's letter as a workbook of its own, for those who count on in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

from ..exports.workbook.book import Book, Column
from .facts import Letter
from .wording import Wording


def write_letter_book(letter: Letter, path: str | Path) -> None:
    """Write one recipient's figures; the same facts give the same bytes."""
    wording = Wording(letter.language, letter.currency, letter.minor_units)
    text = wording.gettext
    book = Book(str(path), f"{text('Quota')} – {letter.greeting}")
    money = f"{text('Amount')}, {letter.currency}"
    minor = letter.minor_units
    book.table(
        text("Quota"),
        [Column("period", text("Period")), Column("product", text("Product")),
         Column("amount", money, "number")],
        [{"period": wording.period(period), "product": product, "amount": amount / minor}
         for product, period, amount in letter.cells],
    )  # fmt: skip
    for title, steps, words in (
        ("What it is made of", letter.steps, wording.step),
        ("What changed", letter.change.steps if letter.change else (), wording.change),
    ):
        rows = [dict(zip(("step", "meaning"), words(step.name), strict=True)) for step in steps]
        lines = [
            {**row, "amount": step.amount / minor} for row, step in zip(rows, steps, strict=True)
        ]
        if letter.change and steps is letter.change.steps:
            before = {"step": text("Quota last time"), "amount": letter.change.before / minor}
            lines.insert(0, before)
        if steps:
            lines.append({"step": text("Your quota"), "amount": letter.quota / minor})
            columns = [Column("step", text("Step")), Column("amount", money, "number"),
                       Column("meaning", text("Meaning"), "text", 80.0)]  # fmt: skip
            book.table(text(title), columns, lines)
    _pay(book, letter, wording)
    _accounts(book, letter, wording)
    book.close()


def _pay(book: Book, letter: Letter, wording: Wording) -> None:
    if letter.pay is None:
        return
    text = wording.gettext
    quota = letter.quota / letter.minor_units
    columns = [
        Column("attainment", text("Of quota"), "share"),
        Column("sold", f"{text('Sold')}, {letter.currency}", "money"),
        Column("incentive", f"{text('Incentive')}, {letter.currency}", "money"),
        Column("total", f"{text('With base pay')}, {letter.currency}", "money"),
    ]
    rows = [
        {"attainment": point.attainment, "sold": quota * point.attainment,
         "incentive": point.incentive, "total": point.total}
        for point in letter.pay.points
    ]  # fmt: skip
    book.table(text("Pay"), columns, rows)


def _accounts(book: Book, letter: Letter, wording: Wording) -> None:
    if letter.holdings is None or not letter.holdings.accounts:
        return
    text = wording.gettext
    columns = [
        Column("name", text("Account")),
        Column("id", "Id"),
        Column("sales", f"{text('Buys a year')}, {letter.currency}", "money"),
        Column("potential", f"{text('Could buy a year')}, {letter.currency}", "money"),
        Column("visits", text("Promised visits"), "tenth"),
        Column("new", text("new")),
    ]
    rows = [
        {"name": a.name, "id": a.id, "sales": a.sales, "potential": a.potential,
         "visits": a.visits, "new": text("new") if a.is_new else ""}
        for a in letter.holdings.accounts
    ]  # fmt: skip
    book.table(text("Your accounts"), columns, rows)
