"""Contesting: the papers that a pack strikes for want of a legal basis, for lawyers to contest.

`python -m api.contesting [DIR]` prints the page for the pack of a folder (default: the bundled
one) as Markdown.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from api.bundled import load_pack
from evaluator.view import Bearer, Days, EdgeView, RuleView, Views
from knowledge.authority import Authority, PersonKind
from knowledge.law import Law, Level
from knowledge.material import MaterialClass
from rules.ground import Ground
from rules.pack import Pack
from rules.rule import Requirement
from rules.spelling import spell

GROUNDS: Final = (Ground.NO_BASIS, Ground.INTERMEDIARY)
KINDS: Final[tuple[PersonKind, ...]] = ("natural", "legal")

_LEVELS: Final = {
    Level.LAW: "法律",
    Level.ADMINISTRATIVE_REGULATION: "行政法规",
    Level.STATE_COUNCIL_DECISION: "国务院决定",
    Level.LOCAL_REGULATION: "地方性法规",
    Level.SEZ_REGULATION: "经济特区法规",
    Level.AUTONOMOUS_REGULATION: "自治条例和单行条例",
    Level.CITY_REGULATION: "设区的市地方性法规",
    Level.DEPARTMENTAL_RULE: "部门规章",
    Level.PROVINCIAL_GOVERNMENT_RULE: "省级政府规章",
    Level.CITY_GOVERNMENT_RULE: "市级政府规章",
    Level.NORMATIVE_DOCUMENT: "规范性文件",
    Level.TECHNICAL_STANDARD: "技术标准",
}
_CLASSES: Final = {
    MaterialClass.CERTIFICATE: "证明",
    MaterialClass.STAMP: "盖章环节",
    MaterialClass.LICENCE: "证照批文",
    MaterialClass.FORM: "申请表",
    MaterialClass.STATEMENT: "申请人声明",
    MaterialClass.INTERMEDIARY: "中介服务材料",
    MaterialClass.OTHER: "其他材料",
}
Needed = tuple[tuple[Level, ...], ...]
"""The levels that each unmet authority profile asks for."""

_KINDS: Final = {"natural": "自然人", "legal": "法人"}


@dataclass(frozen=True, slots=True)
class Stage:
    """From a day, for these kinds of applicant, a reduction strikes the paper.

    `unmet` are the authority profiles that the citations of the demand do not satisfy; none
    when no citation counts on that day.
    """

    since: date
    kinds: tuple[PersonKind, ...]
    reduction: str
    ground: Ground
    unmet: tuple[Authority, ...]


@dataclass(frozen=True, slots=True)
class Contested:
    """One paper that one rule demands, and the stages by which it falls."""

    rule: Requirement
    material: str
    stages: tuple[Stage, ...]


def contested(pack: Pack) -> Iterator[Contested]:
    """Yield each paper of each rule that falls to `no_basis` or `intermediary`, by rule id."""
    views = Views(pack)
    for rule in pack.rules.requirements.values():
        days = _days(pack, rule)
        for material in rule.materials:
            stages = tuple(_stages(pack, views, rule, material, days))
            if stages:
                yield Contested(rule, material, stages)


def _days(pack: Pack, rule: Requirement) -> list[date]:
    """Return the days on which the fate of a rule's papers can change, while it is live."""
    cited = {one.law for name in rule.materials for one in rule.edge_citations(name)}
    periods: list[tuple[date, date | None]] = [(rule.since, rule.until)]
    periods += [(one.since, one.until) for one in pack.catalogue.authority]
    periods += [(law.since, law.until) for law in map(pack.catalogue.laws.get, cited) if law]
    for reduction in pack.rules.reductions.values():
        if reduction.ground in GROUNDS:
            periods.append((reduction.since, reduction.until))
    days = {day for period in periods for day in period if day is not None}
    return sorted(day for day in days if rule.live(day))


def _stages(
    pack: Pack, views: Views, rule: Requirement, material: str, days: Iterable[date]
) -> Iterator[Stage]:
    """Yield each new reason with its first day; kinds that share both share a stage."""
    stages: dict[tuple[date, str, Needed], dict[PersonKind, list[Authority]]] = {}
    for kind in KINDS:
        told: set[tuple[str, Needed]] = set()
        for day in days:
            for bearer in _bearers(views, rule, material, day, kind)[:1]:
                unmet = [*_unmet(pack, rule, material, day, kind)]
                reason = (bearer.reduction.id, tuple(sorted({one.levels for one in unmet})))
                if reason not in told:
                    stages.setdefault((day, *reason), {})[kind] = unmet
                told.add(reason)
    for (day, reduction, _), kinds in sorted(stages.items(), key=lambda one: one[0]):
        ground = pack.rules.reductions[reduction].ground
        unmet = [*dict.fromkeys(one for profiles in kinds.values() for one in profiles)]
        yield Stage(day, tuple(kinds), reduction, ground, tuple(unmet))


