"""Who may call which page: one table, and one check before every page, which denies by default.

[1] the console is open here, [2] the Host is ours (else a web page could reach a loopback gateway by a name of its
own), [3] the page is in the table, [4] a change comes from a page of ours, [5] the visitor has a session in force,
[6] and a role that may, [7] and calls left, [8] the form has the session's token.
"""

import hmac
import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from litestar import Request
from msgspec import Struct

from suar.console.form_body import Form, read_form
from suar.console.session import is_by_itself, secret_of
from suar.console.streams import Recent, Streams
from suar.console.typed import Typed
from suar.service.people.facade import SessionInfo
from suar.service.people.roles import AGENCY_READER, PERSON_ROLES
from suar.service.process.gateway import Gateway

PREFIX: Final = "/console"
EXERCISE: Final = "/x"  # behind the prefix, of the pages of exercises
ANYBODY: Final = frozenset({"anybody"})
"""Callers without a session."""
ALL: Final = frozenset(PERSON_ROLES)
READERS: Final = frozenset({"author", "approver", "reader", "coordinator"})
ANSWERERS: Final = frozenset({"author", "approver", "reader"})
"""Roles whose reading and answers are the state's: coordinators and auditors only read for themselves."""
WITH_AGENCIES: Final = READERS | {AGENCY_READER}
"""Roles of readers, including readers for an agency, who see what the policy allows that agency, and inform no
publisher.
"""
CALLS_A_SECOND: Final = 10
BURST: Final = 20
_BUCKETS_MAX: Final = 4_096
_PATH_MAX: Final = 256
QUERY_MAX: Final = 1_000
"""Bytes of a query that a redirect keeps; a longer one is dropped."""
_QUERY: Final = re.compile(rf"[A-Za-z0-9=&_.~%-]{{1,{QUERY_MAX}}}")


class Rule(NamedTuple):
    """Who may call a page; `is_in_exercise`: also below /x. `is_fresh_only`: requires a factor in the last ten minutes.

    `may_be_idle`: allows an idle session. `is_passive`: a page calls it automatically, so it keeps no session awake.
    `keeps`: fields of the form that remain filled in when a factor or a sign-in is requested first; `is_all_kept`:
    every field except the button. `is_file`: its answer is no page: a file to be saved, a picture, a stream.
    """

    roles: frozenset[str]
    is_in_exercise: bool = False
    is_fresh_only: bool = False
    may_be_idle: bool = False
    is_passive: bool = False
    keeps: tuple[str, ...] = ()
    is_all_kept: bool = False
    is_file: bool = False


def _of(*roles: str) -> frozenset[str]:
    return frozenset(roles)


