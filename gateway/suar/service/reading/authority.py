"""Requests a token from a time-stamping authority (RFC 3161 over HTTP): one POST of bounded size, no redirects.

An answer is not trusted until the token is verified with the certificates that the operator named, over the bytes that
were sent.
"""

import asyncio
import ssl
from typing import Final, NamedTuple

import httpx

from suar.protocol.base.errors import Fault
from suar.protocol.files.stamps import TOKEN_MAX, Authority, Moment
from suar.protocol.files.tokens.form import read_reply
from suar.service.settings.config import CONFIG, Config
from suar.service.settings.sources import SEE

ANSWER_MAX: Final = TOKEN_MAX + 1024
_QUERY: Final = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply",
                 "User-Agent": "suar"}  # fmt: skip


class NotStamped(Exception):  # noqa: N818 - it is an outcome, and says so
    """The request gave no valid token; `why` is a short reason for the log, such as `timeout` or `status 500`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Token(NamedTuple):
    """A verified token, and the time that it states."""

    data: bytes
    moment: Moment


def authority_of(config: Config) -> Authority | None:
    """Return the operator's authority with its certificates, or None if none is named.

    Raises Fault for an unusable file.
    """
    settings = config.evidence
    if not settings.authority_ca_file:
        return None
    path = config.folder / settings.authority_ca_file
    try:
        return Authority(path.read_bytes())
    except OSError as error:
        raise Fault(
            f"{config.folder / CONFIG}: cannot read evidence.authority_ca_file: {error.strerror}", SEE
        ) from None


async def request_token(config: Config, content: bytes) -> Token:
    """Return a token over `content` from the operator's authority. Raises NotStamped."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    authority = authority_of(config)
    if authority is None or not config.evidence.authority:
        raise NotStamped("no authority")
    query = TimestampRequestBuilder(content, HashAlgorithm.SHA256).build()
    try:
        async with asyncio.timeout(config.evidence.timeout_seconds):
            answered = await _post(config, query.as_bytes())
    except TimeoutError:
        raise NotStamped("timeout") from None
    return _judged(authority, answered, query.nonce, content)


async def _post(config: Config, query: bytes) -> bytes:
    settings = config.evidence
    try:
        async with (
            httpx.AsyncClient(verify=_tls(config), trust_env=False, timeout=settings.timeout_seconds) as client,
            client.stream(
                "POST", settings.authority, content=query, headers=_QUERY, follow_redirects=False
            ) as response,
        ):
            if response.status_code != 200:
                raise NotStamped(f"status {response.status_code}")
            found = bytearray()
            async for piece in response.aiter_raw(4096):
                found += piece
                if len(found) > ANSWER_MAX:
                    raise NotStamped("too long")
            return bytes(found)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotStamped(type(error).__name__) from None


def _judged(authority: Authority, answered: bytes, nonce: int | None, content: bytes) -> Token:
    try:
        answer = read_reply(answered)
        token, same = answer.time_stamp_token(), answer.tst_info.nonce == nonce
    except (ValueError, OverflowError):
        raise NotStamped("no token") from None
    judged = authority.judge(token, content)
    if judged.weak:
        raise NotStamped(f"weak: {judged.weak}")
    if judged.moment is None or not same:
        raise NotStamped("not of the authority")
    return Token(token, judged.moment)


def _tls(config: Config) -> ssl.SSLContext:
    name = config.evidence.tls_ca_file
    try:
        return ssl.create_default_context(cafile=str(config.folder / name) if name else None)
    except (OSError, ssl.SSLError) as error:
        raise Fault(f"{config.folder / CONFIG}: evidence.tls_ca_file is of no use: {error}", SEE) from None
