"""The oracle by itself gives the decisions that anyone can judge by hand."""

import pytest

from tests.oracle.matter import Json
from tests.oracle.oracle import decide, plan

LISTS = ("submit", "reference", "commitment", "deferred")


def office(**sections: list[Json]) -> Json:
    """Return a small sound pack: setting up a company needs the right to its premises."""
    pack: Json = {
        "id": "office",
        "name": "东莞市",
        "regions": ["中国", "东莞市"],
        "laws": [
            {"id": "act", "title": "条例", "level": "law", "since": "2010-01-01"},
            {"id": "note", "title": "通知", "level": "normative_document",
             "since": "2010-01-01"},
        ],
        "organs": [{"id": "market", "name": "市场监管局"}],
        "facts": [{"key": "rented", "type": "boolean", "name": "是否租赁"}],
        "claims": [{"id": "right", "name": "使用权"}],
        "materials": [
            {"id": "lease", "name": "租赁合同", "class": "other", "proves": ["right"]},
            {"id": "proof", "name": "证明", "class": "certificate", "proves": ["right"]},
            {"id": "charter", "name": "章程", "class": "form", "issuer": "market"},
        ],
        "items": [
            {"id": "setup", "name": "设立", "organ": "market", "roles": {"buyer": "买方"}},
        ],
        "sources": [
            {"id": "register", "name": "登记簿", "organ": "market", "sharing": "conditional",
             "materials": ["lease"], "claims": ["right"]},
        ],
        "requirements": [rule("premises", ["lease", "proof"], proves=["right"])],
    }  # fmt: skip
    return {**pack, **sections}


def rule(name: str, *lists: list[str], **more: object) -> Json:
    """Return a requirement rule; several lists are alternatives."""
    return {
        "id": name,
        "item": "setup",
        "accepts": list(lists),
        "basis": ["act 第一条"],
        "since": "2010-01-01",
        **more,
    }


def cut(ground: str, **more: object) -> Json:
    """Return a reduction on a ground."""
    basis = ["act 第二条"]
    return {
        "id": f"cut/{ground}",
        "ground": ground,
        "basis": basis,
        "since": "2010-01-01",
        **more,
    }


def application(**parts: object) -> Json:
    """Return a case of setting up a company."""
    applicant = {"kind": "natural", "id": "甲"}
    return {"as_of": "2026-11-23", "items": ["setup"], "applicant": applicant, **parts}


def receipt(verdict: str, **parts: object) -> Json:
    """Return a fresh receipt about the lease."""
    found = {"source": "register", "verdict": verdict, "materials": ["lease"]}
    return {**found, "on": "2026-11-20", "subject": "甲", **parts}


def test_without_a_ground_everything_is_handed_in() -> None:
    decision = decide(office(), application())

    assert decision["submit"] == ["lease", "proof"]
    assert decision["complete"]
    assert not decision["lookups"]


def test_a_paper_without_legal_basis_is_not_demanded() -> None:
    profile = {"class": "certificate", "levels": ["law"], "region": "中国",
               "since": "2010-01-01", "basis": ["act 第三条"]}  # fmt: skip
    demand = rule("premises", ["lease", "proof"], edge_basis={"proof": ["note 第一条"]})
    pack = office(authority=[profile], requirements=[demand], reductions=[cut("no_basis")])

    decision = decide(pack, application())

    assert decision["submit"] == ["lease"]
    assert decision["entries"][0]["edges"][1] == {
        "material": "proof",
        "outcome": "removed",
        "ground": "no_basis",
        "grounds": ["no_basis"],
        "basis": ["act 第二条"],
        "reduction": "cut/no_basis",
        "kept_by": None,
        "evidence": {},
    }


def test_an_unlawful_alternative_does_not_free_from_the_lawful_one() -> None:
    demand = rule("premises", ["proof"], ["lease"], edge_basis={"proof": []})
    pack = office(requirements=[demand], reductions=[cut("no_basis")])

    decision = decide(pack, application())

    assert decision["submit"] == ["lease"]
    assert [edge["outcome"] for edge in decision["entries"][0]["edges"]] == [
        "alternative",
        "submit",
    ]


@pytest.mark.parametrize(
    ("answer", "submit", "deferred"),
    [
        ({"verdict": "found_match"}, ["proof"], []),
        ({"verdict": "unavailable"}, ["proof"], ["lease"]),
        ({"verdict": "not_found"}, ["lease", "proof"], []),
        ({"verdict": "found_conflict"}, ["lease", "proof"], []),
        ({"verdict": "found_match", "subject": "乙"}, ["lease", "proof"], []),
        ({"verdict": "found_match", "on": "2026-10-23"}, ["lease", "proof"], []),
        ({"verdict": "found_match", "on": "2026-10-24"}, ["proof"], []),
    ],
)
def test_only_a_fresh_match_about_the_right_person_spares_the_paper(
    answer: Json, submit: list[str], deferred: list[str]
) -> None:
    pack = office(reductions=[cut("data_sharing"), cut("agency_check")])

    decision = decide(pack, application(receipts=[receipt(**answer)]))

    assert decision["submit"] == submit
    assert decision["deferred"] == deferred


