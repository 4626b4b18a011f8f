"""The line: a server connection that an answer can break off, as a failing network would."""

import asyncio
import socket
import struct
from typing import Final

from fastapi import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

_LINGER_NOT: Final = struct.pack("ii", 1, 0)
"""`SO_LINGER` with no time: closing sends RST, not FIN."""
_TRANSPORT: Final = "transport"


class Line(H11Protocol):
    """The server's own protocol; each request finds the connection in its state."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # (as the protocol itself has it)
        """Remember the connection where requests can reach it; send each part at once."""
        super().connection_made(transport)
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, _TRANSPORT: transport}


def break_off(request: Request) -> None:
    """Cut the connection of a request at once: the caller sees it reset."""
    transport: asyncio.Transport = getattr(request.state, _TRANSPORT)
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()
