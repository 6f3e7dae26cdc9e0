"""Calls for operators of the gateway: trust, keys, peers, checks, metrics, and the two probes."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter, RawBody
from msgspec import UNSET

from suar.api.contract.shapes import (
    Alive,
    AuditPage,
    ChecksDocument,
    ClockReset,
    CommitmentsPage,
    CompromisedKey,
    KeyRow,
    NewKey,
    PeerRow,
    Ready,
    TrustDocument,
    TrustJudged,
    Yielded,
)
from suar.api.http.access import OPEN, Context, context_of, has_scope, scope
from suar.api.http.bodies import refusal
from suar.api.http.documents import AlarmRow, Compromised, PurgedRow, RetentionDocument, body_of
from suar.api.http.paging import next_link
from suar.api.http.problems import Problem, answer
from suar.observe.checks import every as checks
from suar.observe.metrics import CONTENT_TYPE
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.passphrase_check import NotConfirmed, TooManyAttempts
from suar.service.access.tokens import TokenInfo
from suar.store.engine.database import StoreFault

Call = Request[TokenInfo, None, Any]
_compromised: Final = msgspec.json.Decoder(Compromised).decode
Pin = Annotated[
    str | None, QueryParameter(pattern=r"^[0-9a-f]{64}\Z", description="the hash of the first list, in hex")
]
Since = Annotated[int, QueryParameter(ge=0, le=limits.INTEGER_MAX, description="milliseconds since 1970")]
Open = Annotated[bool, QueryParameter(name="open", description="only those that are open")]
After = Annotated[int, QueryParameter(ge=0, le=limits.INTEGER_MAX, description="the number of a line")]
Peer = Annotated[str, QueryParameter(pattern=r"^[A-Z]{2}\Z", description="the code of a member")]
Lines = Annotated[int, QueryParameter(ge=1, le=1000, description="at most so many lines")]


@get("/v1/trust", opt=scope("operate"), responses={200: ResponseSpec(TrustDocument, description="the list in force")})
async def trust(request: Call) -> Response[bytes]:
    """The trust list in force: version, hash, members, days left."""
    return answer(await context_of(request).gateway.trust())


@post(
    "/v1/trust",
    opt=scope("admin"),
    status_code=200,
    operation_class=body_of("application/octet-stream", "a trust list"),
    responses={200: ResponseSpec(TrustJudged, description="accepted, or known already")},
)
async def import_list(request: Call, body: RawBody, pin: Pin = None) -> Response[bytes]:
    """Hand the gateway a trust list; it publishes it to the others. The first one needs its pin."""
    if len(body) > limits.TRUST_BYTES:
        raise Problem("E-HTTP-TOO-LARGE", f"a trust list has at most {limits.TRUST_BYTES} bytes")
    try:
        first = bytes.fromhex(pin) if pin else None
        return answer(await context_of(request).gateway.import_list(body, first, request.user.name), 200)
    except StoreFault:
        raise
    except Fault as fault:  # its text names the code and the rule
        raise Problem("E-HTTP-REFUSED", fault.text, hint=fault.hint) from None


@get(
    "/v1/trust/history",
    opt=scope("operate"),
    responses={200: ResponseSpec(bytes, description="a trust file", media_type="application/octet-stream")},
)
async def trust_history(request: Call) -> Response[bytes]:
    """Every trust list and Revoke that is held, as a file for `suar evidence verify`: docs/evidence.md."""
    return Response(await context_of(request).gateway.trust_file(), media_type="application/octet-stream")


@get("/v1/keys", opt=scope("operate"), responses={200: ResponseSpec(list[KeyRow], description="ours")})
async def keys(request: Call) -> Response[bytes]:
    """This gateway's keys and their times; nothing secret."""
    return answer(await context_of(request).gateway.keys())


@post(
    "/v1/keys/rotate",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(NewKey, description="the new bundle")},
)
async def rotate(request: Call) -> Response[bytes]:
    """A new key bundle now."""
    return answer(await context_of(request).gateway.rotate_keys(request.user.name))


@post(
    "/v1/keys/compromised",
    opt=scope("admin"),
    status_code=200,
    operation_class=body_of(
        "application/json", '{"kid": KID, "passphrase": that of the keyring, for an identity key}', Compromised
    ),
    responses={200: ResponseSpec(CompromisedKey, description="what was done, and what it exposed")},
)
async def compromised(request: Call, body: RawBody) -> Response[bytes]:
    """Handle a compromised key of this gateway: it is revoked or erased, replaced, and what it exposed is listed.

    An identity key is revoked permanently: that requires the keyring's passphrase too, and no older token may do it.
    """
    gateway, (kid, passphrase) = context_of(request).gateway, _compromised_key(body)
    if request.user.is_old and gateway.is_identity(kid):
        raise Problem("E-HTTP-SCOPE", "a token made before the scope admin does not revoke the identity")
    try:
        return answer(await gateway.compromised(kid, request.user.name, passphrase))
    except StoreFault:
        raise
    except TooManyAttempts as fault:
        raise Problem("E-HTTP-RATE", fault.text, hint=fault.hint, headers={"Retry-After": str(fault.seconds)}) from None
    except NotConfirmed as fault:
        raise Problem("E-HTTP-PASSPHRASE", fault.text, hint=fault.hint) from None
    except Fault as fault:
        raise Problem("E-HTTP-REFUSED", fault.text, hint=fault.hint) from None


@get("/v1/peers", opt=scope("monitor"), responses={200: ResponseSpec(list[PeerRow], description="by member")})
async def peers(request: Call) -> Response[bytes]:
    """The other members: heads, silence, trust version, gaps."""
    return answer(await context_of(request).gateway.peers())


