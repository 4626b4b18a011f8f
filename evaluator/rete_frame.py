"""Frames: how the service and an engine process talk, over one pair of sockets."""

import struct
from collections.abc import Iterator

DEFINE, FORGET, MATCH = b"D", b"F", b"M"
"""What the service says.

Define: a slot and the rule sets of a program. Forget: a slot. Match: a slot, a ticket, and a
fact for each rule set. All on lines of their own.
"""

READY, FIRED, FAILED = b"R", b"O", b"E"
"""What the engine says.

Ready: nothing. Fired: the ticket and the names of the rules. Failed: why it ends.
"""

_HEAD = struct.Struct("!Ic")


def frame(sort: bytes, text: str) -> bytes:
    """Return one frame: the length of its text, its sort, its text."""
    payload = text.encode()
    return _HEAD.pack(len(payload), sort) + payload


def frames(buffer: bytearray) -> Iterator[tuple[bytes, str]]:
    """Take every whole frame out of `buffer`, and yield its sort and its text."""
    while len(buffer) >= _HEAD.size:
        length, sort = _HEAD.unpack_from(buffer)
        end = _HEAD.size + length
        if len(buffer) < end:
            return
        text = buffer[_HEAD.size : end].decode()
        del buffer[:end]
        yield sort, text