Method = Literal["GET", "POST"]
ROUTES: Final[dict[tuple[Method, str], Rule]] = {
    ("GET", "/static/{name:str}"): Rule(ANYBODY, is_file=True),
    ("GET", "/sign-in"): Rule(ANYBODY),
    ("POST", "/sign-in"): Rule(ANYBODY),
    ("GET", "/join/{link:str}"): Rule(ANYBODY),
    ("POST", "/join/{link:str}"): Rule(ANYBODY),
    ("POST", "/sign-out"): Rule(ALL, may_be_idle=True),
    ("GET", "/again"): Rule(ALL),
    ("POST", "/again"): Rule(ALL),
    ("GET", "/"): Rule(ALL, is_in_exercise=True),
    ("GET", "/news"): Rule(ALL, is_in_exercise=True),
    ("GET", "/live"): Rule(ALL - {AGENCY_READER}, is_in_exercise=True, is_passive=True, is_file=True),
    ("GET", "/me"): Rule(ALL),
    ("POST", "/me"): Rule(ALL),
    ("POST", "/me/mutes"): Rule(READERS),
    ("POST", "/me/sessions"): Rule(ALL),
    ("POST", "/me/password"): Rule(ALL, is_fresh_only=True),
    ("POST", "/me/recovery-codes"): Rule(ALL, is_fresh_only=True),
    ("POST", "/me/passkeys"): Rule(ALL, is_fresh_only=True, keeps=("label",)),
    ("POST", "/me/passkeys/remove"): Rule(ALL, is_fresh_only=True),
    ("GET", "/people"): Rule(_of("coordinator")),
    ("POST", "/people"): Rule(_of("coordinator"), is_fresh_only=True, keeps=("id", "name", "lang", "role", "agency")),
    ("GET", "/people/{id:str}"): Rule(_of("coordinator")),
    ("POST", "/people/{id:str}"): Rule(_of("coordinator"), is_fresh_only=True, keeps=("role",)),
    ("GET", "/agencies"): Rule(_of("coordinator")),
    ("POST", "/agencies"): Rule(
        _of("coordinator"),
        is_fresh_only=True,
        keeps=("name", "sector", "kind", "tlp", "realm", "automated", "webhook", "propose", "until", "nkey"),
    ),
    ("GET", "/agencies/{name:str}"): Rule(_of("coordinator")),
    ("POST", "/agencies/{name:str}"): Rule(_of("coordinator"), is_fresh_only=True, keeps=("url", "until", "nkey")),
    ("GET", "/inbox"): Rule(WITH_AGENCIES, is_in_exercise=True),
    ("GET", "/m/{id:str}"): Rule(WITH_AGENCIES, is_in_exercise=True),
    ("POST", "/m/{id:str}"): Rule(ANSWERERS, is_in_exercise=True, keeps=("stage", "role", "note")),
    ("GET", "/write"): Rule(_of("author"), is_in_exercise=True),
    ("POST", "/write"): Rule(_of("author"), is_in_exercise=True),
    ("GET", "/proposals"): Rule(_of("author"), is_in_exercise=True),
    ("GET", "/proposals/{id:str}"): Rule(_of("author"), is_in_exercise=True),
    ("POST", "/proposals/{id:str}"): Rule(_of("author"), is_in_exercise=True, keeps=("reason",)),
    ("GET", "/draft/{id:str}"): Rule(_of("author"), is_in_exercise=True),
    ("POST", "/draft/{id:str}"): Rule(_of("author"), is_in_exercise=True, may_be_idle=True, is_all_kept=True),
    ("GET", "/draft/{id:str}/table"): Rule(_of("author"), is_in_exercise=True),
    ("GET", "/draft/{id:str}/table.csv"): Rule(_of("author"), is_in_exercise=True, is_file=True),
    ("POST", "/draft/{id:str}/table"): Rule(_of("author"), is_in_exercise=True),
    ("GET", "/draft/{id:str}/review"): Rule(_of("author"), is_in_exercise=True),
    ("POST", "/draft/{id:str}/review"): Rule(_of("author"), is_in_exercise=True),
    ("POST", "/draft/{id:str}/back"): Rule(_of("author"), is_in_exercise=True),
    ("POST", "/draft/{id:str}/alone"): Rule(_of("author"), is_in_exercise=True, is_fresh_only=True, keeps=("reason",)),
    ("GET", "/approve"): Rule(_of("approver"), is_in_exercise=True),
    ("GET", "/approve/{id:str}"): Rule(_of("approver"), is_in_exercise=True),
    ("POST", "/approve/{id:str}"): Rule(
        _of("approver"), is_in_exercise=True, is_fresh_only=True, keeps=("reason", "then")
    ),
    ("GET", "/sent"): Rule(READERS, is_in_exercise=True),
    ("GET", "/m/{id:str}/export"): Rule(READERS, is_in_exercise=True, is_file=True),
    ("GET", "/m/{id:str}/who"): Rule(READERS, is_in_exercise=True),
    ("GET", "/m/{id:str}/why/{member:str}"): Rule(READERS, is_in_exercise=True),
    ("GET", "/m/{id:str}/recall"): Rule(_of("author", "approver"), is_in_exercise=True),
    ("POST", "/m/{id:str}/recall"): Rule(
        _of("author", "approver"), is_in_exercise=True, is_fresh_only=True, keeps=("reason", "replacement")
    ),
    ("GET", "/drills"): Rule(READERS, is_in_exercise=True),
    ("GET", "/drills/new"): Rule(_of("author", "coordinator"), is_in_exercise=True),
    ("POST", "/drills/new"): Rule(_of("author", "coordinator"), is_in_exercise=True),
    ("GET", "/drills/{name:str}"): Rule(READERS, is_in_exercise=True),
    ("GET", "/drills/{name:str}/table.csv"): Rule(READERS, is_in_exercise=True, is_file=True),
    ("GET", "/drills/{name:str}/picture.svg"): Rule(READERS, is_in_exercise=True, is_file=True),
    ("GET", "/health"): Rule(_of("operator")),
    ("GET", "/peers"): Rule(_of("operator")),
    ("GET", "/peers/{code:str}"): Rule(_of("operator")),
    ("POST", "/peers/{code:str}/resend"): Rule(_of("operator")),
    ("GET", "/tokens"): Rule(_of("operator")),
    ("POST", "/tokens"): Rule(_of("operator"), is_fresh_only=True, keeps=("name", "scope")),
    ("POST", "/tokens/revoke"): Rule(_of("operator"), is_fresh_only=True),
    ("GET", "/keys"): Rule(_of("operator")),
    ("POST", "/keys/rotate"): Rule(_of("operator"), is_fresh_only=True),
    ("GET", "/audit"): Rule(_of("auditor", "coordinator")),
}
"""(method, path below /console) -> who may call it. A test compares it with the router."""


