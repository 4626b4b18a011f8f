"""OpenAPI is true: the service answers drawn requests as its own description says."""

from collections.abc import Iterator
from typing import Any

import httpx2
import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.effort import tries
from tests.serving import release, served
from tests.small_pack import sound_case, sound_pack, write


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("openapi")
    release(write(sound_pack(), folder / "pack"), "2000-01-01", folder / "record.db")
    with served(folder / "record.db") as address:
        yield address


def test_the_service_answers_as_its_description_says(address: str) -> None:
    described = schemathesis.openapi.from_url(f"{address}/openapi.json")
    operations = [one.ok() for one in described.get_all_operations() if isinstance(one, Ok)]

    assert operations
    for operation in operations:

        @settings(max_examples=tries(25), suppress_health_check=list(HealthCheck))
        @given(operation.as_strategy())
        def answered(case: Any) -> None:
            # A case of the right form can still name what no pack knows: 422.
            case.call_and_validate(excluded_checks=[positive_data_acceptance])

        answered()


def test_the_description_names_every_key_of_a_case(address: str) -> None:
    described = httpx2.get(f"{address}/openapi.json").json()
    operation = described["paths"]["/api/v1/decisions"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]

    assert sound_case().keys() <= body["properties"].keys()
    assert set(operation["responses"]) >= {"201", "400", "413", "415", "422"}


def test_a_sound_case_is_answered_in_the_described_form(address: str) -> None:
    answer = httpx2.post(
        f"{address}/api/v1/decisions",
        content=orjson.dumps(sound_case()),
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 201
    assert answer.json().keys() == {"decision", "receipt"}
