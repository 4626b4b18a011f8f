"""The vault: what is locked opens with its key, case and part, and with nothing else."""

from pathlib import Path

import pytest

from audit.vault import MasterKey, MasterKeyError, SealedBoxError, Vault, lock, unlock

VAULT = Vault(MasterKey(b"m" * 32))


def test_a_box_opens_with_its_key_only() -> None:
    key, wrapped = VAULT.new_key("case 1")
    box = lock(key, b"secret", case="case 1", part="applicant")

    assert (
        unlock(VAULT.unwrap("case 1", wrapped), box, case="case 1", part="applicant")
        == b"secret"
    )
    assert b"secret" not in box
    assert key not in wrapped
    for other, case, part in (
        (VAULT.new_key("case 1")[0], "case 1", "applicant"),
        (key, "case 2", "applicant"),
        (key, "case 1", "agent"),
    ):
        with pytest.raises(SealedBoxError):
            unlock(other, box, case=case, part=part)


def test_a_box_changed_in_any_byte_or_cut_does_not_open() -> None:
    key, _ = VAULT.new_key("case 1")
    box = lock(key, b"secret", case="case 1", part="x")
    for place in range(len(box)):
        changed = box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :]
        for spoilt in (changed, box[:place]):
            with pytest.raises(SealedBoxError):
                unlock(key, spoilt, case="case 1", part="x")


def test_a_wrapped_key_is_of_one_case_and_one_master() -> None:
    _, wrapped = VAULT.new_key("case 1")

    with pytest.raises(SealedBoxError):
        VAULT.unwrap("case 2", wrapped)
    with pytest.raises(SealedBoxError):
        Vault(MasterKey(b"n" * 32)).unwrap("case 1", wrapped)


def test_equal_secrets_give_unequal_boxes() -> None:
    key, _ = VAULT.new_key("case 1")

    assert len({lock(key, b"secret", case="1", part="x") for _ in range(50)}) == 50


def test_an_identity_number_is_found_blindly() -> None:
    token = VAULT.blind("resident", "11010519491231002X")

    assert token == VAULT.blind("resident", "11010519491231002X")
    assert token != VAULT.blind("passport", "11010519491231002X")
    assert token != VAULT.blind("resident", "110105194912310021")
    assert token != Vault(MasterKey(b"n" * 32)).blind("resident", "11010519491231002X")
    assert len(token) == 32


def test_the_master_key_lies_in_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master"
    key = MasterKey.create(path)

    assert MasterKey.read(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.secret.hex() not in repr(key)
    assert key.derive("one") != key.derive("other")
    path.chmod(0o640)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        MasterKey.read(path)
    path.chmod(0o600)
    path.write_text("00" * 31)
    with pytest.raises(MasterKeyError, match="64 hexadecimal digits"):
        MasterKey.read(path)
    with pytest.raises(FileExistsError):
        MasterKey.create(path)
