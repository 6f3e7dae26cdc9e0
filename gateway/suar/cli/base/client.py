"""Client of the running gateway; its address and a local token are in STATE/gateway.json."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from suar.cli.base.gate_table import for_a_person
from suar.files import read, require_folder
from suar.protocol.base.errors import Fault

Form = TypeVar("Form")
ADDRESS: Final = "gateway.json"
TIMEOUT: Final = 30.0  # seconds
CHECK_TIMEOUT: Final = 180.0  # seconds; a large table is proven before the answer
REPLAYED: Final = "Idempotent-Replayed"
UNAUTHORIZED: Final = 401
_AGAIN: Final = "then hand in the same file again: the message is sent only once"
_ASK_THE_OPERATOR: Final = "ask the operator for another; with a one-time code: `suar token claim`"
ODD: Final = "what answers may be another version or another program: compare `suar doctor` and `suar --version`"
_NOT_SHOWN: Final = frozenset({"path", "sentences"})  # what may differ in a reason that stands against several fields
_EACH: Final = "correct each place named above, then hand it in again"


class Address(msgspec.Struct, frozen=True):
    """Where a gateway listens; with `token`, a user who can read the file (mode 0600) can use its HTTP API."""

    url: str
    token: str
    pid: int

    def __repr__(self) -> str:
        return f"Address({self.url}, pid {self.pid})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:  # msgspec's own shows every field, whatever repr does
        return [("url", self.url), ("pid", self.pid)]


_decode: Final = msgspec.json.Decoder(Address).decode


class TokenHeader(dict[str, str]):
    """The header of a token that was read from `file`; a refusal of the token names the file."""

    def __init__(self, token: str, file: Path) -> None:
        super().__init__(Authorization=f"Bearer {token}")
        self.file = file

    def __repr__(self) -> str:
        return f"TokenHeader({self.file})"


class Answer(NamedTuple):
    """An answer; `is_replayed`: it is the earlier answer to the same request, and nothing was done again."""

    status: int
    content: bytes
    is_replayed: bool


class Problem(Fault):
    """The gateway answered with an error; `status` and the decoded `body` are available for `--json`.

    `draft`: the draft that the error is about, for the names of its figures.
    """

    def __init__(self, status: int, body: Mapping[str, Any], draft: object = None) -> None:
        code = f" ({body['code']})" if body.get("code") else ""
        text = str(body.get("detail") or body.get("title") or f"the gateway answered {status}")
        reasons = body.get("reasons") or ()
        explained = f"see `suar errors {body['code']}`" if code else "see `suar doctor`"
        hint = _EACH if len(reasons) > 1 else str(body.get("hint") or "") or explained
        super().__init__(
            text + code + reason_lines(reasons, body.get("table") or draft, has_hints=len(reasons) > 1), hint
        )
        self.status, self.body = status, body


def running(state: Path) -> Address | None:
    """Return the address of the gateway that runs on this state folder, None if none does: also of the file in a copy
    of a folder, whose lock nobody holds. Raises Fault for an address to which no token may be sent.
    """
    from suar.cli.base.address import is_held_by, require_own

    if not (state / ADDRESS).exists():
        return None
    try:
        address = _decode(read(state / ADDRESS, "the gateway's address"))
    except msgspec.DecodeError:
        raise Fault(f"{state / ADDRESS} is damaged", "start the gateway again; it writes the file anew") from None
    if not is_held_by(state, address.pid):
        return None
    require_own(state / ADDRESS, address.url, address.pid)
    return address


def call(
    state: Path,
    method: str,
    path: str,
    body: object = None,
    *,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT,
) -> Any:
    """Send one request to the gateway of `state`; returns the decoded JSON answer (None when empty).

    `body`: bytes are sent unchanged (application/octet-stream unless `headers` names another type), all else as JSON.
    Raises Problem for an error of the gateway, Fault when none runs or none answers.
    """
    response = _request(state, method, path, body, params, headers, timeout)
    if response.status == UNAUTHORIZED and isinstance(headers, TokenHeader):
        raise Fault(
            f"the token in {headers.file} is unknown, expired, revoked, or was claimed since", _ASK_THE_OPERATOR
        )
    return _answer(response)


def publish(state: Path, data: bytes, *, params: Mapping[str, str] | None = None) -> tuple[Any, bool]:
    """Publish a message; returns the verdict, and whether it is the one of an earlier submission. Raises as `call`."""
    require_answer(state)
    headers = {"Content-Type": "application/json"}
    try:
        response = _request(state, "POST", "/v1/messages", data, params, headers, CHECK_TIMEOUT)
    except Unanswered as fault:
        raise Fault(f"{fault.text}; it may still take the message", f"{fault.hint}; {_AGAIN}") from None
    return _answer(response), response.is_replayed


def require_answer(state: Path) -> None:
    """Raise Fault within TIMEOUT if the gateway answers nothing: a long check is no reason to wait for it longer."""
    _request(state, "GET", "/v1/progress", None, None, None, TIMEOUT)


def fetch(state: Path, path: str, *, params: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of an answer that is not JSON, or JSON whose bytes matter. Raises as `call`."""
    response = _request(state, "GET", path, None, params, None, TIMEOUT)
    if response.status >= 400:
        _answer(response)
    return response.content


