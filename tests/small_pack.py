"""A small sound pack with one of everything, and a sound case before it, to be spoilt."""

import copy
from pathlib import Path
from typing import Any, Final

from tests.product import Json, files_of

NATURAL: Final = "11010519491231002X"
LEGAL: Final = "91441900MA4FAKE01M"

_PACK: Final[Json] = {
    "id": "small",
    "name": "小包",
    "regions": ["中国", "广东省"],
    "laws": [
        {"id": "law", "title": "某法", "level": "law", "since": "2010-01-01"},
        {
            "id": "order", "title": "某条例", "level": "administrative_regulation",
            "since": "2015-01-01", "until": "2025-01-01",
        },
    ],
    "authority": [
        {
            "class": "certificate", "levels": ["law"], "region": "中国",
            "since": "2016-01-01", "basis": ["law 第一条"],
        }
    ],
    "organs": [{"id": "office", "name": "某局", "system": "line"}],
    "facts": [
        {
            "key": "premises", "type": "choice", "name": "场所来源",
            "choices": {"owned": "自有", "rented": "租赁"},
        },
        {"key": "area", "type": "decimal", "scale": 2, "name": "面积"},
        {"key": "staff", "type": "integer", "name": "人数"},
        {"key": "built", "type": "date", "name": "竣工日期"},
        {"key": "foreign", "type": "boolean", "name": "外资"},
        {"key": "remark", "type": "text", "name": "备注"},
    ],
    "claims": [{"id": "right", "name": "使用权"}, {"id": "identity", "name": "身份"}],
    "materials": [
        {"id": "lease", "name": "租赁合同", "class": "other", "proves": ["right"]},
        {"id": "title", "name": "产权证", "class": "certificate", "proves": ["right"]},
        {"id": "id_card", "name": "身份证", "class": "certificate", "issuer": "office"},
    ],
    "items": [
        {
            "id": "setup", "name": "设立", "organ": "office", "outputs": ["title"],
            "roles": {"spouse": "配偶"},
        },
        {"id": "change", "name": "变更", "organ": "office"},
    ],
    "processes": [
        {
            "id": "path", "name": "流程",
            "steps": [
                {"id": "one", "item": "setup"},
                {"id": "two", "item": "change", "after": ["one"]},
            ],
        }
    ],
    "sources": [
        {
            "id": "base", "name": "人口库", "organ": "office", "sharing": "unconditional",
            "materials": ["id_card"], "claims": ["identity"],
        }
    ],
    "requirements": [
        {
            "id": "setup/right", "item": "setup", "proves": ["right"], "basis": ["law 第二条"],
            "when": 'premises == "rented"', "accepts": [["lease"], ["title"]],
            "since": "2010-01-01",
        },
        {
            "id": "setup/identity", "item": "setup", "party": "spouse",
            "basis": ["law 第三条"], "accepts": [["id_card"]], "since": "2010-01-01",
        },
        {
            "id": "change/right", "item": "change", "basis": ["law 第四条"],
            "accepts": [["title"]], "since": "2020-01-01",
        },
    ],
    "reductions": [
        {
            "id": "cut/sharing", "ground": "data_sharing", "basis": ["law 第五条"],
            "select": {"classes": ["certificate"]}, "since": "2010-01-01",
        },
        {
            "id": "cut/reuse", "ground": "earlier_stage", "basis": ["law 第五条"],
            "since": "2010-01-01",
        },
    ],
    "keeps": [
        {
            "id": "keep/title", "defeats": ["data_sharing"], "basis": ["law 第六条"],
            "select": {"materials": ["title"]}, "since": "2010-01-01",
        }
    ],
    "cases": [
        {
            "name": "租赁场所的交租赁合同",
            "case": {
                "as_of": "2026-11-23", "items": ["setup"], "facts": {"premises": "rented"},
                "applicant": {"kind": "natural", "id": NATURAL},
            },
            "want": {"submit": ["lease", "spouse:id_card"], "complete": True},
        }
    ],
}  # fmt: skip

_CASE: Final[Json] = {
    "as_of": "2026-11-23",
    "law_day": "2026-11-20",
    "items": ["setup"],
    "applicant": {"kind": "natural", "id": NATURAL},
    "parties": [{"role": "spouse", "kind": "legal", "id": LEGAL}],
    "facts": {"premises": "rented", "area": "35.00", "staff": 3, "built": "2020-02-29"},
    "receipts": [
        {
            "source": "base", "verdict": "found_match", "materials": ["id_card"],
            "on": "2026-11-20", "subject": NATURAL,
        }
    ],
    "collected": [{"material": "lease", "step": "one", "on": "2026-05-01"}],
    "history": [
        {"material": "lease", "on": "2025-01-10", "trust": "B", "subject": NATURAL}
    ],
    "licences": [
        {"material": "title", "holder": NATURAL, "trust": "A", "status": "valid"}
    ],
    "commitments": ["lease"],
    "promised_later": ["spouse:id_card"],
    "credit": {"severe": False, "false_commitment": False},
}  # fmt: skip


def sound_pack() -> Json:
    """Return the pack, to be changed at will."""
    return copy.deepcopy(_PACK)


def sound_case() -> Json:
    """Return the case, to be changed at will."""
    return copy.deepcopy(_CASE)


def write(pack: Any, folder: Path) -> Path:
    """Write a pack as a folder, and return the folder."""
    for name, text in files_of(pack).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    return folder
