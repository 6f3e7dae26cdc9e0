"""Calls for those who run the gateway: trust, keys, peers, checks, tokens, metrics, and the two probes."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter, RawBody

from suar.api.access import OPEN, Context, of, scope
from suar.api.documents import AlarmRow, Compromised, NewToken, body_of
from suar.api.problems import Problem, answer
from suar.observe import checks
from suar.observe.metrics import CONTENT_TYPE
from suar.protocol import limits
from suar.protocol.errors import Fault
from suar.protocol.wire import UNREADABLE
from suar.service.tokens import LOCAL, TokenInfo
from suar.store.database import StoreFault

Call = Request[TokenInfo, None, Any]
_token: Final = msgspec.json.Decoder(NewToken).decode
_compromised: Final = msgspec.json.Decoder(Compromised).decode
Pin = Annotated[
    str | None, QueryParameter(pattern=r"^[0-9a-f]{64}\Z", description="the hash of the first list, in hex")
]
Since = Annotated[int, QueryParameter(ge=0, le=limits.INTEGER_MAX, description="milliseconds since 1970")]
Open = Annotated[bool, QueryParameter(name="open", description="only those that are open")]
After = Annotated[int, QueryParameter(ge=0, le=limits.INTEGER_MAX, description="the number of a line")]
Lines = Annotated[int, QueryParameter(ge=1, le=1000, description="at most so many lines")]
Name = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]


@get("/v1/trust", opt=scope("operate"))
async def trust(request: Call) -> Response[bytes]:
    """The trust list in force: version, hash, members, days left."""
    return answer(await of(request).gateway.trust())


@post("/v1/trust", opt=scope("operate"), operation_class=body_of("application/octet-stream", "a trust list"))
async def import_list(request: Call, body: RawBody, pin: Pin = None) -> Response[bytes]:
    """Hand the gateway a trust list; it publishes it to the others. The first one needs its pin."""
    if len(body) > limits.TRUST_BYTES:
        raise Problem("E-HTTP-TOO-LARGE", f"a trust list has at most {limits.TRUST_BYTES} bytes")
    try:
        first = bytes.fromhex(pin) if pin else None
        return answer(await of(request).gateway.import_list(body, first, request.user.name), 200)
    except StoreFault:
        raise
    except Fault as fault:  # its text names the code and the rule
        raise Problem("E-HTTP-REFUSED", fault.text, hint=fault.hint) from None


@get("/v1/keys", opt=scope("operate"))
async def keys(request: Call) -> Response[bytes]:
    """This gateway's keys and their times; nothing secret."""
    return answer(await of(request).gateway.keys())


@post("/v1/keys/rotate", opt=scope("operate"), status_code=200)
async def rotate(request: Call) -> Response[bytes]:
    """A new key bundle now."""
    return answer(await of(request).gateway.rotate_keys(request.user.name))


@post(
    "/v1/keys/compromised",
    opt=scope("operate"),
    status_code=200,
    operation_class=body_of("application/json", '{"kid": KID}'),
)
async def compromised(request: Call, body: RawBody) -> Response[bytes]:
    """A key of this gateway is in wrong hands: it is revoked or erased, replaced, and what it exposed is listed."""
    try:
        return answer(await of(request).gateway.compromised(_kid(body), request.user.name))
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-REFUSED", fault.text, hint=fault.hint) from None


@get("/v1/peers", opt=scope("operate"))
async def peers(request: Call) -> Response[bytes]:
    """The other members: heads, silence, trust version, gaps."""
    return answer(await of(request).gateway.peers())


@get(
    "/v1/alarms",
    opt=scope("operate"),
    responses={200: ResponseSpec(list[AlarmRow], description="oldest first")},
)
async def alarms(request: Call, since: Since = 0, only: Open = False) -> Response[bytes]:
    """Alarms, oldest first, each with the exact range of frames where there is one."""
    return answer(await of(request).gateway.alarms(since, is_open=only))


@get("/v1/checks", opt=scope("operate"))
async def health(request: Call) -> Response[bytes]:
    """The list of health checks."""
    return answer(checks.as_json(await _checks(of(request))))