def download(state: Path, path: str, *, params: Mapping[str, str] | None = None) -> Iterator[bytes]:
    """Yield the bytes of a long answer as they arrive.

    Raises like `call`; an answer that is cut short ends normally.
    """
    address = address_of(state)
    import httpx

    sent = {"Authorization": f"Bearer {address.token}"}
    try:
        with (
            httpx.Client(base_url=address.url, timeout=TIMEOUT, trust_env=False) as client,
            client.stream("GET", path, params=params, headers=sent) as response,
        ):
            if response.status_code >= 400:
                _answer(Answer(response.status_code, response.read(), is_replayed=False))
            yield from response.iter_bytes()
    except httpx.HTTPError as error:
        raise _unreachable(address, error) from None


def address_of(state: Path) -> Address:
    """Return the address of the gateway on this state folder. Raises Fault when none runs, or if it is no
    state folder.
    """
    require_folder(state)
    address = running(state)
    if address is None:
        raise not_answering(state)
    return address


def not_answering(state: Path) -> Fault:
    """Return what is wrong while no gateway has its address in this state folder."""
    from suar.service.settings.state import is_held

    if is_held(state):
        text = f"a process works on {state}, and no gateway answers yet: it is starting, or it is another command"
        return Fault(text, "wait a moment; the gateway's log has `started` then")
    return Fault(f"no gateway runs on {state}", f"start it with `suar serve --state {state}`")


class Unanswered(Fault):
    """A gateway took a request and did not answer it."""


def _unreachable(address: Address, error: Exception) -> Fault:
    import httpx

    kinds = ((httpx.ConnectError, "nothing listens there"), (httpx.TimeoutException, "it took too long"))
    why = next((text for kind, text in kinds if isinstance(error, kind)), "the connection broke off")
    text = f"the gateway at {address.url} does not answer: {why}"
    if isinstance(error, httpx.TimeoutException):
        return Unanswered(text, f"if it lasts, stop process {address.pid} and start the gateway again: `suar serve`")
    if isinstance(error, httpx.ConnectError):
        return Fault(text, "`suar doctor` says what is wrong, and the gateway's log")
    return Unanswered(text, "`suar doctor` says what is wrong, and the gateway's log")


def _request(
    state: Path,
    method: str,
    path: str,
    body: object,
    params: Mapping[str, str] | None,
    headers: Mapping[str, str] | None,
    timeout: float,
) -> Answer:
    address = address_of(state)
    import httpx

    content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
    kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
    sent = {
        "Authorization": f"Bearer {address.token}",
        **({"Content-Type": kind} if content else {}),
        **(headers or {}),
    }
    try:
        # trust_env off: a proxy of the environment must never see the local token
        with httpx.Client(base_url=address.url, timeout=timeout, trust_env=False) as client:
            response = client.request(method, path, content=content, params=params, headers=sent)
    except httpx.HTTPError as error:
        raise _unreachable(address, error) from None
    return Answer(response.status_code, response.content, REPLAYED in response.headers)


def _answer(response: Answer) -> Any:
    status, content = response.status, response.content
    try:
        body = msgspec.json.decode(content) if content else None
    except msgspec.DecodeError:
        body = {"detail": f"the gateway answered {status} with something that is no JSON"}
        status = max(status, 500)
    if status >= 400:
        raise Problem(status, body if isinstance(body, dict) else {})
    return body


def shaped(value: object, form: type[Form]) -> Form:
    """Return a decoded answer in its form, other fields left out. Raises Fault for one that a gateway does not give."""
    try:
        return msgspec.convert(value, form)
    except msgspec.ValidationError:
        raise Fault("the gateway answered with something else than was asked for", ODD) from None


def reason_lines(reasons: Iterable[Mapping[str, Any]], draft: object = None, *, has_hints: bool = True) -> str:
    """Return each reason of a refusal on lines of its own, with its JSON path and code; each begins with a line end.

    Figures of a table are shown with their labels, as in `draft`, a draft or its table. A reason that stands against
    several fields is stated once, with the first of them and the number of the others.
    """
    same: dict[str, list[dict[str, Any]]] = {}
    for each in for_a_person(reasons, draft):
        shown = [value for name, value in sorted(each.items()) if name not in _NOT_SHOWN]
        same.setdefault(repr(shown), []).append(each)
    return "".join(_reason(first, len(others), has_hint=has_hints) for first, *others in same.values())


def _reason(reason: Mapping[str, Any], more: int, *, has_hint: bool) -> str:
    """Return one reason on a line of its own, at its JSON path; below it the words that it is about, and its hint."""
    path = f"{reason.get('path') or '$'}{f', and {more} more' if more else ''}"
    line = f"\n  {path}: {reason.get('message') or ''} ({reason.get('code') or 'no code'})"
    marked = reason.get("marked")
    line += f"\n    look at: {'; '.join(map(str, marked))}" if marked else ""
    return f"{line}\n    hint: {reason['hint']}" if has_hint and reason.get("hint") else line
