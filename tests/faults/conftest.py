"""Registries over real sockets, whose faults a test switches."""

from collections.abc import Iterator

import pytest

from knowledge.lookup.registries import Registries
from tests.registering import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def registries(server: Server) -> Iterator[Registries]:
    opened = Registries({"city": server.hub})
    yield opened
    opened.close()
