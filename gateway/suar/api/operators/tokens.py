"""Calls about tokens: make, list, revoke, and claim with the one-time code."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, RawBody

from suar.api.contract.shapes import Claimed, NamedState, TokenRow
from suar.api.http.access import context_of, scope, token_of
from suar.api.http.bodies import refusal
from suar.api.http.documents import IssuedToken, NewToken, body_of
from suar.api.http.problems import Problem, answer
from suar.protocol.base.errors import Fault
from suar.protocol.base.wire import UNREADABLE
from suar.service.access.tokens import LOCAL, TokenInfo, check
from suar.service.settings.scopes import CLAIM
from suar.store.engine.database import StoreFault

Call = Request[TokenInfo, None, Any]
_new: Final = msgspec.json.Decoder(NewToken).decode
Name = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]


@get("/v1/tokens", opt=scope("admin"), responses={200: ResponseSpec(list[TokenRow], description="by name")})
async def tokens(request: Call) -> Response[bytes]:
    """All tokens by name: scopes, roles, who made and who claimed each; none is shown."""
    return answer(await context_of(request).gateway.tokens_list())


@post(
    "/v1/tokens",
    opt=scope("admin"),
    operation_class=body_of(
        "application/json", '{"name": NAME, "scopes": [S], "roles": [R], "person": false}', NewToken
    ),
    responses={201: ResponseSpec(IssuedToken, description="the secret and the one-time code, this once")},
)
async def add_token(request: Call, body: RawBody) -> Response[bytes]:
    """Create a token. A token can assign no scope and no role that it does not have itself.

    Until its holder exchanges the code of `claim` for a secret of their own, its acts count as yours.
    """
    wanted, user = _token_request(body), request.user
    if user.name != LOCAL and not (set(wanted.scopes) <= user.scopes and set(wanted.roles) <= user.roles):
        raise Problem("E-HTTP-SCOPE", "a token gives no scope and no role that it does not have itself")
    try:
        token = check(wanted.name, wanted.scopes, wanted.roles, is_person=wanted.person, user=wanted.user)
        done = answer(await context_of(request).gateway.tokens_add(token, user.name), 201)
    except StoreFault:
        raise
    except Fault as fault:
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    done.headers["Location"] = f"/v1/tokens/{token.name}"
    return done


@get(
    "/v1/tokens/{name:str}",
    opt=scope("admin"),
    responses={200: ResponseSpec(TokenRow, description="one, without its secret")},
)
async def token(request: Call, name: Name) -> Response[bytes]:
    """One token."""
    rows = await context_of(request).gateway.tokens_list()
    found = next((row for row in rows if row["name"] == name), None)
    if found is None:
        raise Problem("E-HTTP-NOT-FOUND", "no token has that name", hint="`suar token list` shows all")
    return answer(found)


@post(
    "/v1/tokens/claim",
    opt=scope(CLAIM),
    status_code=200,
    responses={200: ResponseSpec(Claimed, description="the secret, this once")},
)
async def claim_token(request: Call) -> Response[bytes]:
    """Exchange the one-time code, which is this call's bearer token, for a secret that the token's maker never saw."""
    name = request.user.name
    try:
        token = await context_of(request).gateway.tokens_claim(name, token_of(request))
    except StoreFault:
        raise
    except Fault as fault:  # used by another call at the same moment
        raise Problem("E-HTTP-CONFLICT", fault.text, hint=fault.hint) from None
    return answer({"name": name, "token": token})


@delete(
    "/v1/tokens/{name:str}",
    opt=scope("admin"),
    status_code=200,
    responses={200: ResponseSpec(NamedState, description="revoked")},
)
async def revoke_token(request: Call, name: Name) -> Response[bytes]:
    """Revoke a token at once."""
    if not await context_of(request).gateway.tokens_revoke(name, request.user.name):
        raise Problem("E-HTTP-NOT-FOUND", "no active token has that name", hint="`suar token list` shows all")
    return answer({"name": name, "state": "revoked"})


HANDLERS: Final = (tokens, token, add_token, claim_token, revoke_token)


def _token_request(body: bytes) -> NewToken:
    try:
        return _new(body)
    except UNREADABLE as error:
        text = 'the body is {"name": text, "scopes": [text], "roles": [text], "person": true or false}'
        raise refusal(error, NewToken, text) from None
