"""Hubs in the settings: secrets by reference only, and every refusal with its cure."""

from pathlib import Path

import pytest

from api.hubs import HubsError, read_hubs
from api.settings import Settings
from knowledge.lookup.hub import Hub

SECRET = "sixteen bytes and a few"  # noqa: S105 (it opens nothing)


def written(folder: Path, text: str) -> Path:
    path = folder / "hubs.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(HubsError) as caught:
        read_hubs(path)
    return str(caught.value)


def test_without_a_file_there_are_no_hubs() -> None:
    assert read_hubs(None) == {}
    assert Settings.of("sqlite:///x.db").hubs is None


def test_the_file_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIANZHENG_HUBS", "/somewhere/hubs.yaml")

    assert Settings.from_environment().hubs == Path("/somewhere/hubs.yaml")


def test_secrets_come_from_the_environment_or_from_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITY_SECRET", SECRET)
    (tmp_path / "province.key").write_text(SECRET + "!\n", encoding="utf-8")
    path = written(
        tmp_path,
        "city: {address: 'http://127.0.0.1:8001', app_id: us, secret: env:CITY_SECRET}\n"
        "province: {address: https://hub.test/gw, app_id: us, secret: file:province.key}\n",
    )

    hubs = read_hubs(path)

    assert hubs == {
        "city": Hub("http://127.0.0.1:8001", "us", SECRET.encode()),
        "province": Hub("https://hub.test/gw", "us", (SECRET + "!").encode()),
    }
    assert SECRET not in repr(hubs)


def test_json_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITY_SECRET", SECRET)
    text = (
        '{"city": {"address": "http://hub.test", "app_id": "us", "secret": "env:CITY_SECRET"}}'
    )

    assert list(read_hubs(written(tmp_path, text))) == ["city"]


def test_a_secret_in_the_file_itself_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = written(
        tmp_path, f"city: {{address: 'http://hub.test', app_id: us, secret: {SECRET}}}"
    )

    said = refusal(path)

    assert "city.secret" in said
    assert "write env:NAME or file:PATH" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "address",
    ["hub.test", "ftp://hub.test", "http://", "http://me:pw@hub.test", "http://h.test/?a=1",
     "http://h.test/#a", "http://h.test:99999", "http://h test"],
)  # fmt: skip
def test_an_address_is_plain_http(tmp_path: Path, address: str) -> None:
    path = written(tmp_path, f'city: {{address: "{address}", app_id: us, secret: env:X}}')

    assert "city.address: is no address of a hub" in refusal(path)


@pytest.mark.parametrize("reference", ["env:NOT_THERE", "file:not-there.key"])
def test_a_reference_that_leads_nowhere_is_named(tmp_path: Path, reference: str) -> None:
    path = written(
        tmp_path, f'city: {{address: "http://hub.test", app_id: us, secret: "{reference}"}}'
    )

    assert f"there is nothing at `{reference}`" in refusal(path)


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "k").write_text("short", encoding="utf-8")
    path = written(tmp_path, 'city: {address: "http://hub.test", app_id: us, secret: "file:k"}')

    assert "fewer than 16 bytes" in refusal(path)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, "city: {address: x, colour: red}\nOther Hub: {}\n"))

    for place in ("city.address", "city.app_id", "city.secret", "city.colour", "Other Hub"):
        assert place in said


@pytest.mark.parametrize("text", ["- a\n", "{", "city: 1.5"])
def test_what_is_no_file_of_hubs_is_refused_with_the_setting(tmp_path: Path, text: str) -> None:
    assert "hubs" in refusal(written(tmp_path, text))


def test_a_file_that_is_not_there_is_refused_with_the_setting(tmp_path: Path) -> None:
    assert "correct JIANZHENG_HUBS" in refusal(tmp_path / "nowhere.yaml")
