"""How much of an answer is read, and for how long: a server that sends without end keeps nobody waiting for ever.

A limit to every single wait, which is what HTTP clients know, ends neither a body that never ends nor one that comes a
byte at a time, and none of their decoders stops at a small body that unpacks to a giant one.
"""

import ssl
import time
import zlib
from functools import cache
from typing import Any, cast

import httpx

from workbench.errors import LabelStudioError

ANSWER_BYTES = 512 * 1024**2
"""The longest body, packed or unpacked. A page of 200 tasks on articles of a million characters has some 300 MB."""
SLOWEST_BYTES_A_SECOND = 10_000
"""What a body must come at, after the time that a first byte may take."""
_OF_THE_TRANSFER = (b"content-encoding", b"content-length", b"transfer-encoding")


class LimitedClient(httpx.Client):
    """An HTTP client that reads bodies of a limited length within a limited time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(headers={"Accept-Encoding": "gzip, deflate"}, verify=_certificates(), **options)

    def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
        """The answer, its body read and unpacked.

        Raises:
            LabelStudioError: the body is longer than it may be.
            httpx.ReadTimeout: it comes too slowly.
            httpx.DecodingError: it is packed in a way that was not asked for, or damaged.
        """
        response = super().send(request, stream=True, **options)
        if stream:
            return response
        try:
            body = _body(response)
        finally:
            response.close()
        return httpx.Response(
            response.status_code,
            headers=[(name, value) for name, value in response.headers.raw if name.lower() not in _OF_THE_TRANSFER],
            content=body,
            request=response.request,
            extensions=response.extensions,
            history=response.history,
        )


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust, read once: that takes longer than most requests."""
    return httpx.create_ssl_context()


def _body(response: httpx.Response) -> bytes:
    timeouts = cast("dict[str, float | None]", response.request.extensions.get("timeout", {}))
    patience = timeouts.get("read")
    began = time.monotonic()
    unpack = _unpacker(response)
    body = bytearray()
    received = 0
    for chunk in response.iter_raw():
        received += len(chunk)
        body += unpack.decompress(chunk, ANSWER_BYTES + 1 - len(body)) if unpack else chunk
        if max(received, len(body)) > ANSWER_BYTES:
            raise LabelStudioError(
                f"an answer of {response.request.url.host} is longer than {ANSWER_BYTES:,} bytes",
                hint="check the address: it may not be Label Studio that answers there",
            )
        if patience is not None and time.monotonic() - began > patience + received / SLOWEST_BYTES_A_SECOND:
            raise httpx.ReadTimeout("its answer comes too slowly", request=response.request)
        if unpack and unpack.eof:  # what follows belongs to no body
            break
    return bytes(body)


class _Unpacker:
    """Takes gzip or deflate apart, no further than it is told to."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    def decompress(self, chunk: bytes, most: int) -> bytes:
        try:
            return self._inflate.decompress(chunk, most)
        except zlib.error as error:
            raise httpx.DecodingError("its answer is packed in a damaged way", request=self._request) from error


def _unpacker(response: httpx.Response) -> _Unpacker | None:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Unpacker(response.request)
    if encoding not in ("", "identity"):
        raise httpx.DecodingError("its answer is packed in a way it was not asked for", request=response.request)
    return None