@get(
    "/v1/alarms",
    opt=scope("monitor"),
    responses={200: ResponseSpec(list[AlarmRow], description="oldest first")},
)
async def alarms(request: Call, since: Since = 0, only: Open = False) -> Response[bytes]:
    """Alarms, oldest first, each with the exact range of frames where there is one."""
    return answer(await context_of(request).gateway.alarms(since, is_open=only))


@get("/v1/checks", opt=scope("monitor"), responses={200: ResponseSpec(ChecksDocument, description="of this moment")})
async def health(request: Call) -> Response[bytes]:
    """The list of health checks."""
    return answer(checks.as_json(await _checks(context_of(request))))


@get(
    "/v1/audit", opt={**scope("operate"), "audit": True}, responses={200: ResponseSpec(AuditPage, description="a page")}
)
async def audit(request: Call, after: After = 0, limit: Lines = 1000) -> Response[bytes]:
    """What people did, oldest first: lines after number `after`, each bound to the one before it, and signed heads.

    The title, then lines and heads in their order, a JSON document for each line, are a log that `suar audit verify`
    judges.
    """
    found = await context_of(request).gateway.audit(after, limit, request.user.name)
    page = answer(found)
    if found["lines"]:
        page.headers.update(next_link(request, "/v1/audit", after=found["lines"][-1]["n"], limit=limit))
    return page


@get(
    "/v1/audit/commitments",
    opt=scope("operate"),
    responses={200: ResponseSpec(CommitmentsPage, description="one an hour, oldest first")},
)
async def commitments(request: Call, member: Peer, after: After = 0, limit: Lines = 1000) -> Response[bytes]:
    """Commitments of another member to its audit log, one an hour, oldest first, after hour `after`.

    Title and commitments, a JSON document for each line, are a file for `suar audit verify --commitments`.
    """
    return answer(await context_of(request).gateway.commitments(member, after, limit, request.user.name))


@post(
    "/v1/clock/reset",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(ClockReset, description="done")},
)
async def reset_clock(request: Call) -> Response[bytes]:
    """After a clock that ran ahead: reset the highest time seen. The audit notes who requested it."""
    return answer(await context_of(request).gateway.reset_clock(request.user.name))


@post(
    "/v1/lease/yield",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(Yielded, description="the standby leads in a moment, and this gateway stops")},
)
async def yield_lease(request: Call) -> Response[bytes]:
    """Stop this gateway, so that the standby of its pair leads. Refused where no standby waits."""
    try:
        return answer(await context_of(request).gateway.lease.yield_to_standby(request.user.name))
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-REFUSED", fault.text, hint=fault.hint) from None


@get("/metrics", opt={**scope("monitor"), "metrics": True, "unlimited": True}, media_type=CONTENT_TYPE)
async def metrics(request: Request[Any, None, Any]) -> Response[bytes]:
    """Metrics for Prometheus; open to all who reach the port only with http.metrics_open."""
    context = context_of(request)
    numbers = await context.gateway.snapshot()
    page = context.metrics.render(numbers, checks.run(numbers, context.heartbeat_ms), context.heartbeat_ms)
    return Response(page, media_type=CONTENT_TYPE)


@get("/healthz", opt=OPEN, responses={200: ResponseSpec(Alive, description="alive")})
async def alive(request: Request[Any, None, Any]) -> Response[bytes]:
    """The process answers."""
    return answer({"status": "alive"})


@get(
    "/readyz",
    opt=OPEN,
    responses={
        200: ResponseSpec(Ready, description="it may receive"),
        503: ResponseSpec(Ready, description="not now"),
    },
)
async def ready(request: Request[Any, None, Any]) -> Response[bytes]:
    """Whether it may receive; if not, 503, and why for a token of scope monitor: a reason may name a file or a host."""
    gateway = context_of(request).gateway
    is_ready, reasons = gateway.readiness()
    shown = reasons if has_scope(request, "monitor") else []
    body = {"ready": is_ready, "reasons": shown, "to_come": gateway.progress.to_come}
    return answer(body, 200 if is_ready else 503)


@get(
    "/v1/retention",
    opt=scope("operate"),
    responses={200: ResponseSpec(RetentionDocument, description="days by kind, and what is due")},
)
async def retention(request: Call) -> Response[bytes]:
    """The schedule by which texts are purged after their message ended, and what its next run purges."""
    return answer(await context_of(request).gateway.custody.retention())


@post(
    "/v1/retention/run",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(list[PurgedRow], description="what was purged; empty: nothing more is due")},
)
async def retention_run(request: Call) -> Response[bytes]:
    """Purge some of what is due now. The audit log has a line with the digests of each message."""
    return answer(await context_of(request).gateway.custody.retention_run(request.user.name))


HANDLERS: Final = (
    trust,
    import_list,
    trust_history,
    keys,
    rotate,
    compromised,
    peers,
    alarms,
    health,
    audit,
    commitments,
    retention,
    retention_run,
    reset_clock,
    yield_lease,
    metrics,
    alive,
    ready,
)


async def _checks(context: Context) -> list[checks.Check]:
    return checks.run(await context.gateway.snapshot(), context.heartbeat_ms)


def _compromised_key(body: bytes) -> tuple[bytes, bytes | None]:
    """Return the kid, and the passphrase if there is one."""
    try:
        reported = _compromised(body)
        passphrase = None if reported.passphrase is UNSET else Secret(reported.passphrase.encode())
        return bytes.fromhex(reported.kid), passphrase
    except UNREADABLE as error:
        text = 'the body is {"kid": 32 hexadecimal digits, "passphrase": text}'
        raise refusal(error, Compromised, text) from None
