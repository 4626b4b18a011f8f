"""Names in English: what a pack says, what is read where it says nothing, and what it lacks."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from api.bundled import load_pack
from api.naming import Naming
from api.speech import Lang, speech
from knowledge.fault import FaultsError
from rules.condition import Comparison
from rules.pack import Pack, Reader
from tests.product import Json, files_of
from tests.small_pack import sound_pack

CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
IN_ENGLISH: dict[str, Any] = {
    "choices_en": {"rented": "rented from the owner"},
    "unit_en": "persons",
    "roles_en": {"spouse": "husband or wife"},
}


def pack(**english: Any) -> Pack:
    """Return the small pack with a unit and two roles, and these English names."""
    body: Json = sound_pack()
    premises, staff = (one_of(body["facts"], "key", key) for key in ("premises", "staff"))
    staff["unit"] = "人"
    setup = one_of(body["items"], "id", "setup")
    setup["roles"] = {"spouse": "配偶", "co_owner": "共有人"}
    for entry, key in ((premises, "choices_en"), (staff, "unit_en"), (setup, "roles_en")):
        if key in english:
            entry[key] = english[key]
    return Reader(files_of(body)).pack()


def one_of(entries: list[Json], key: str, value: str) -> Json:
    return next(entry for entry in entries if entry[key] == value)


def named(lang: Lang = "en", **english: Any) -> Naming:
    return Naming(pack(**english), speech(lang))


def test_choices_units_and_roles_are_called_in_english_what_the_pack_calls_them() -> None:
    names = named(**IN_ENGLISH)

    assert names.choice("premises", "rented") == "rented from the owner"
    assert names.answer("staff", 3) == "3 persons"
    assert names.unit("staff") == "persons"
    assert names.role("spouse", ["setup"]) == names.role("spouse") == "husband or wife"
    assert names.paper("spouse:id_card", ["setup"]).endswith("(husband or wife)")
    rented = Comparison(pack().catalogue.facts["premises"].key, "==", "rented")
    assert "rented from the owner" in names.condition(rented)


def test_what_the_pack_names_only_in_chinese_is_read_from_its_key_or_unit() -> None:
    names = named(choices_en=IN_ENGLISH["choices_en"], roles_en=IN_ENGLISH["roles_en"])

    assert names.choice("premises", "owned") == "owned"
    assert names.role("co_owner", ["setup"]) == "co owner"
    assert names.role("best-man", ["setup"]) == "best man"
    assert names.answer("staff", 3) == "3 人"


def test_english_names_change_nothing_in_chinese() -> None:
    names = named("zh", **IN_ENGLISH)

    assert names.choice("premises", "rented") == "租赁"
    assert names.answer("staff", 3) == "3 人"
    assert names.role("spouse", ["setup"]) == "配偶"
    assert names.role("best-man") == "best-man"


def test_each_english_name_is_part_of_the_digest_and_none_is_as_good_as_left_out() -> None:
    without = pack().catalogue.digest

    assert pack(roles_en={}).catalogue.digest == without
    digests = {pack(**{key: IN_ENGLISH[key]}).catalogue.digest for key in IN_ENGLISH}
    assert len(digests | {without}) == 4


@pytest.mark.parametrize(
    ("english", "refusal"),
    [
        (
            {"roles_en": {"bride": "bride"}},
            "`bride` is no role of `roles`; write `spouse` (配偶), `co_owner` (共有人)",
        ),
        (
            {"choices_en": {"lent": "lent"}},
            "`lent` is no key of `choices`; write `owned` (自有), `rented` (租赁)",
        ),
    ],
)
def test_an_english_name_of_nothing_is_a_fault_with_the_cure(
    english: Json, refusal: str
) -> None:
    with pytest.raises(FaultsError, match=re.escape(refusal)):
        pack(**english)


@cache
def bundled() -> Pack:
    return load_pack(None)


def english_of_facts() -> Iterator[tuple[str, str | None]]:
    for key, fact in bundled().catalogue.vocabulary.by_key.items():
        yield f"fact {key}", fact.name_en
        yield f"question {key}", fact.question_en
        if fact.unit:
            yield f"unit of {key}", fact.unit_en
        for choice in fact.choices or {}:
            yield f"choice {key}={choice}", (fact.choices_en or {}).get(choice)


def english_of_entries() -> Iterator[tuple[str, str | None]]:
    known = bundled().catalogue
    sections: Mapping[str, Mapping[str, Any]] = {
        name: getattr(known, name)
        for name in ("laws", "organs", "claims", "materials", "items", "processes", "sources")
    }
    for name, entries in sections.items():
        for key, entry in entries.items():
            yield f"{name} {key}", entry.name_en
    for item in known.items.values():
        for role in item.roles:
            yield f"role {role} of {item.id}", item.roles_en.get(role)


def test_everything_in_the_bundled_pack_has_an_english_name() -> None:
    told = [*english_of_facts(), *english_of_entries()]

    assert len(told) > 1300
    assert [what for what, english in told if not english] == []
    assert [what for what, english in told if english and CHINESE.search(english)] == []


def test_no_two_choices_of_a_bundled_fact_share_an_english_name() -> None:
    for fact in bundled().catalogue.facts.values():
        english = (fact.choices_en or {}).values()
        assert len(set(english)) == len(english), fact.key


def test_no_two_roles_of_a_bundled_service_share_an_english_name() -> None:
    for item in bundled().catalogue.items.values():
        english = item.roles_en.values()
        assert len(set(english)) == len(english), item.id
