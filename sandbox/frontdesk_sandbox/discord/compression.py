"""The gateway's transport compression: one stream a socket, flushed after every payload."""

import zlib
from typing import Protocol


class Stream(Protocol):
    """Packs one payload after the other into one stream."""

    def pack(self, payload: bytes) -> bytes:
        """The bytes that a client must have got to read this payload."""
        ...


class ZlibStream:
    """``compress=zlib-stream``."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(1)

    def pack(self, payload: bytes) -> bytes:
        """See Stream."""
        return self._stream.compress(payload) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class ZstdStream:
    """``compress=zstd-stream``, which hikari asks for where the package backports.zstd is installed.

    Raises:
        ModuleNotFoundError: where it is not.
    """

    def __init__(self) -> None:
        from backports import zstd

        self._stream = zstd.ZstdCompressor(level=1)

    def pack(self, payload: bytes) -> bytes:
        """See Stream."""
        return self._stream.compress(payload, self._stream.FLUSH_BLOCK)


def stream_for(wish: str | None) -> Stream | None:
    """The compression that a client asks for in the query; None for none."""
    match wish:
        case "zlib-stream":
            return ZlibStream()
        case "zstd-stream":
            return ZstdStream()
        case _:
            return None