@get("/v1/audit", opt=scope("operate"))
async def audit(request: Call, after: After = 0, limit: Lines = 1000) -> Response[bytes]:
    """What people did, oldest first: lines behind number `after`, each bound to the one before it, and signed heads.

    The title, then lines and heads in their order, a JSON document a line, are a log that `suar audit verify` judges.
    """
    return answer(await of(request).gateway.audit(after, limit, request.user.name))


@post("/v1/clock/reset", opt=scope("operate"), status_code=200)
async def reset_clock(request: Call) -> Response[bytes]:
    """After a clock that ran ahead: what it made the highest time is forgotten. The audit keeps who asked."""
    return answer(await of(request).gateway.reset_clock(request.user.name))


@get("/metrics", opt={**scope("operate"), "metrics": True, "unlimited": True}, media_type=CONTENT_TYPE)
async def metrics(request: Request[Any, None, Any]) -> Response[bytes]:
    """Metrics for Prometheus; open to all who reach the port only with http.metrics_open."""
    context = of(request)
    numbers = await context.gateway.snapshot()
    page = context.metrics.render(numbers, checks.run(numbers, context.heartbeat_ms), context.heartbeat_ms)
    return Response(page, media_type=CONTENT_TYPE)


@get("/v1/tokens", opt=scope("operate"))
async def tokens(request: Call) -> Response[bytes]:
    """All tokens by name; none is shown."""
    return answer(await of(request).gateway.tokens_list())


@post(
    "/v1/tokens",
    opt=scope("operate"),
    operation_class=body_of("application/json", '{"name": NAME, "scopes": ["publish", "approve", "read", "operate"]}'),
)
async def add_token(request: Call, body: RawBody) -> Response[bytes]:
    """Make a token; it is shown this once. A token gives no scope that it does not have itself."""
    wanted = _new_token(body)
    lacking = set(wanted.scopes) - request.user.scopes
    if lacking and request.user.name != LOCAL:
        raise Problem("E-HTTP-SCOPE", "a token gives no scope that it does not have itself")
    try:
        token = await of(request).gateway.tokens_add(wanted.name, wanted.scopes, request.user.name)
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    return answer({"name": wanted.name, "scopes": wanted.scopes, "token": token}, 201)


@delete("/v1/tokens/{name:str}", opt=scope("operate"), status_code=200)
async def revoke_token(request: Call, name: Name) -> Response[bytes]:
    """Revoke a token at once."""
    if not await of(request).gateway.tokens_revoke(name, request.user.name):
        raise Problem("E-HTTP-NOT-FOUND", "no active token has that name", hint="`suar token list` shows all")
    return answer({"name": name, "state": "revoked"})


@get("/healthz", opt=OPEN)
async def alive(request: Request[Any, None, Any]) -> Response[bytes]:
    """The process answers."""
    return answer({"status": "alive"})


@get("/readyz", opt=OPEN)
async def ready(request: Request[Any, None, Any]) -> Response[bytes]:
    """Whether it may receive; if not, 503 and why."""
    gateway = of(request).gateway
    is_ready, reasons = gateway.is_ready()
    body = {"ready": is_ready, "reasons": reasons, "to_come": gateway.progress.to_come}
    return answer(body, 200 if is_ready else 503)


HANDLERS: Final = (
    trust,
    import_list,
    keys,
    rotate,
    compromised,
    peers,
    alarms,
    health,
    audit,
    reset_clock,
    metrics,
    tokens,
    add_token,
    revoke_token,
    alive,
    ready,
)


async def _checks(context: Context) -> list[checks.Check]:
    return checks.run(await context.gateway.snapshot(), context.heartbeat_ms)


def _new_token(body: bytes) -> NewToken:
    try:
        return _token(body)
    except UNREADABLE:
        raise Problem("E-HTTP-VALUE", 'the body is not {"name": text, "scopes": [text]}') from None


def _kid(body: bytes) -> bytes:
    try:
        return bytes.fromhex(_compromised(body).kid)
    except UNREADABLE:
        raise Problem("E-HTTP-VALUE", 'the body is not {"kid": 32 hexadecimal digits}') from None
