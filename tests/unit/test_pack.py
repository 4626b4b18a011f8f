"""Packs: whatever the contract refuses is refused, all at once, with file, line and cure."""

from typing import Any

import pytest
import yaml

from api.inspect_pack import refuse_unfit
from evaluator.decide import Decider
from evaluator.example import run_examples
from knowledge.fault import Fault, FaultsError
from rules.pack import Reader
from tests.product import Json, files_of, pack_of
from tests.small_pack import sound_pack


def faults_of(pack: Json) -> tuple[Fault, ...]:
    """Return the faults of a pack, its examples among them."""
    return faults_in({name: written(text) for name, text in files_of(pack).items()})


def written(text: bytes) -> bytes:
    """Return JSON text as the YAML that people write, a key a line."""
    plain = yaml.safe_load(text)
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False).encode()


def faults_in(files: dict[str, bytes]) -> tuple[Fault, ...]:
    """Return the faults of a pack's files."""
    try:
        pack = Reader(files).pack()
        refuse_unfit(pack)
        run_examples(Decider(pack))
    except FaultsError as error:
        return error.faults
    return ()


def spoilt(section: str, at: int = 0, **keys: Any) -> Json:
    """Return the sound pack with one entry of a section changed."""
    pack = sound_pack()
    pack[section][at] |= keys
    return pack


def of_class(name: str) -> Json:
    """Return the sound pack with another class of material in its authority."""
    pack = sound_pack()
    pack["authority"][0]["class"] = name
    return pack


def lacking(section: str, key: str, at: int = 0) -> Json:
    """Return the sound pack with a key of one entry missing."""
    pack = sound_pack()
    del pack[section][at][key]
    return pack


def headed(**keys: Any) -> Json:
    """Return the sound pack with another head."""
    return sound_pack() | keys


def when(text: Any) -> Json:
    """Return the sound pack with another condition of the first requirement rule."""
    return spoilt("requirements", when=text)


def fact(**keys: Any) -> Json:
    """Return the sound pack with one more fact."""
    pack = sound_pack()
    pack["facts"].append({"key": "more", "type": "boolean", "name": "更多"} | keys)
    return pack


def want(**keys: Any) -> Json:
    """Return the sound pack with another wish of its example."""
    return spoilt("cases", want=keys)


def example(**keys: Any) -> Json:
    """Return the sound pack with another case of its example."""
    pack = sound_pack()
    pack["cases"][0]["case"] |= keys
    return pack


def steps(*rows: Json) -> Json:
    """Return the sound pack with other steps of its process."""
    return spoilt("processes", steps=list(rows))


ONE, TWO = {"id": "one", "item": "setup"}, {"id": "two", "item": "change"}

