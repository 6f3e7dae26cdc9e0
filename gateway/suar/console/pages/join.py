"""Joining by a link: a password, then an authenticator, then ten recovery codes. Reading the page does not use the
link.
"""

from io import BytesIO
from typing import Any

import segno
from litestar import Response
from markupsafe import Markup
from msgspec import Struct

from suar.console.guard import Call, Denied, Visitor, form_of, gateway_of
from suar.console.pages.passkeys import PasskeyRequest, offered, to_add
from suar.console.pages.registry import page
from suar.console.pages.sign_in import PASSWORD_MAX
from suar.console.rendering import render
from suar.protocol.base.errors import Fault
from suar.service.people.credentials import PASSWORD_MIN, WeakPassword
from suar.service.people.facade import JoinStep
from suar.service.people.sign_in import SEALED_MAX, MustWait

LINK_MAX = 64


class JoinPage(Struct, frozen=True):
    """`problem`: the key of a sentence above the form. The second step has `note`, `secret` and the picture `qr`."""

    user: str
    name: str
    problem: str = ""
    note: str = ""
    secret: str = ""
    qr: Markup = Markup("")
    least: int = PASSWORD_MIN
    passkey: PasskeyRequest | None = None


class Codes(Struct, frozen=True):
    """The recovery codes, shown once."""

    codes: list[str]
    has_joined: bool


@page("GET", "/join/{link:str}")
async def join(request: Call, _: Visitor | None) -> Response[Any]:
    """Show the form for a password."""
    return render(request, None, "join.html", _view(request))


@page("POST", "/join/{link:str}")
async def continue_joining(request: Call, _: Visitor | None) -> Response[Any]:
    """Process the password, or the first code of the authenticator, or a passkey."""
    people, form, link = gateway_of(request).people, form_of(request), _link(request)
    view = _view(request)
    note = form.one("note", SEALED_MAX)
    try:
        if not note:
            password = form.one("password", PASSWORD_MAX)
            if password != form.one("repeated", PASSWORD_MAX):
                return render(request, None, "join.html", _view(request, "passwords-differ"), status=422)
            step = await people.join_first(link, password)
            return _second(request, view, step)
        codes = await people.join_second(link, note, form.one("code", 64), offered(request))
    except MustWait as wait:
        raise Denied(429, "wait", seconds=wait.seconds) from None
    except WeakPassword:
        return render(request, None, "join.html", _view(request, "password-weak"), status=422)
    except Fault:
        if note:
            raise Denied(404, "link-over") from None
        return render(request, None, "join.html", _view(request, "password-short"), status=422)
    if codes is None:
        return _second(request, view, people.join_again(link, note), "code-wrong")
    return render(request, None, "recovery-codes.html", Codes(codes, has_joined=True))


def _second(request: Call, view: JoinPage, step: JoinStep | None, problem: str = "") -> Response[Any]:
    if step is None:
        raise Denied(404, "link-over")
    secret = " ".join(step.secret[at : at + 4] for at in range(0, len(step.secret), 4))
    passkey = to_add(request, "join", step.note, view.user)
    filled = JoinPage(view.user, view.name, problem, step.note, secret, _qr(step.uri), passkey=passkey)
    return render(request, None, "join-code.html", filled, status=422 if problem else 200)


def _link(request: Call) -> str:
    return str(request.path_params["link"])[:LINK_MAX]


def _view(request: Call, problem: str = "") -> JoinPage:
    person = gateway_of(request).people.joining(_link(request))
    if person is None:
        raise Denied(404, "link-over")
    return JoinPage(person.id, person.name, problem)


def _qr(uri: str) -> Markup:
    """Return the picture that an authenticator reads; inline SVG, because the policy allows no data: address."""
    buffer = BytesIO()
    segno.make(uri, error="m").save(
        buffer, kind="svg", scale=5, border=4, dark="#16202a", light="#ffffff", xmldecl=False, svgns=False, nl=False,
        svgclass="qr", lineclass=None,
    )  # fmt: skip
    return Markup(buffer.getvalue().decode())  # noqa: S704 - numbers of a path
