"""Identifiers: numbers that nobody bears, with true check characters.

The region 990000 has been given to no place (GB/T 2260), so no real number begins with it.
"""

from datetime import date
from typing import Final

from stdnum.cn import ric, uscc

REGION: Final = "990000"
KINDS: Final = {"company": "91", "institution": "12", "association": "51", "nonent": "52"}
"""Who registers, and what: the first two characters of a credit code (GB 32100)."""
_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SERIAL_LENGTH: Final = 7


def identity_number(born: date, serial: int) -> str:
    """Return an identity number (GB 11643); an odd serial of 0 to 999 is a man's."""
    body = f"{REGION}{born:%Y%m%d}{serial:03}"
    return body + str(ric.calc_check_digit(body + "0"))


def credit_code(kind: str, serial: int) -> str:
    """Return a unified social credit code (GB 32100) of a kind of organisation."""
    signs = ""
    for _ in range(_SERIAL_LENGTH):
        serial, place = divmod(serial, len(_SIGNS))
        signs = _SIGNS[place] + signs
    body = f"{KINDS[kind]}{REGION}MA{signs}"
    return body + str(uscc.calc_check_digit(body))
