"""The wire: one shared HTTP client, which follows nothing and believes nothing."""

from http.cookiejar import DefaultCookiePolicy
from typing import Final

import httpx2

from knowledge.lookup.failure import NotAuthorisedError, Reason, UnavailableError
from knowledge.lookup.hub import Limits

_HEADERS: Final = {
    "content-type": "application/json; charset=utf-8",
    "accept": "application/json",
    "accept-encoding": "identity",  # a small body must not grow after it has been measured
    "user-agent": "jianzheng",
}
_IDLE: Final = 4.0
"""Seconds that an unused connection is kept: less than the servers we know keep theirs."""


class Wire:
    """POSTs a body and brings the body of the answer, or says by a word why there is none.

    No redirects, proxies, cookies or compression; at most `body` bytes. The caller bounds the
    whole by a deadline of its own. Used on one event loop only.
    """

    def __init__(self, limits: Limits) -> None:
        self._most = limits.body
        self._client = httpx2.AsyncClient(
            headers=_HEADERS,
            timeout=httpx2.Timeout(limits.read, connect=limits.connect),
            limits=httpx2.Limits(  # bulkheads bound the connections, registry by registry
                max_connections=None, max_keepalive_connections=64, keepalive_expiry=_IDLE
            ),
            follow_redirects=False,
            trust_env=False,
        )
        self._client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))

    async def post(self, url: str, body: bytes) -> bytes:
        """Return the body of the answer, or raise `UnavailableError`, `NotAuthorisedError`."""
        try:
            async with self._client.stream("POST", url, content=body) as response:
                _judge(response.status_code)
                return await self._read(response)
        except httpx2.TimeoutException as error:
            raise UnavailableError("timeout") from error
        except (httpx2.ConnectError, httpx2.UnsupportedProtocol) as error:
            raise UnavailableError("refused") from error
        except httpx2.HTTPError as error:
            raise UnavailableError("reset") from error

    async def _read(self, response: httpx2.Response) -> bytes:
        body = bytearray()
        async for part in response.aiter_raw():
            body += part
            if len(body) > self._most:
                raise UnavailableError("too_large")
        return bytes(body)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _judge(status: int) -> None:
    if status == httpx2.codes.OK:
        return
    if status in {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}:
        raise NotAuthorisedError
    reason: Reason = "schema"
    if httpx2.codes.is_redirect(status):
        reason = "redirect"
    elif httpx2.codes.is_error(status):
        reason = "server"
    raise UnavailableError(reason)
