"""Commands of the record: export, audit, erase, backup, restore, on a real installation."""

import json
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.witnessing import RemoteLog, Watch, open_witness
from audit.note import VerifierKey
from tests.installation import Client, Installation, Ran

APPLICANT = "11010519491231002X"
NOW = 1_700_000_000
"""The witness's time: long ago, so that its word is late and never of the future."""


@dataclass(frozen=True)
class Kept:
    """An installation with two decisions that a witness has seen, at rest."""

    installation: Installation
    witness: Watch
    receipts: list[dict[str, Any]]
    port: int

    @property
    def cosigned(self) -> Path:
        """The file of the last cosigned checkpoint."""
        return self.witness.folder / "cosigned"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("office")
    installation = Installation(folder)
    with installation.served() as client:
        witness = _watch(client, tmp_path_factory.mktemp("witness"))
        receipts = [client.decide(), client.decide()]
        witness.once()
        port = client.port
    installation.trust(witness.witness.signer.key)
    with installation.served(port):
        assert witness.once(), witness.trouble
    return Kept(installation, witness, receipts, port)


@pytest.fixture
def copy(kept: Kept, tmp_path: Path) -> Installation:
    """Return the same installation in a folder of its own, to be spoilt."""
    return kept.installation.copied(tmp_path / "copy")


def _watch(client: Client, folder: Path) -> Watch:
    one = Watch(RemoteLog(client.url), open_witness(folder), folder, clock=lambda: NOW)
    one.begin(VerifierKey.parse(client.http.get("/api/v1/log/keys").json()[0]["key"]))
    return one