def test_of_one_day_the_least_favourable_answer_speaks_and_only_the_newest_day_counts() -> None:
    pack = office(reductions=[cut("data_sharing")])
    match, missing = receipt("found_match"), receipt("not_found")

    assert "lease" in decide(pack, application(receipts=[match, missing]))["submit"]
    older = {**missing, "on": "2026-11-19"}
    assert "lease" not in decide(pack, application(receipts=[match, older]))["submit"]


def test_a_lookup_is_offered_before_paper_and_no_more_once_it_is_answered() -> None:
    pack = office(reductions=[cut("data_sharing", select={"materials": ["lease"]})])
    asked = {"source": "register", "subject": "甲", "materials": ["lease"], "claims": ["right"]}

    assert decide(pack, application())["lookups"] == [asked]
    answered = decide(pack, application(receipts=[receipt("not_found", claims=["right"])]))
    assert answered["lookups"] == []
    assert answered["final"]


def test_an_open_rule_is_left_out_and_asked_about() -> None:
    pack = office(requirements=[rule("premises", ["lease"], when="rented")])

    decision = decide(pack, application())

    assert (decision["submit"], decision["open"]) == ([], ["premises"])
    assert decision["questions"] == ["rented"]
    assert decide(pack, application(facts={"rented": True}))["submit"] == ["lease"]


def test_a_keep_rule_outranked_by_the_reduction_does_not_defeat_it() -> None:
    keep = {"id": "keep/lease", "defeats": ["exempt"], "since": "2010-01-01"}
    demand = [rule("premises", ["lease"])]
    reductions = [cut("exempt")]
    weak, strong = {**keep, "basis": ["note 第一条"]}, {**keep, "basis": ["act 第四条"]}
    pack = office(requirements=demand, reductions=reductions, keeps=[weak])

    assert decide(pack, application())["submit"] == []
    kept = decide({**pack, "keeps": [strong]}, application())
    assert kept["submit"] == ["lease"]
    assert kept["entries"][0]["edges"][0]["kept_by"] == "keep/lease"


def test_one_paper_that_proves_the_claim_meets_the_other_rule_too() -> None:
    rules = [rule("a", ["lease"], proves=["right"]), rule("b", ["proof"], proves=["right"])]
    pack = office(requirements=rules, reductions=[cut("covered")])

    decision = decide(pack, application())

    assert decision["submit"] == ["lease"]
    edge = decision["entries"][1]["edges"][0]
    assert (edge["outcome"], edge["ground"]) == ("removed", "covered")
    assert edge["evidence"] == {"material": "lease"}


def test_a_paper_already_in_hand_covers_but_a_reference_does_not() -> None:
    rules = [rule("a", ["lease"]), rule("b", ["proof"], proves=["right"])]
    licence = {"material": "lease", "holder": "甲", "trust": "A", "status": "valid"}
    pack = office(requirements=rules, reductions=[cut("covered"), cut("e_licence")])

    decision = decide(pack, application(licences=[licence]))

    assert decision["submit"] == []
    assert all(entry["settled"] for entry in decision["entries"])
    assert decide(pack, application())["submit"] == ["lease"]


def test_a_paper_that_the_applicant_lacks_makes_a_rule_unmeetable() -> None:
    decision = decide(office(), application(lacks=["proof"]))

    assert decision["unmeetable"] == ["premises"]
    assert decision["submit"] == []
    assert {edge["outcome"] for edge in decision["entries"][0]["edges"]} == {"submit"}


def test_a_role_without_a_person_is_missing_and_its_paper_is_still_named() -> None:
    pack = office(requirements=[rule("buyer", ["lease"], party="buyer")])

    decision = decide(pack, application())

    assert decision["missing_roles"] == ["buyer"]
    assert decision["submit"] == ["buyer:lease"]


def test_own_papers_are_named_commitments_taken_and_promises_deferred() -> None:
    rules = [rule("a", ["charter"]), rule("b", ["lease"]), rule("c", ["proof"], secondary=True)]
    reductions = [cut("own_issued"), cut("commitment"), cut("tolerance")]
    pack = office(requirements=rules, reductions=reductions)
    credit = {"severe": False, "false_commitment": False}
    promises = {"commitments": ["lease"], "promised_later": ["proof"]}

    decision = decide(pack, application(**promises, credit=credit))
    assert [decision[key] for key in LISTS] == [[], ["charter"], ["lease"], ["proof"]]

    asked = decide(pack, application(**promises))
    assert (asked["submit"], asked["questions"]) == (["lease"], ["credit"])


def test_a_later_step_does_not_ask_again_for_what_an_earlier_one_took() -> None:
    items: list[Json] = [
        {"id": "setup", "name": "设立", "organ": "market", "outputs": ["charter"]},
        {"id": "seal", "name": "刻章", "organ": "market"},
    ]
    rules = [rule("a", ["lease"]), {**rule("b", ["lease", "charter", "proof"]), "item": "seal"}]
    steps = [
        {"id": "second", "item": "seal", "after": ["start"]},
        {"id": "start", "item": "setup"},
    ]
    pack = office(items=items, requirements=rules, reductions=[cut("earlier_stage")],
                  processes=[{"id": "p", "name": "流程", "steps": steps}])  # fmt: skip

    planned = plan(pack, "p", application())["steps"]

    assert [one["step"] for one in planned] == ["start", "second"]
    assert [one["decision"]["submit"] for one in planned] == [["lease"], ["proof"]]