REFUSED: dict[str, tuple[Json, str]] = {
    # the head
    "a pack id that is none": (headed(id="Größe"), "is not an id"),
    "a pack without regions": (headed(regions=[]), "is empty"),
    "a pack without a name": (headed(name=""), "is empty"),
    # every section
    "an unknown key of a law": (spoilt("laws", colour="red"), "is not a key"),
    "an unknown key of a step": (steps(ONE | {"name_en": "one"}), "is not a key"),
    "an unknown key of a selector": (spoilt("reductions", select={"x": []}), "is not a key"),
    "an id with capitals": (spoilt("materials", id="Lease"), "is not an id"),
    "an id twice": (spoilt("materials", at=1, id="lease"), "twice"),
    "a missing title": (lacking("laws", "title"), "is missing"),
    "a missing class": (lacking("materials", "class"), "is missing"),
    "a missing basis": (lacking("reductions", "basis"), "is missing"),
    "a missing first day": (lacking("keeps", "since"), "is missing"),
    "an empty basis of a rule": (spoilt("requirements", basis=[]), "is empty"),
    "an empty basis of authority": (spoilt("authority", basis=[]), "is empty"),
    "a citation without a place": (spoilt("keeps", basis=["law"]), "law"),
    "a citation of no law": (spoilt("keeps", basis=["no 第一条"]), "`no` is not declared"),
    "a day that does not exist": (spoilt("laws", since="2023-02-29"), "calendar"),
    "a day of the wrong form": (spoilt("laws", since="2023/02/28"), "not a day"),
    "a period without a day": (spoilt("laws", until="2010-01-01"), "period"),
    "a basis of an edge that no list has": (
        spoilt("requirements", edge_basis={"id_card": []}), "no list accepts",
    ),
    # laws, authority, organs
    "an unknown level": (spoilt("laws", level="custom"), "administrative_regulation"),
    "an unknown level of authority": (spoilt("authority", levels=["custom"]), "law"),
    "an unknown class of authority": (of_class("poem"), "certificate"),
    "an unknown applicant": (spoilt("authority", applicant="robot"), "natural"),
    # facts
    "an unknown type": (fact(type="float"), "decimal"),
    "a choice without choices": (fact(type="choice"), "choices"),
    "a choice of a number": (fact(type="choice", choices={"a": 1}), "text"),
    "two choices of one name": (fact(type="choice", choices={"a": "甲", "b": "甲"}), "share"),
    "a decimal without a scale": (fact(type="decimal"), "scale"),
    "a key that is a word": (fact(key="and"), "and"),
    "credit as a fact": (fact(key="credit"), "credit"),
    "the applicant's kind as a fact": (fact(key="applicant_kind"), "applicant_kind"),
    "a key with a capital": (fact(key="More"), "More"),
    "a fact twice": (fact(key="staff"), "staff"),
    "a name with a space": (fact(name="更 多"), "更 多"),
    "a name with a bracket": (fact(name="更多（新）"), "（"),
    "a name with a sign": (fact(name="大<小"), "<"),
    "a name that is a word": (fact(name="属于"), "属于"),
    "a name that is a key": (fact(name="staff"), "staff"),
    "the name of the applicant's kind": (fact(name="申请人类型"), "申请人类型"),
    "two facts of one name": (fact(name="面积"), "面积"),
    "an unknown answerer": (fact(answered_by="oracle"), "applicant"),
    # materials, items, processes, sources
    "a claim that is none": (spoilt("materials", proves=["no"]), "`no` is not declared"),
    "an issuer that is none": (spoilt("materials", issuer="no"), "`no` is not declared"),
    "a burden of nothing": (spoilt("materials", burden=0), "greater than or equal to 1"),
    "a burden in words": (spoilt("materials", burden="1"), "whole number"),
    "an organ that is none": (spoilt("items", organ="no"), "`no` is not declared"),
    "an output that is none": (spoilt("items", outputs=["no"]), "`no` is not declared"),
    "the applicant as a role": (spoilt("items", roles={"applicant": "人"}), "applicant"),
    "a step of no item": (steps(ONE | {"item": "no"}), "`no` is not declared"),
    "a step after none": (steps(ONE | {"after": ["no"]}), "no step `no`"),
    "a step twice": (steps(ONE, TWO | {"id": "one"}), "twice"),
    "steps in a circle": (steps(ONE | {"after": ["two"]}, TWO | {"after": ["one"]}), "circle"),
    "no steps": (steps(), "is empty"),
    "an unknown sharing": (spoilt("sources", sharing="perhaps"), "unconditional"),
    "an unknown fallback": (spoilt("sources", on_unavailable="cry"), "defer"),
    "a source for no item": (spoilt("sources", items=["no"]), "`no` is not declared"),
    "a source of no material": (spoilt("sources", materials=["no"]), "`no` is not declared"),
    "a source of no claim": (spoilt("sources", complete_for=["no"]), "`no` is not declared"),
    "a negative age": (spoilt("sources", max_age_days=-1), "greater than or equal to 0"),
    # requirements
    "a rule of no item": (spoilt("requirements", item="no"), "`no` is not declared"),
    "a rule of no role": (spoilt("requirements", at=1, party="child"), "no role `child`"),
    "a rule that proves no claim": (
        spoilt("requirements", proves=["no"]), "`no` is not declared",
    ),
    "no list": (spoilt("requirements", accepts=[]), "is empty"),
    "an empty list": (spoilt("requirements", accepts=[["lease"], []]), "is empty"),
    "a material twice": (spoilt("requirements", accepts=[["lease", "lease"]]), "twice"),
    "a material that is none": (spoilt("requirements", accepts=[["no"]]), "`no` is not"),
    "one id for two kinds of entry of a section": (
        spoilt("requirements", at=1, id="setup/right"), "twice",
    ),
    # conditions
    "a fact that is none": (when("colour == 1"), "colour"),
    "a choice that is none": (when('premises == "lent"'), "lent"),
    "a choice without quotes": (when("premises == rented"), "rented"),
    "a text for a number": (when('staff == "3"'), "column 10"),
    "an order of choices": (when('premises < "rented"'), "column 10"),
    "too many digits": (when("area > 1.234"), "column"),
    "a day of the condition that does not exist": (when("built > 2023-02-29"), "2023-02-29"),
    "a fact that is no boolean": (when("staff"), "column"),
    "an open bracket": (when("(foreign"), "column"),
    "an empty condition": (when(""), "empty"),
    "a list of nothing": (when("staff in []"), "column"),
    "a condition that is a number": (when(1), "is not a condition"),
    "a condition too deep": (when("(" * 500 + "foreign" + ")" * 500), "column"),
    "a condition too long": (when(" and ".join(["foreign"] * 20_000)), "100000 characters"),
    # reductions and keep rules
    "an unknown ground": (spoilt("reductions", ground="luck"), "no_basis"),
    "a selector of no material": (
        spoilt("reductions", select={"materials": ["no"]}), "`no` is not declared",
    ),
    "a selector of no rule": (
        spoilt("reductions", select={"rules": ["cut/reuse"]}), "`cut/reuse` is not declared",
    ),
    "a selector of no class": (spoilt("keeps", select={"classes": ["poem"]}), "certificate"),
    "keeping what has no basis": (spoilt("keeps", defeats=["no_basis"]), "cannot be defeated"),
    "keeping intermediaries": (spoilt("keeps", defeats=["intermediary"]), "cannot be defeated"),
    "keeping the irrelevant": (spoilt("keeps", defeats=["irrelevant"]), "cannot be defeated"),
    "keeping the unlisted": (spoilt("keeps", defeats=["unlisted"]), "cannot be defeated"),
    "defeating an unknown ground": (spoilt("keeps", defeats=["luck"]), "no_basis"),
    # examples
    "a wish that does not come true": (want(submit=["title"]), "lacks title"),
    "a wish for a state that is not": (want(complete=False), "wanted false"),
    "an unknown wish": (want(entries=[]), "is not a key"),
    "an example with a bad case": (example(items=["no"]), "no item `no`"),
    "an example on a day that does not exist": (example(as_of="2026-02-30"), "calendar"),
}  # fmt: skip