_PAGE: Final = re.compile(
    rf"{PREFIX}(?:{EXERCISE})?(?:%s)?/?"
    % "|".join(
        re.sub(r"{\w+:str}", "[^/]+", path.rstrip("/"))
        for (method, path), rule in ROUTES.items()
        if method == "GET" and not rule.is_file
    )
)
"""The addresses of pages, by the table: nothing else is gone to by itself."""
Filled = tuple[tuple[str, str], ...]
KEEP: Final = "keep"
"""Field of a form that a refusal returned: its values are put into its page again, and nothing is done yet."""
_OWN: Final = frozenset({"csrf", "page", "do", "version"})


class Visitor(Struct, frozen=True):
    """A person with a session. `is_fresh`: a factor was given in the last ten minutes, which `/again` renews.

    `is_idle`: too long without a call, so a draft may be saved but nothing is shown. `agency`: the agency for which
    they read.
    """

    person: str
    name: str
    roles: frozenset[str]
    lang: str
    timezone: str
    csrf: str
    session: bytes
    is_fresh: bool
    is_idle: bool = False
    agency: str = ""

    def may(self, method: Method, path: str) -> bool:
        """Whether one of their roles may open the page."""
        rule = ROUTES.get((method, path))
        return rule is not None and bool(rule.roles & self.roles)


