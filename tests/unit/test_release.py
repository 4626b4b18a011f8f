"""Releases: a pack is checked, what it changes is shown, and earlier days keep their own."""

import subprocess
from pathlib import Path

import pytest

from tests.product import Json
from tests.serving import PROGRAM, environment, release
from tests.small_pack import sound_pack, write


def kinder() -> Json:
    """Return the small pack without the demand for the spouse's card."""
    pack = sound_pack()
    del pack["requirements"][1]
    pack["cases"][0]["want"]["submit"] = ["lease"]
    return pack


def test_a_release_shows_whose_lists_it_changes(tmp_path: Path) -> None:
    database = tmp_path / "record.db"
    first = release(write(sound_pack(), tmp_path / "first"), "2020-01-01", database)
    second = release(write(kinder(), tmp_path / "second"), "2026-06-01", database)

    assert "租赁场所的交租赁合同" in second
    assert "-spouse:id_card" in second
    assert "1 of 1 examples change" in second
    assert "in force from 2020-01-01" in first


def test_a_release_that_changes_no_list_says_so(tmp_path: Path) -> None:
    database = tmp_path / "record.db"
    pack = write(sound_pack(), tmp_path / "pack")
    release(pack, "2020-01-01", database)

    assert "0 of 1 examples change" in release(pack, "2021-01-01", database)


@pytest.mark.parametrize("wish", [["title"], []], ids=str)
def test_a_pack_whose_examples_fail_is_never_put_into_force(
    tmp_path: Path, wish: list[str]
) -> None:
    bad = sound_pack()
    bad["cases"][0]["want"]["submit"] = wish
    database = tmp_path / "record.db"
    done = subprocess.run(  # noqa: S603 (our own program)
        [PROGRAM, "release", write(bad, tmp_path / "bad"), "--from", "2026-01-01"],
        env=environment(database),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "`submit`" in done.stderr
    assert "Traceback" not in done.stderr
    assert "in force from" not in done.stdout
