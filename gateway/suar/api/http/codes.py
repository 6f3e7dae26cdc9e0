"""Error codes of the HTTP API: a closed table in addition to `suar.protocol.base.errors.CODES`."""

from typing import Final

from suar.protocol.base.errors import ErrorEntry
from suar.protocol.base.limits import MESSAGE_BYTES_MAX

_YOURS: Final = "caller"
_MESSAGE: Final = f"{MESSAGE_BYTES_MAX // 1024} KiB"
HTTP_CODES: Final[dict[str, ErrorEntry]] = {
    "E-HTTP-PARAMETER": ErrorEntry(
        "", "the query has a parameter that the call does not have", _YOURS, "name it as /schema/openapi.json has it"
    ),
    "E-HTTP-VALUE": ErrorEntry(
        "", "a parameter or header has a value that is not allowed", _YOURS, "see /schema/openapi.json for what is"
    ),
    "E-HTTP-TOKEN": ErrorEntry(
        "",
        "no token, or one that is unknown, revoked or expired",
        _YOURS,
        "send `Authorization: Bearer TOKEN`; `suar token add NAME --scope S` makes one, and an agency has its token of "
        "the focal point that registered it",
    ),
    "E-HTTP-SCOPE": ErrorEntry(
        "",
        "the token does not have the scope of this call",
        _YOURS,
        "use a token with that scope; `suar token list` shows what each may do",
    ),
    "E-HTTP-PASSPHRASE": ErrorEntry(
        "",
        "the call needs the keyring's passphrase, and it is missing or wrong",
        _YOURS,
        "give it as `suar compromised KID --passphrase-file FILE`, or stop the gateway and run that command",
    ),
    "E-HTTP-NOT-FOUND": ErrorEntry(
        "",
        "nothing has this address or id here",
        _YOURS,
        "`suar inbox` lists ids, `suar deliveries ID` what waits or was rejected; /schema/openapi.json lists calls",
    ),
    "E-HTTP-METHOD": ErrorEntry(
        "", "this address does not accept this method", _YOURS, "the header Allow lists the methods that it accepts"
    ),
    "E-HTTP-ACCEPT": ErrorEntry(
        "",
        "the caller accepts none of the media types that the call answers with",
        _YOURS,
        "leave Accept out, or name the type that the detail names",
    ),
    "E-HTTP-TOO-LARGE": ErrorEntry(
        "",
        "the body is larger than 1 MiB",
        _YOURS,
        f"send messages of at most {_MESSAGE}, many of them by POST /v1/messages/batch",
    ),
    "E-HTTP-MEDIA-TYPE": ErrorEntry(
        "",
        "the body is of another media type than the call takes",
        _YOURS,
        "send the Content-Type that the detail names, or none",
    ),
    "E-HTTP-LINE": ErrorEntry("", f"a line of a batch is larger than {_MESSAGE}", _YOURS, "publish it in parts"),
    "E-HTTP-HOST": ErrorEntry(
        "",
        "the Host header names no host of this gateway",
        _YOURS,
        "call it by 127.0.0.1 or localhost, or add the name to http.hosts in suar.toml",
    ),
    "E-HTTP-ORIGIN": ErrorEntry(
        "",
        "a page of another origin calls this gateway",
        _YOURS,
        "call it from a program, or from a page that this gateway served",
    ),
    "E-HTTP-RATE": ErrorEntry(
        "",
        "more calls, or more costly ones, than one token may make in this time",
        _YOURS,
        "wait as Retry-After says; programs use POST /v1/messages/batch, of which a token may have four open",
    ),
    "E-HTTP-PROPOSALS": ErrorEntry(
        "",
        "the agency has as many proposals as it may have at the desk, or in a day",
        _YOURS,
        "wait until the focal point has decided about some: GET /v1/proposals shows the state of each",
    ),
    "E-HTTP-DECIDED": ErrorEntry(
        "",
        "somebody has taken the proposal already, or it was decided about",
        _YOURS,
        "look at its state with `suar proposals show ID`",
    ),
    "E-HTTP-CONFLICT": ErrorEntry("", "the name is taken or cannot be used", _YOURS, "choose another"),
    "E-HTTP-KEY-REUSED": ErrorEntry(
        "",
        "the Idempotency-Key was used for another message within a day; this one was not published",
        _YOURS,
        "give every message a key of its own; the same bytes again get the id of the first message and its state now",
    ),
    "E-HTTP-REFUSED": ErrorEntry(
        "",
        "the trust list, or a request about a key, a text or the lease, is refused; the detail states why",
        _YOURS,
        "correct what the detail names; `suar errors CODE` explains a code in it",
    ),
    "E-HTTP-FAULT": ErrorEntry(
        "",
        "the gateway could not process the call because of its disk, store or keyring",
        "ours",
        "nothing was done: send it again; `suar doctor` shows what is wrong",
    ),
    "E-HTTP-INTERNAL": ErrorEntry(
        "",
        "the gateway failed unexpectedly",
        "ours",
        "send it again; the event http_failed of the log shows where",
    ),
}

STATUS: Final = {
    "E-HTTP-PARAMETER": 400,
    "E-HTTP-VALUE": 400,
    "E-HTTP-TOKEN": 401,
    "E-HTTP-ORIGIN": 403,
    "E-HTTP-PASSPHRASE": 403,
    "E-HTTP-SCOPE": 403,  # the last of a status is the code of Litestar's own errors
    "E-HTTP-NOT-FOUND": 404,
    "E-HTTP-METHOD": 405,
    "E-HTTP-ACCEPT": 406,
    "E-HTTP-DECIDED": 409,
    "E-HTTP-CONFLICT": 409,
    "E-HTTP-TOO-LARGE": 413,
    "E-HTTP-MEDIA-TYPE": 415,
    "E-HTTP-HOST": 421,
    "E-HTTP-KEY-REUSED": 422,
    "E-HTTP-REFUSED": 422,
    "E-HTTP-PROPOSALS": 429,
    "E-HTTP-RATE": 429,
    "E-HTTP-INTERNAL": 500,
    "E-HTTP-FAULT": 503,
}
"""The status of each code; E-HTTP-LINE occurs only in a line of a batch."""