def _bearers(
    views: Views, rule: Requirement, material: str, day: date, kind: PersonKind
) -> list[Bearer]:
    edge = _edge(views.view(rule.item, Days(day, day), kind).rules, rule, material)
    return [one for one in edge.bearers if one.ground in GROUNDS] if edge else []


def _edge(rules: Iterable[RuleView], rule: Requirement, material: str) -> EdgeView | None:
    for one in rules:
        if one.rule.id == rule.id:
            return next(edge for edge in one.edges if edge.material.id == material)
    return None


def _unmet(
    pack: Pack, rule: Requirement, material: str, day: date, kind: PersonKind
) -> Iterator[Authority]:
    known = pack.catalogue
    levels = {
        known.laws[cited.law].level
        for cited in rule.edge_citations(material)
        if known.counts(cited, day)
    }
    for profile in known.authority:
        if (
            profile.live(day)
            and profile.material_class == known.materials[material].material_class
            and profile.applicant in ("any", kind)
            and profile.region in known.title.regions
            and levels.isdisjoint(profile.levels)
        ):
            yield profile


def page(pack: Pack) -> str:
    """Return the page as Markdown."""
    rows = [*contested(pack)]
    head = (
        f"# Papers without a legal basis: {pack.catalogue.title.name}\n\n"
        "没有法定依据、不得要求提交的材料清单，供法律人员质疑。\n\n"
        "Each paper here is demanded somewhere, and struck by the pack because the law cited\n"
        "for it is not of a level that may demand it. To contest an entry, name an article of\n"
        "a higher level that lists the paper or delegates it; add it to the rule's `basis`.\n\n"
        "Made by `python -m api.contesting`; a test compares it with the bundled pack.\n\n"
        f"{len(rows)} papers.\n"
    )
    return "\n".join([head, *(_section(pack, row) for row in rows)])


def _section(pack: Pack, row: Contested) -> str:
    known, rule = pack.catalogue, row.rule
    material, item = known.materials[row.material], known.items[rule.item]
    english = f" ({material.name_en})" if material.name_en else ""
    lines = [
        f"## {material.name}{english}",
        "",
        f"- 事项 item: {item.name} `{item.id}`",
        f"- 规则 rule: `{rule.id}`, when `{spell(rule.when, pack.catalogue.vocabulary, 'zh')}`",
        f"- 类别 class: {_CLASSES[material.material_class]} `{material.material_class}`",
        f"- 现有依据 basis: {'；'.join(_cited(pack, rule, row.material)) or '无 none'}",
        *(line for stage in row.stages for line in _told(pack, stage)),
    ]
    lines += [f"- 说明 note: {note}" for note in (rule.note, material.note) if note]
    return "\n".join([*lines, ""])


def _cited(pack: Pack, rule: Requirement, material: str) -> Iterator[str]:
    for cited in rule.edge_citations(material):
        law: Law = pack.catalogue.laws[cited.law]
        yield f"《{law.title}》{cited.locator}（{_LEVELS[law.level]}，`{cited}`）"


def _told(pack: Pack, stage: Stage) -> Iterator[str]:
    kinds = "、".join(_KINDS[kind] for kind in stage.kinds)
    reduction = pack.rules.reductions[stage.reduction]
    basis = "、".join(f"`{cited}`" for cited in reduction.basis)
    yield f"- 自 {stage.since} 起免交（{kinds}）: `{stage.ground}`, `{reduction.id}`（{basis}）"
    asked: dict[tuple[Level, ...], list[str]] = {}
    for profile in stage.unmet:
        asked.setdefault(profile.levels, []).extend(f"`{one}`" for one in profile.basis)
    for levels, cited in asked.items():
        names = "、".join(_LEVELS[level] for level in sorted(levels, key=[*Level].index))
        yield f"  - 理由 reason: 须由{names}设定（{'、'.join(dict.fromkeys(cited))}）"
    if not asked:
        yield "  - 理由 reason: 当日没有有效的依据 no citation counts on that day"


if __name__ == "__main__":
    sys.stdout.write(page(load_pack(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
