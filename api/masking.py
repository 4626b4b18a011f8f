"""Masking: how much of an identity number a page may show to whoever reads over a shoulder."""

from typing import Final

from api.speech import Speech
from knowledge.person import Person

TAIL: Final = 4
"""Characters of an identity number that paper may show."""


def masked(speech: Speech, person: Person) -> str:
    """Return a person as kind and the end of the number; a stand-in number is not shown."""
    kind = speech.say(f"desk.kind_{person.kind}")
    stands_in = len(person.id) < 2 * TAIL or "#" in person.id
    tail = speech.say("who.masked", tail=person.id[-TAIL:])
    number = speech.say("who.unnamed") if stands_in else tail
    return speech.say("who.person", kind=kind, number=number)


def mask_number(identity: str) -> str:
    """Return an identity number of which only the end can be read."""
    if len(identity) < 2 * TAIL or "#" in identity:
        return "*" * len(identity)
    return "*" * (len(identity) - TAIL) + identity[-TAIL:]


def mask_name(name: str, kind: str = "natural") -> str:
    """Return a name as it may be published: a company's whole, a person's middle hidden.

    Of two characters the first stays, of more the first and the last; parts between middle
    dots are masked one by one.
    """
    if kind == "legal":
        return name
    return "·".join(_mask_part(part) for part in name.split("·"))


def _mask_part(part: str) -> str:
    hidden = "*" * max(1, len(part) - 2)
    return part[:1] + hidden + (part[-1:] if len(part) > 2 else "")  # noqa: PLR2004 (above)