def test_the_sound_pack_has_no_fault() -> None:
    assert faults_of(sound_pack()) == ()


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_contract_refuses_is_refused_with_place_and_cure(name: str) -> None:
    pack, word = REFUSED[name]

    faults = faults_of(pack)
    assert any(word in str(fault) for fault in faults), [str(fault) for fault in faults]
    assert all(fault.file and fault.line >= 1 and fault.cure for fault in faults)
    for foreign in ("Input should", "pydantic", "NoneType", "Traceback", "constrained"):
        assert not any(foreign in str(fault) for fault in faults)


def test_a_fault_stands_at_its_line() -> None:
    text = "materials:\n- id: lease\n  name: 租赁合同\n  class: poem\n- {id: B, name: 乙}\n"
    files = dict(files_of(sound_pack() | {"materials": []})) | {
        "knowledge/more.yaml": text.encode()
    }

    lines = [fault.line for fault in faults_in(files) if fault.file == "knowledge/more.yaml"]
    assert lines == [4, 5, 5]


def test_all_faults_of_a_pack_are_reported_at_once() -> None:
    pack = sound_pack()
    spoilers = {name: REFUSED[name] for name in REFUSED if "example" not in name}
    pack["laws"][1]["level"] = "custom"
    pack["materials"][1]["burden"] = 0
    pack["items"][1]["organ"] = "no"
    pack["requirements"][1]["party"] = "child"
    pack["requirements"][2]["when"] = "colour"
    pack["keeps"][0]["defeats"] = ["no_basis"]
    pack["processes"][0]["steps"][1]["after"] = ["no"]

    sections = {fault.where.split("`")[0].strip() for fault in faults_of(pack)}
    assert sections == {
        "laws", "materials", "items", "requirements", "keeps", "processes",
    }  # fmt: skip
    assert len(spoilers) > 80