def verified(folder: Path, *words: object) -> Ran:
    """Run the verifier of an export, without any module of ours."""
    done = subprocess.run(  # noqa: S603 (the exported verifier)
        [sys.executable, "-I", folder / "verify.py", folder, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def wrong(ran: Ran) -> list[str]:
    return [line for line in ran.out.splitlines() if line.startswith("wrong: ")]


def test_two_exports_are_equal_byte_for_byte_and_verify_without_the_program(
    kept: Kept, tmp_path: Path
) -> None:
    ran = [kept.installation.run("export", tmp_path / name) for name in ("one", "two")]
    files = [
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    ]
    key = ran[0].out.partition("--key '")[2].rstrip("'\n")
    verdict = verified(tmp_path / "one", "--key", key, "--witnessed", kept.cosigned)

    assert [one.code for one in ran] == [0, 0]
    assert files[0] == files[1]
    assert verdict.code == 0, verdict.out


def test_an_export_shows_no_identity_number(kept: Kept, tmp_path: Path) -> None:
    kept.installation.run("export", tmp_path / "out")

    for path in (tmp_path / "out").iterdir():
        assert APPLICANT.encode() not in path.read_bytes()


def test_an_export_never_mixes_with_what_is_there(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep me")
    ran = kept.installation.run("export", tmp_path)

    assert ran.code == 1
    assert "is not empty; name a new folder" in ran.err


def test_the_audit_says_at_once_that_the_witness_is_late_and_nothing_else(kept: Kept) -> None:
    ran = kept.installation.run("audit", "--witnessed", kept.cosigned)

    assert ran.code == 1
    assert len(wrong(ran)) == 1
    assert "the witness has not signed for" in wrong(ran)[0]


SPOILT = {
    "DELETE FROM decision WHERE number = (SELECT max(number) FROM decision)": (
        "1 sealed decisions cannot be looked up"
    ),
    "DELETE FROM log_body WHERE digest = (SELECT max(case_box) FROM decision)": (
        "the case box of 1 decisions is lost"
    ),
    "UPDATE decision SET leaf = zeroblob(32) WHERE number = (SELECT max(number) FROM decision"
    ")": ("1 decisions are not in the record"),
    "UPDATE log_leaf SET hash = zeroblob(32) WHERE place = 2": "is not the tree of",
    "DELETE FROM log_leaf WHERE place = (SELECT max(place) FROM log_leaf)": (
        "1 entries were promised more than 60 s ago"
    ),
    "UPDATE log_checkpoint SET note = replace(note, 'jianzheng/', 'somebody/')": "signed",
}


@pytest.mark.parametrize("act", SPOILT)
def test_the_audit_names_what_a_database_administrator_has_done(
    act: str, copy: Installation
) -> None:
    with sqlite3.connect(copy.folder / "record.db") as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE log_entry SET at = at - 120000")
        database.execute(act)
    database.close()
    ran = copy.run("audit")

    assert ran.code == 1
    assert SPOILT[act] in ran.out, ran.out


def test_an_erased_person_is_unreadable_in_every_byte_and_the_rest_still_verifies(
    kept: Kept, copy: Installation, tmp_path: Path
) -> None:
    number = kept.receipts[0]["number"]
    with sqlite3.connect(copy.folder / "record.db") as database:
        (wrapped,) = database.execute(
            'SELECT wrapped FROM log_case_key WHERE "case" = ?', [number]
        ).fetchone()
    database.close()
    ran = copy.run("erase", number)
    again = copy.run("erase", number)
    unknown = copy.run("erase", "20260101-0")
    copy.run("export", tmp_path / "out")
    left = [path for path in copy.folder.rglob("*") if path.is_file()]

    assert ran.code == 0, ran.err
    assert [again.code, unknown.code] == [2, 2]
    assert [path for path in left if wrapped in path.read_bytes()] == []
    assert verified(tmp_path / "out", "--witnessed", kept.cosigned).code == 0
    with copy.served() as client:
        story = client.http.get(f"/api/v1/audit/decisions/{number}/story")
        proof = client.http.get(f"/api/v1/audit/decisions/{number}/proof")
    assert story.status_code == 410
    assert proof.json()["place"]["index"] == 2


def test_a_backup_is_one_file_without_keys_and_can_be_put_back(
    kept: Kept, copy: Installation, tmp_path: Path
) -> None:
    made = copy.run("backup", tmp_path / "b", "--keys", tmp_path / "k")
    target = Installation(tmp_path / "new")
    target.folder.mkdir()
    words = ("restore", tmp_path / "b", "--keys", tmp_path / "k", "--witnessed", kept.cosigned)
    back = target.run(*words)
    again = target.run(*words)

    assert made.code == 0, made.err
    assert {path.name for path in (tmp_path / "b").iterdir()} == {
        "backup.json", "checkpoint", "record.db",
    }  # fmt: skip
    assert (back.code, wrong(back)) == (0, []), back.out + back.err
    assert again.code == 1
    assert "is there already; move it away first" in again.err
    assert oct((target.folder / "record-keys").stat().st_mode)[-3:] == "700"
    with target.served() as client:
        read = client.http.get(f"/api/v1/decisions/{kept.receipts[1]['number']}")
    assert read.json()["receipt"]["leaf"] == kept.receipts[1]["leaf"]


def test_a_backup_is_whole_while_the_service_writes(kept: Kept, copy: Installation) -> None:
    del kept
    with copy.served() as client:
        client.decide()
        made = copy.run("backup", copy.folder / "b", "--keys", copy.folder / "k")
        client.decide()
    about = json.loads((copy.folder / "b" / "backup.json").read_text("utf-8"))
    target = Installation(copy.folder / "new")
    target.folder.mkdir()

    assert made.code == 0, made.err
    assert about["size"] >= 5
    assert target.run("restore", copy.folder / "b", "--keys", copy.folder / "k").code == 0


def test_an_old_backup_is_reported_as_a_rollback_when_a_newer_checkpoint_is_given(
    kept: Kept, copy: Installation, tmp_path: Path
) -> None:
    copy.run("backup", tmp_path / "b", "--keys", tmp_path / "k")
    with copy.served() as client:
        witness = _watch(client, tmp_path / "w")
        witness.folder.mkdir(exist_ok=True)
        client.decide()
        witness.once()
    newer = tmp_path / "w" / "cosigned"
    target = Installation(tmp_path / "new")
    target.folder.mkdir()
    back = target.run("restore", tmp_path / "b", "--keys", tmp_path / "k", "--witnessed", newer)
    audit = target.run("audit", "--witnessed", newer)

    assert back.code == 1
    assert "wrong: rollback: the checkpoint that you gave has" in back.out
    assert "wrong: rollback: the checkpoint that you gave has" in audit.out
    assert kept.cosigned.exists()


def test_keys_are_not_laid_beside_the_record(copy: Installation, tmp_path: Path) -> None:
    ran = copy.run("backup", tmp_path / "b", "--keys", tmp_path / "b" / "keys")

    assert ran.code == 1
    assert "name another place for --keys" in ran.err
    assert not (tmp_path / "b").exists()
