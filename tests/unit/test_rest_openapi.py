"""OpenAPI is true: the service answers drawn requests as its own description says."""

from collections.abc import Iterator
from typing import Any, Final

import httpx2
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from tests.casework import CASES, Clerk, at_work
from tests.effort import tries
from tests.reception import Staffed
from tests.small_pack import sound_case

Work = tuple[Staffed, dict[str, Clerk]]


ROLES: Final = {
    "/api/v1/accounts": "admin",
    "/api/v1/alerts": "auditor",
    "/api/v1/audit": "auditor",
    "/api/v1/credit": "legal",
    "/api/v1/figures": "auditor",
}
"""Whose token an operation is asked with, by its path; a clerk's else."""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    with at_work(tmp_path_factory.mktemp("openapi")) as work:
        yield work


@pytest.fixture(scope="module")
def address(work: Work) -> str:
    return work[0].address


@pytest.fixture(scope="module")
def operations(address: str) -> list[Any]:
    described = schemathesis.openapi.from_url(f"{address}/openapi.json")
    return [one.ok() for one in described.get_all_operations() if isinstance(one, Ok)]


@pytest.mark.parametrize("known", [False, True], ids=["any", "known"])
def test_the_service_answers_as_its_description_says(
    work: Work, operations: list[Any], *, known: bool
) -> None:
    """Ask with drawn numbers, and, of cases, with the number of one that is there."""
    office, everybody = work
    tokens = {login: office.token(login) for login in everybody}
    number = everybody["own"].open()["number"]
    asked = [one for one in operations if not known or one.path.startswith(f"{CASES}/{{")]

    assert asked
    for operation in asked:
        login = next(
            (who for path, who in ROLES.items() if operation.path.startswith(path)), "own"
        )
        ask_as_described(operation, tokens[login], number if known else "")


def ask_as_described(operation: Any, token: str, number: str) -> None:
    """Ask for an operation in drawn ways, of a case of this number if there is one."""

    @settings(max_examples=tries(10), suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def answered(case: Any) -> None:
        if number:
            case.path_parameters["number"] = number
        # A case of the right form can still name what no pack knows: 422.
        case.call_and_validate(
            headers={"authorization": f"Bearer {token}"},
            excluded_checks=[positive_data_acceptance, ignored_auth],
        )

    answered()


def test_the_description_names_every_key_of_a_case(address: str) -> None:
    described = httpx2.get(f"{address}/openapi.json").json()
    operation = described["paths"]["/api/v1/decisions"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]

    assert sound_case().keys() <= body["properties"].keys()
    assert set(operation["responses"]) >= {"201", "400", "413", "415", "422"}


def test_a_sound_case_is_answered_in_the_described_form(work: Work) -> None:
    answer = work[1]["own"].client.post(
        "/api/v1/decisions",
        content=orjson.dumps(sound_case()),
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 201
    assert answer.json().keys() == {"decision", "receipt"}
