"""The feed in browsers: the cookie that EventSource sends in place of a token."""

from typing import Any, Final

from litestar import Request, Response, post

from suar.api.http.access import COOKIE, context_of, scope, token_of
from suar.api.http.origins import FEED, is_tls_required
from suar.service.access.tokens import TokenInfo
from suar.service.feed.cookies import LIFETIME, make_cookie
from suar.service.settings.scopes import AGENCY

Call = Request[TokenInfo, None, Any]
PATH: Final = "/v1/feed"  # and what is below it


@post("/v1/feed/cookie", opt={**scope("read", AGENCY), **FEED}, status_code=204)
async def set_cookie(request: Call) -> Response[None]:
    """Return a cookie with which a browser reads `GET /v1/feed` for an hour: its EventSource cannot send a token.

    The cookie is HttpOnly and SameSite=Strict, and ends with the token. `http.feed_origins` names the origins of pages
    that may request it from another host or port.
    """
    value = make_cookie(context_of(request).gateway.core, token_of(request))
    secure = "; Secure" if is_tls_required(request.headers.get("host", "")) else ""
    cookie = f"{COOKIE}={value}; Max-Age={LIFETIME // 1000}; Path={PATH}; HttpOnly; SameSite=Strict{secure}"
    return Response(None, status_code=204, headers={"Set-Cookie": cookie})


HANDLERS: Final = (set_cookie,)
