"""Particulars: what an entry of a register says, by the label that a clerk reads before it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.sandbox.population import Population
from api.sandbox.record import Record
from api.sandbox.resident import Organisation, Person, Resident

_ENDLESS: Final = "长期"
UNSAID: Final = "沙盒示例"
"""What stands under a label of which the sandbox knows nothing."""
_SCHOOLING: Final = ("大学专科", "大学本科", "硕士研究生")
_FORMS: Final = {"company": "enterprise"}
_TYPES: Final = {"association": "社会团体", "nonent": "社会服务机构"}
_UNITS: Final = {"company": "enterprise", "institution": "public", "association": "association"}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry about a resident, `of` a thing by its name (of the material or claim)."""

    population: Population
    resident: Resident
    written: Record
    of: str

    def says(self, label: str) -> str:
        """Return what it says under a label; an unknown label gets an example."""
        found = next((say for ending, say in _SAYINGS.items() if label.endswith(ending)), None)
        return found(self) if found else UNSAID

    def name_of(self, number: str) -> str:
        """Return the name of a resident that it mentions."""
        found = self.population.find(number)
        return found.name if found else UNSAID

    @property
    def until(self) -> str:
        """Return its last day, as registers write it."""
        return self.written.until.isoformat() if self.written.until else _ENDLESS


def _head(entry: Entry) -> str:
    one = entry.resident
    return entry.name_of(one.representative) if isinstance(one, Organisation) else UNSAID


def _employer(entry: Entry) -> str:
    one = entry.resident
    return entry.name_of(one.employer) if isinstance(one, Person) else UNSAID


def _born(entry: Entry) -> str:
    one = entry.resident
    return one.born.isoformat() if isinstance(one, Person) else UNSAID


def _type(entry: Entry) -> str:
    one = entry.resident
    return _TYPES.get(one.form, UNSAID) if isinstance(one, Organisation) else UNSAID


def _schooling(entry: Entry) -> str:
    return entry.population.chance.one_of(_SCHOOLING, "schooling", entry.resident.number)


_SAYINGS: Final[dict[str, Callable[[Entry], str]]] = {
    "号牌号码": lambda entry: entry.written.number,
    "法定代表人": _head,
    "参保单位": _employer,
    "组织类型": _type,
    "举办单位": lambda _: "示例市教育局",
    "出生日期": _born,
    "学历层次": _schooling,
    "车辆品牌": lambda _: "沙盒牌",
    "准驾车型": lambda _: "C1",
    "船名": lambda _: "沙盒一号",
    "产品名称": lambda _: "沙盒体温计",
    "项目名称": lambda _: "沙盒示例项目",
    "对象类别": lambda _: "最低生活保障对象",
    "记录情况": lambda _: "无违法违规记录",
    "结果": lambda _: "合格",
    "期限": lambda entry: f"{entry.written.since}至{entry.until}",
    "有效期至": lambda entry: entry.until,
    "日期": lambda entry: entry.written.since.isoformat(),
    "地址": lambda entry: entry.resident.address,
    "坐落": lambda entry: entry.resident.address,
    "证照名称": lambda entry: entry.of,
    "登记类别": lambda entry: "离婚登记" if entry.of.startswith("离婚") else "结婚登记",
    "类": lambda entry: entry.of,
    "类别": lambda entry: entry.of,
    "号": lambda entry: entry.written.number,
    "编码": lambda entry: entry.written.number,
    "代码": lambda entry: entry.written.number,
}


def fact_of(resident: Resident, key: str) -> str | None:
    """Return the value of a fact that follows from what a resident is, in our words."""
    if isinstance(resident, Person):
        return {"driving_class": "small", "person_status": "mainland"}.get(key)
    form = resident.form
    match key:
        case "unit_founded_on":
            return resident.founded.isoformat()
        case "applicant_organisation" | "entity_kind":
            return _FORMS.get(form, form)
        case "unit_kind":
            return _UNITS.get(form)
        case "entity_type" if form == "company":
            return form
    return None
