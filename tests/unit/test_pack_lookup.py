"""Interfaces in packs: their faults are told like all others; without them nothing moves."""

from typing import Any

import pytest
import yaml

from api.bundled import load_pack
from knowledge.fault import Fault, FaultsError
from rules.pack import Reader
from tests.product import Json, files_of
from tests.small_pack import sound_pack

SOUND: Json = {
    "hub": "city",
    "code": "s_01",
    "request": {"number": "zjhm", "name": "xm"},
    "codes": {"id_card": "sfz", "identity": "sf"},
    "echo": {"name": "xm"},
    "status": {"field": "zt", "good": ["正常"]},
    "day": "sjrq",
    "facts": {
        "premises": {"field": "cs", "values": {"自有": "owned"}},
        "foreign": {"field": "wz", "values": {"是": True}},
        "area": {"field": "mj"},
    },
    "licence": {"number": "zzbh", "until": "yxqz", "spoilt": {"吊销": "revoked"}},
    "show": {"xm": "姓名"},
}


BEFORE_LABELS = "sha256:49a4a7bb43f40d31b741324507e050fb16ba10d5e6c6a874b26efb071c06fe14"
"""The digest of a pack with SOUND, before labels could be English."""


def pack_with(lookup: Json | None, **source: Any) -> dict[str, bytes]:
    pack = sound_pack()
    pack["sources"][0] |= source
    if lookup is not None:
        pack["sources"][0]["lookup"] = lookup
    return {
        name: yaml.safe_dump(yaml.safe_load(text), allow_unicode=True, sort_keys=False).encode()
        for name, text in files_of(pack).items()
    }


def faults_of(lookup: Json, **source: Any) -> tuple[Fault, ...]:
    with pytest.raises(FaultsError) as caught:
        Reader(pack_with(lookup, **source)).pack()
    return caught.value.faults


def test_a_sound_interface_is_read() -> None:
    pack = Reader(pack_with(SOUND)).pack()

    interface = pack.catalogue.sources["base"].lookup
    assert interface is not None
    assert interface.code_of("id_card") == "sfz"
    assert interface.echoed == {"number": "zjhm", "name": "xm"}
    assert interface.signature == "hmac-sm3"


def test_a_pack_without_interfaces_keeps_its_digest_and_one_with_them_has_another() -> None:
    plain = Reader(pack_with(None)).pack().catalogue.digest
    asked = Reader(pack_with(SOUND)).pack().catalogue.digest

    assert asked != plain
    before = "sha256:beda44882e58a703c3940c5b73efe74fabb9ab22370783beba3efc3bd42d3802"
    assert plain == before, "as it was before interfaces could be described"


def test_english_labels_go_by_the_label_and_only_they_change_the_digest() -> None:
    without = Reader(pack_with(SOUND)).pack().catalogue
    labelled = Reader(pack_with(SOUND | {"show_en": {"xm": "name"}})).pack().catalogue

    assert labelled.digest != without.digest
    assert without.digest == BEFORE_LABELS
    interface = labelled.sources["base"].lookup
    assert interface is not None
    assert interface.labels_en == {"姓名": "name"}


@pytest.mark.parametrize(
    ("change", "source", "where", "what"),
    [
        ({"colour": "red"}, {}, "lookup.colour", "not a key"),
        ({"hub": "The City"}, {}, "lookup.hub", ""),
        ({"code": "../secrets"}, {}, "lookup.code", "interface id"),
        ({"signature": "md5"}, {}, "lookup.signature", "hmac-sm3"),
        ({"request": {"name": "xm"}}, {}, "lookup", "`number`"),
        ({"request": {"number": "zjhm", "name": "zjhm"}}, {}, "lookup", "one field"),
        ({"wants": "zjhm"}, {}, "lookup", "one field"),
        ({"status": {"field": "zt", "good": []}}, {}, "lookup.status.good", ""),
        ({"status": None}, {}, "lookup", "`spoilt`"),
        ({"show_en": {"zt": "status"}}, {}, "lookup", "`zt` that `show` has not"),
        (
            {"codes": {"lease": "zl"}},
            {},
            "lookup.codes.lease",
            "neither a material nor a claim",
        ),
        ({"codes": {"id_card": "a", "identity": "a"}}, {}, "lookup.codes", "one code, `a`"),
        ({"facts": {"colour": {"field": "ys"}}}, {}, "lookup.facts.colour", "not declared"),
        ({"facts": {"premises": {"field": "cs"}}}, {}, "lookup.facts.premises", "`values: {"),
        (
            {"facts": {"premises": {"field": "cs", "values": {"自有": "mine"}}}},
            {},
            "lookup.facts.premises.values.自有",
            "no choice",
        ),
        ({}, {"sharing": "none"}, "lookup", "shares nothing"),
        ({"codes": {}, "licence": None}, {"materials": [], "claims": []}, "lookup", "nothing"),
        ({"codes": {}}, {"materials": []}, "lookup.licence", "no licences"),
    ],
)
def test_a_fault_of_an_interface_is_told_with_its_line_and_cure(
    change: Json, source: Json, where: str, what: str
) -> None:
    faults = faults_of(SOUND | change, **source)

    fault = next(one for one in faults if one.where == f"sources `base`, {where}")
    assert what in f"{fault.what}; {fault.cure}"
    assert fault.line > 1
    assert fault.cure


def test_all_faults_of_interfaces_are_told_at_once() -> None:
    spoilt = SOUND | {
        "codes": {"lease": "zl"},
        "facts": {"colour": {"field": "ys"}, "premises": {"field": "cs"}},
    }

    assert len(faults_of(spoilt, sharing="none")) == 4


def test_the_register_of_a_fact_that_has_a_fault_is_not_blamed_too() -> None:
    files = pack_with(SOUND)
    spoilt = {name: text.replace(b"scale: 2", b"scale: many") for name, text in files.items()}
    with pytest.raises(FaultsError) as caught:
        Reader(spoilt).pack()

    assert not any("lookup" in fault.where for fault in caught.value.faults)


def test_every_register_of_the_bundled_pack_that_can_be_asked_says_how() -> None:
    sources = load_pack(None).catalogue.sources.values()
    askable = {
        one.id: one.lookup
        for one in sources
        if one.sharing != "none" and (one.materials or one.claims)
    }

    assert len(askable) > 40
    assert None not in askable.values()
    interfaces = [(one.hub, one.code) for one in askable.values() if one]
    assert len(interfaces) == len({*interfaces})
    for source in sources:
        if source.lookup:
            assert {*source.lookup.codes} == {*source.materials, *source.claims}
            assert source.lookup.status, "what is not in force must be seen"
            assert source.lookup.day, "old data must be seen"
