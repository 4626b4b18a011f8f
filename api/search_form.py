"""Search forms: what an auditor typed into the fields of a search, read as far as it can be."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from knowledge.day import read_day

LONGEST = 200


@dataclass(frozen=True)
class SearchForm:
    """The fields that the searches of decisions and of cases have in common.

    `number` is the pattern of a whole number, `choice` the field in which one of some words is
    chosen, `texts` are fields of which the beginning counts. What is wrong is said by the keys
    of its texts: `bad_number`, and `audit.error_search` for all else.
    """

    number: str
    bad_number: str
    choice: tuple[str, Collection[str]]
    texts: Iterable[str]

    def read(self, fields: dict[str, str]) -> tuple[dict[str, Any], list[str]]:
        """Return the values by field, nothing where one is wrong, and what is wrong, once."""
        faults: list[str] = []
        days: dict[str, date | None] = {"since": None, "until": None}
        for key in days:
            try:
                days[key] = read_day(fields[key]) if fields.get(key) else None
            except ValueError:
                faults.append("audit.error_search")
        number = fields.get("number", "").strip().upper()
        if number and not re.fullmatch(self.number, number):
            faults.append(self.bad_number)
            number = ""
        name, words = self.choice
        chosen = fields.get(name, "")
        if chosen and chosen not in words:
            faults.append("audit.error_search")
            chosen = ""
        texts = {key: fields.get(key, "")[:LONGEST] for key in self.texts}
        values = {**days, "number": number, name: chosen, **texts}
        return values, list(dict.fromkeys(faults))
