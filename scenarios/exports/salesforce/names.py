"""Unique API names, as Salesforce allows them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Longest DeveloperName and label.
LONGEST = 80
_LETTERS = str.maketrans(
    {"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ß": "ss", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
)


def api_name(text: str, first: str = "T") -> str:
    """Text as an API name: letters, digits and single underscores, a letter first.

    >>> api_name("Åse – Øst 2"), api_name("0301"), api_name("__")
    ('Ase_Ost_2', 'T_0301', 'T')
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    plain = plain.encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_")
    if not plain or not plain[0].isalpha():
        plain = f"{first}_{plain}".rstrip("_")
    return plain[:LONGEST].rstrip("_")


def unique_names(texts: Sequence[str], taken: set[str] | None = None) -> list[str]:
    """An API name for each text, told apart by a number; case does not tell names apart.

    Parameters
    ----------
    taken
        Names in lower case that are not to be used; those given are added.
    """
    used = set() if taken is None else taken
    names = []
    for text in texts:
        stem = name = api_name(text)
        number = 2
        while name.lower() in used:
            tail = f"_{number}"
            name, number = stem[: LONGEST - len(tail)].rstrip("_") + tail, number + 1
        used.add(name.lower())
        names.append(name)
    return names