class Denied(Exception):  # noqa: N818 - an answer, not a mistake
    """The page is refused: HTTP status, the key of the sentence, its values; `to`: where the browser goes instead.

    `filled`: the submitted form, which the page of the refusal contains, ready to be sent again.
    """

    def __init__(self, status: int, key: str, *, to: str = "", filled: Filled = (), **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.to, self.filled, self.values = status, key, to, filled, values


class Buckets:
    """Calls of each session: ten a second, twenty at once."""

    def __init__(self) -> None:
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def acquire(self, session: bytes) -> bool:
        """Use one call; False if none is left."""
        now = monotonic()
        left, at = self._left.pop(session, (float(BURST), now))
        left = min(float(BURST), left + (now - at) * CALLS_A_SECOND)
        self._left[session] = (left - 1 if left >= 1 else left, now)
        if len(self._left) > _BUCKETS_MAX:
            self._left.popitem(last=False)
        return left >= 1


class Pages(Struct, frozen=True):
    """What the pages share. `uploading`, `checking`: sessions whose file is being read, or whose draft is checked."""

    gateway: Gateway
    buckets: Buckets
    streams: Streams
    recent: Recent
    uploading: set[bytes]
    checking: set[bytes]
    typed: Typed


@contextmanager
def one_at_a_time(session: bytes, busy: set[bytes], refusal: Denied) -> Iterator[None]:
    """Hold the session among the busy ones. Raises `refusal` if it is among them already."""
    if session in busy:
        raise refusal
    busy.add(session)
    try:
        yield
    finally:
        busy.discard(session)


Call = Request[Any, Any, Any]


def shared_of(request: Call) -> Pages:
    """Return the gateway of the requested page."""
    shared: Pages = request.app.state.shared
    return shared


def gateway_of(request: Call) -> Gateway:
    """Return the facade."""
    return shared_of(request).gateway


async def admit(request: Call, method: Method, path: str) -> Visitor | None:
    """Run the checks; return the caller, or None for a public page. Raises Denied. The form is kept for `form_of`."""
    gateway = gateway_of(request)
    rule = ROUTES.get((method, path))
    check_host(request)  # [1] [2]
    if rule is None:  # [3]
        raise Denied(404, "not-found")
    secret = secret_of(request, gateway.config)
    info = gateway.people.identify(secret) if secret is not None else None
    if request.method == "POST":
        _check_origin(request)  # [4]
        request.state.form = await read_form(request, with_files=info is not None)
    if rule.roles == ANYBODY:
        return None if info is None or info.is_idle else visitor_of(info)
    if info is None or (info.is_idle and not rule.may_be_idle):  # [5]
        filled = () if _keep_typed(request, rule, info) else _filled(request, rule)
        raise Denied(401, "sign-in-needed", to=_back(request), filled=filled)
    visitor = visitor_of(info)
    if not rule.roles & visitor.roles:  # [6]
        who = "" if visitor.agency else _who_may(gateway, rule)
        raise Denied(403, "role-needed", roles=sorted(rule.roles), who=who)
    if not shared_of(request).buckets.acquire(info.hash):  # [7]
        raise Denied(429, "too-fast", seconds=1)
    if request.method == "POST" and not _is_of_session(form_of(request), info):
        raise Denied(403, "form-old", filled=_filled(request, rule))  # [8]
    if rule.keeps and request.method == "POST" and form_of(request).one(KEEP):
        _keep_typed(request, rule, info)
        raise Denied(403, "form-old", to=safe_next(form_of(request).one("page")))
    if rule.is_fresh_only and not visitor.is_fresh:
        _keep_typed(request, rule, info)
        raise Denied(401, "again-needed", to=f"{PREFIX}/again?next={_next_of(request)}")
    request.state.rule = rule
    if not info.is_idle and not rule.is_passive and not is_by_itself(request):
        await gateway.people.use(info)
    if request.method == "POST":
        shared_of(request).typed.forget(visitor.person, form_of(request).one("page"))
    return visitor


def _is_of_session(form: Form, info: SessionInfo) -> bool:
    return hmac.compare_digest(form.one("csrf").encode(), info.csrf.encode())


def _keep_typed(request: Call, rule: Rule, info: SessionInfo | None) -> bool:
    """Keep the entries of an interrupted form for its page, which then states that nothing was done.

    Returns False if the form is not of this session.
    """
    is_own = info is not None and request.method == "POST" and _is_of_session(form_of(request), info)
    if info is not None and is_own:
        form = form_of(request)
        shared_of(request).typed.keep(info.person.id, safe_next(form.one("page")), form, rule.keeps)
    return is_own


def _filled(request: Call, rule: Rule) -> Filled:
    """Return the entries of a console form of another session, to be sent again; () if there are none."""
    if request.method != "POST":
        return ()
    fields = form_of(request).fields
    if rule.is_all_kept:
        typed = any(name not in _OWN for name, _ in fields)
        return tuple(each for each in fields if each[0] not in ("csrf", "do")) if typed else ()
    typed = any(value.strip() for name, value in fields if name in rule.keeps)
    return (*(each for each in fields if each[0] in (*rule.keeps, "page")), (KEEP, "1")) if typed else ()


def failed_form(request: Call) -> Filled:
    """Return the entries of a form whose page failed after the checks, to be sent again; () if there are none."""
    rule = getattr(request.state, "rule", None)
    filled = () if rule is None else _filled(request, rule)
    return (("csrf", form_of(request).one("csrf")), *filled) if filled else ()


def typed_of(request: Call, visitor: Visitor) -> Form | None:
    """Return the entries of a form of this page that was interrupted before; None if there are none."""
    is_page = request.method == "GET" and request.headers.get("x-fragment") is None
    return shared_of(request).typed.at(visitor.person, request.url.path) if is_page else None


def _who_may(gateway: Gateway, rule: Rule) -> str:
    people = (each for role in sorted(rule.roles) for each in gateway.people.with_role(role)[:3])
    return ", ".join({each["id"]: each["name"] for each in people}.values())


def known(request: Call) -> Visitor | None:
    """Return the caller, for the page of a refusal; checks nothing."""
    gateway = gateway_of(request)
    secret = secret_of(request, gateway.config)
    info = gateway.people.identify(secret) if secret is not None else None
    return None if info is None or info.is_idle else visitor_of(info)


def visitor_of(info: SessionInfo) -> Visitor:
    """Return the visitor of a session."""
    person = info.person
    return Visitor(
        person.id, person.name, frozenset(person.roles), person.sealed.lang, person.sealed.timezone, info.csrf,
        info.hash, info.is_fresh, info.is_idle, person.sealed.agency,
    )  # fmt: skip


def form_of(request: Call) -> Form:
    """Return the form of a POST, read and bounded."""
    form: Form = request.state.form
    return form


def is_exercise(request: Call) -> bool:
    """Whether the page is below /console/x."""
    path = request.url.path
    return path == PREFIX + EXERCISE or path.startswith(f"{PREFIX}{EXERCISE}/")


def check_host(request: Call) -> None:
    """[1] [2] Raise Denied if the console is closed, or for a host that is not ours."""
    config = gateway_of(request).config
    console, hosts = config.console, request.headers.getall("host", [])
    if not console.enabled or not (config.http.is_loopback or console.origin):
        raise Denied(404, "shut")
    host = hosts[0].lower() if len(hosts) == 1 else ""
    if console.origin:
        if host != console.host:
            raise Denied(421, "host")
    elif not _is_loopback_name(host):
        raise Denied(421, "host")


def own_origin(request: Call) -> str:
    """Return the Origin that a browser sends for a page of ours, after `check_host`."""
    return gateway_of(request).config.console.origin or f"http://{request.headers['host']}"


def _is_loopback_name(host: str) -> bool:
    name, _, port = host.rpartition(":")
    if not name or not port.isdigit() or host.endswith("]"):
        name = host
    return name in ("localhost", "127.0.0.1", "[::1]") or name.endswith(".localhost")


def _check_origin(request: Call) -> None:
    """Require a page of ours as Origin: browsers send it with every form."""
    origins, site = request.headers.getall("origin", []), request.headers.get("sec-fetch-site", "same-origin")
    if len(origins) != 1 or origins[0].lower() != own_origin(request).lower() or site != "same-origin":
        raise Denied(403, "origin")


def _back(request: Call) -> str:
    return f"{PREFIX}/sign-in?next={_next_of(request)}"


def _next_of(request: Call) -> str:
    """Return the page to return to: this one, or for a form the page that contains it."""
    if request.method == "GET":
        return quote(request.url.path + kept_query(request), safe="/")
    return quote(form_of(request).one("page") or PREFIX, safe="/")


def safe_next(wanted: str) -> str:
    """Return where to go after signing in: a page of ours, with its query, else the first page.

    Never a file, but the page above it: a link of another site to the sign-in would save it without being asked.
    """
    path, mark, query = wanted.partition("?")
    plain = path.isascii() and path.isprintable() and not set(path) & set("\\#<>\"' %") and "//" not in path
    is_kept = not mark or _QUERY.fullmatch(query) is not None
    if not (plain and is_kept and "/." not in path and len(path) <= _PATH_MAX):
        return PREFIX
    found = next((each for each in (path, path.rpartition("/")[0]) if _PAGE.fullmatch(each)), None)
    return PREFIX if found is None else f"{found}{mark}{query}"


def kept_query(request: Call) -> str:
    """Return the query of the address, with its ?, for a redirect: in plain characters, in its order. "" without one,
    and for one that is too long.
    """
    raw: bytes = request.scope["query_string"]
    text = raw.decode("latin-1") if len(raw) <= QUERY_MAX else ""
    pairs = parse_qsl(text, keep_blank_values=True, encoding="latin-1")
    query = urlencode(pairs, encoding="latin-1", quote_via=quote)
    return f"?{query}" if _QUERY.fullmatch(query) else ""
