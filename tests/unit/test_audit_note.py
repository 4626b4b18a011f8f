"""Signed notes, checkpoints and promises: the bytes of the C2SP specifications."""

from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import Checkpoint, opened, time_of
from audit.note import (
    Ed25519Signer,
    KeyFormatError,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    cosign,
    sign,
)
from audit.promise import Promise, promised
from audit.verify import Key
from audit.verify import Note as SecondNote
from tests.ledger import ORIGIN, signer

# The example of Go's golang.org/x/mod/sumdb/note, from which C2SP signed-note was written.
KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
# The example of C2SP tlog-checkpoint and tlog-cosignature.
CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501 a note has lines of its own


def test_a_note_is_signed_and_read_as_in_the_reference() -> None:
    private = Ed25519PrivateKey.from_private_bytes(b64decode(SEED)[1:])
    peter = Ed25519Signer("PeterNeumann", private)

    note = Note(TEXT, (sign(TEXT, peter),))

    assert str(peter.key) == KEY
    assert str(note) == f"{TEXT}\n{SIGNATURE}\n"
    assert Note.parse(str(note)) == note
    assert note.verified(VerifierKey.parse(KEY)) == note.signatures


def test_the_example_checkpoint_of_the_specification_is_read() -> None:
    note = Note.parse(CHECKPOINT)
    checkpoint = Checkpoint.parse(note.text)

    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.text == note.text
    assert str(note) == CHECKPOINT
    assert note.signatures[1].time == 1679315147


@pytest.mark.parametrize("place", range(len(KEY)))
def test_a_mistyped_key_is_refused(place: int) -> None:
    mistyped = KEY[:place] + chr(ord(KEY[place]) + 1) + KEY[place + 1 :]

    with pytest.raises(KeyFormatError):
        VerifierKey.parse(mistyped)
    with pytest.raises(ValueError, match=r".+"):
        Key.parse(mistyped)


def test_a_key_cut_anywhere_is_refused() -> None:
    for end in range(len(KEY)):
        with pytest.raises(KeyFormatError):
            VerifierKey.parse(KEY[:end])


@pytest.mark.parametrize(
    "body",
    [
        "",
        TEXT,
        f"{TEXT}\n",
        f"{TEXT}{SIGNATURE}\n",
        f"{TEXT}\n{SIGNATURE}",
        f"{TEXT}\n{SIGNATURE}\n\n",
        f"{TEXT}\n{SIGNATURE} \n",
        f"{TEXT}\n{SIGNATURE}\n" * 2 + "x",
        f"{TEXT}\n-{SIGNATURE[1:]}\n",
        f"{TEXT}\n{SIGNATURE[:-5]}\n",
        f"{TEXT}\t\n{SIGNATURE}\n",
        f"{TEXT}\n— PeterNeumann x08go===\n",
        f"{TEXT}\n— Peter+Neumann x08go/ZJ\n",
        f"{TEXT}\n" + f"{SIGNATURE}\n" * 65,
    ],
)
def test_what_is_no_note_is_refused(body: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(body)


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    note = Note(TEXT, (sign(TEXT, signer(1)), sign(TEXT, signer(2))))

    assert [each.key_id for each in note.verified(signer(2).key)] == [signer(2).key.id]
    with pytest.raises(NoteError, match="none of"):
        note.verified(signer(3).key)


def test_one_false_signature_of_a_known_key_spoils_the_note() -> None:
    good, other = sign(TEXT, signer(1)), sign("another text\n", signer(2))

    with pytest.raises(NoteError, match="is false"):
        Note(TEXT, (good, other)).verified(signer(1).key, signer(2).key)


def test_no_flipped_bit_of_a_signature_verifies() -> None:
    key = signer(1).key
    for signature, by in (
        (sign(TEXT, signer(1)), key),
        (cosign(TEXT, signer(1), 1_700_000_000), key.timestamped),
    ):
        assert by.verifies(signature.value, TEXT)
        for bit in range(0, 8 * len(signature.value), 7):
            flipped = bytearray(signature.value)
            flipped[bit // 8] ^= 1 << bit % 8
            assert not by.verifies(bytes(flipped), TEXT)


def test_a_key_that_signs_with_the_time_is_another_key() -> None:
    key = signer(1).key

    assert key.timestamped.id != key.id
    assert VerifierKey.parse(str(key.timestamped)) == key.timestamped
    assert not key.verifies(cosign(TEXT, signer(1), 1).value[8:], TEXT)


def test_a_checkpoint_carries_the_time_that_the_log_signed() -> None:
    note = Checkpoint(ORIGIN, 0, bytes(32)).signed(signer(1), 1_700_000_000)

    assert opened(Note.parse(str(note)), signer(1).key).head == (0, bytes(32))
    assert time_of(note, signer(1).key) == 1_700_000_000


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n01\n{'A' * 43}=\n",
        f"{ORIGIN}\n-1\n{'A' * 43}=\n",
        f"{ORIGIN}\n1\n{'A' * 42}==\n",
        f"{ORIGIN}\n1\n{'A' * 43}=\n\n",
        f"\n1\n{'A' * 43}=\n",
        f"{ORIGIN}\n1\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_extension_lines_are_passed_over() -> None:
    text = f"{ORIGIN}\n1\n{'A' * 43}=\nanything\n"

    assert Checkpoint.parse(text) == Checkpoint(ORIGIN, 1, bytes(32))


def test_a_promise_cannot_be_taken_for_a_checkpoint_nor_a_checkpoint_for_a_promise() -> None:
    promise, checkpoint = Promise(ORIGIN, bytes(32), 5), Checkpoint(ORIGIN, 1, bytes(32))

    assert promised(promise.signed(signer(1)), signer(1).key) == promise
    with pytest.raises(NoteError):
        opened(promise.signed(signer(1)), signer(1).key)
    with pytest.raises(NoteError):
        promised(checkpoint.signed(signer(1), 5), signer(1).key)


def test_the_verifier_reads_notes_as_the_log_does() -> None:
    text = str(Checkpoint(ORIGIN, 7, bytes(32)).signed(signer(1), 1_700_000_000))

    second = SecondNote.parse(text)

    assert second.by(Key.parse(str(signer(1).key))) == Note.parse(text).signatures[0].value
    assert second.by(Key.parse(str(signer(2).key))) is None


def test_a_private_key_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    made = Ed25519Signer.create(ORIGIN, tmp_path / "key.pem")

    assert Ed25519Signer.read(ORIGIN, tmp_path / "key.pem").key == made.key
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        Ed25519Signer.create(ORIGIN, tmp_path / "key.pem")
    (tmp_path / "other.pem").write_text("nothing")
    with pytest.raises(KeyFormatError, match="holds no Ed25519 private key"):
        Ed25519Signer.read(ORIGIN, tmp_path / "other.pem")


def test_a_signature_line_is_read_as_it_is_written() -> None:
    assert str(Signature.parse(SIGNATURE)) == SIGNATURE
