"""Names of people and companies that say themselves that nobody bears them."""

from typing import Final

from api.sandbox.chance import Chance

SURNAMES: Final = "甄贾沙拟虚仿例样试无乌幻"
MIDDLE: Final = "示小假拟大试样虚范演模沙"
LAST_OF_WOMEN: Final = "例盒设样梦影荷宁苗竹禾珠"
LAST_OF_MEN: Final = "例盒设样程范舟山石木松原"
TRADES: Final = (
    "科技",
    "贸易",
    "餐饮",
    "建设",
    "置业",
    "物流",
    "印刷",
    "医疗器械",
    "环保",
    "文化",
)
STREETS: Final = ("示例路", "沙盒大道", "假设街", "虚拟巷", "样本路", "演示大街")
TOWNS: Final = ("甲镇", "乙镇", "丙街道", "丁镇", "戊街道")
_DIGITS: Final = "零一二三四五六七八九"
_ENDINGS: Final = {
    "company": "有限公司",
    "institution": "示例中心",
    "association": "示例协会",
    "nonent": "示例服务社",
}


def person_name(chance: Chance, who: str, family: str, *, woman: bool) -> str:
    """Return a name for somebody of a family; one in two hundred has a dot in it."""
    if chance.happens(5, "dotted", who):
        return f"沙尔{chance.one_of(MIDDLE, 'first', who)}·示例提"
    last = LAST_OF_WOMEN if woman else LAST_OF_MEN
    middle, end = chance.one_of(MIDDLE, "middle", who), chance.one_of(last, "last", who)
    return f"{chance.one_of(SURNAMES, 'surname', family)}{middle}{end}"


def organisation_name(chance: Chance, serial: int, form: str) -> str:
    """Return the name of the organisation with a serial number."""
    number = "".join(_DIGITS[int(sign)] for sign in str(serial))
    trade = chance.one_of(TRADES, "trade", serial) if form == "company" else ""
    return f"沙盒{number}号{trade}{_ENDINGS[form]}"


def address(chance: Chance, *place: object) -> str:
    """Return an address in a city that is nowhere."""
    town, street = (chance.one_of(of, *place, of[0]) for of in (TOWNS, STREETS))
    house, room = chance.below(300, *place, "house") + 1, chance.below(30, *place, "room") + 1
    return f"示例市{town}{street}{house}号{room // 5 + 1}{room % 5 + 1:02}室"