TEXTS: dict[str, tuple[bytes, str]] = {
    "a float": (b"facts: [{key: a, type: decimal, scale: 1, name: 1.5}]", "is a float"),
    "infinity": (b"claims: [{id: a, name: .inf}]", "is a float"),
    "a key twice": (b"claims: []\nclaims: []", "twice"),
    "an unknown section": (b"poems: []", "is not a section"),
    "a section that is a mapping": (b"claims: {id: a}", "is not a list"),
    "a list of sections": (b"- claims", "is not a mapping"),
    "an entry that is text": (b"claims: [a]", "is not a mapping"),
    "broken YAML": (b"claims: [", "more.yaml"),
    "no text": (b"\xff\xfe", "UTF-8"),
    "a tag": (b"claims: !!python/object:os.system []", "tag"),
    "a second document": (b"claims: []\n---\nlaws: []", "second document"),
    "an anchor that is nowhere": (b"claims: *nowhere", "nowhere"),
    "a bell": (b"claims: ['\x07']", "character"),
    "deep nesting": (b"claims: " + b"[" * 5000, "more.yaml"),
    "a condition among the sections": (b"when: []", "is not a section"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(name: str) -> None:
    text, word = TEXTS[name]
    files = dict(files_of(sound_pack())) | {"knowledge/more.yaml": text}

    faults = [fault for fault in faults_in(files) if fault.file == "knowledge/more.yaml"]
    assert any(word in str(fault) for fault in faults), [str(fault) for fault in faults]
    assert all(fault.line >= 1 and fault.cure for fault in faults)


@pytest.mark.parametrize("text", [b"claims:", b"claims: []", b"", b"# nothing yet"])
def test_an_empty_section_or_file_is_no_fault(text: bytes) -> None:
    assert faults_in(dict(files_of(sound_pack())) | {"knowledge/more.yaml": text}) == ()


def test_a_folder_that_is_no_pack_is_refused() -> None:
    (fault,) = faults_in({})
    assert "pack.yaml" in str(fault)


def test_words_of_yaml_1_1_are_plain_text() -> None:
    pack = sound_pack()
    pack["facts"][0]["choices"] = {"on": "开", "yes": "有", "no": "无"}
    pack["requirements"][0]["when"] = 'premises == "yes"'
    pack["cases"] = []
    text = written(files_of(pack)["knowledge/all.yaml"]).decode().replace("'", "")
    files = dict(files_of(pack)) | {"knowledge/all.yaml": text.encode()}

    assert faults_in(files) == ()
    assert Reader(files).pack().catalogue.facts["premises"].choices == {
        "on": "开", "yes": "有", "no": "无",
    }  # fmt: skip


def test_an_edge_with_an_empty_basis_of_its_own_is_no_fault() -> None:
    pack = spoilt("requirements", edge_basis={"lease": []})
    pack["cases"] = []

    assert pack_of(pack).rules.requirements["setup/right"].edge_citations("lease") == ()
