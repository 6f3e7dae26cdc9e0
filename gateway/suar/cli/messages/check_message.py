"""`suar check-message`: the verdict on a message; without --state it needs no gateway and no state."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import running
from suar.cli.base.common import PathType, command, emit, json_option, now_ms, passphrase_option
from suar.cli.base.gate_table import draft_of, for_a_person, in_words, table_lines
from suar.cli.base.progress import UNANSWERED, checking, progress
from suar.cli.base.reader import ENGLISH, lang_option, room, sentences_for
from suar.cli.messages.publish import read_message
from suar.protocol.base.exercise import BANNER, is_exercise

if TYPE_CHECKING:
    from suar.languages.tags import Language

NOT_CHECKED: Final = [
    "permissions",
    "ledger",
    "chain",
    "draw",
]  # checks that need a gateway's store, trust list and key
AS_JSON: Final = {"Content-Type": "application/json"}
NOBODY: Final = "XA"  # placeholder where the message names no member; a gateway writes its own


@command("check-message", example="suar check-message alert.json")
@click.argument("file", metavar="FILE|-")
@click.option("--exercise", is_flag=True, help="Check the message for the exercise realm.")
@click.option(
    "--state",
    type=PathType,
    envvar="SUAR_STATE",
    help="Also check against the state of this gateway. Default: SUAR_STATE.",
)
@lang_option
@passphrase_option
@json_option
def check_message(
    file: str, exercise: bool, state: Path | None, lang: "Language", passphrase_file: Path | None, as_json: bool
) -> int:
    """Report whether publishing a message would pass, hold or refuse it, with the JSON path of each reason.

    With --state, the report also names everyone who can open the message, and the rule of docs/policy.md that permits
    it.
    """
    data, realm = read_message(file), "exercise" if exercise else "actual"
    sentences = sentences_for(as_json)
    with progress(checking(data), late=UNANSWERED if state is not None and running(state) else ""):
        if state is None:
            verdict = _alone(data, realm, with_sentences=bool(sentences))
        else:
            verdict = _with_state(state, passphrase_file, data, realm, {"lang": lang.tag, **sentences})
    verdict = {**verdict, "table": in_words(verdict.get("table"), lang), "status": realm}
    draft = draft_of(data)
    emit(
        verdict,
        as_json,
        lambda: verdict_text(verdict, draft) if lang.tag == ENGLISH else _verdict_lines(verdict, lang, draft),
    )
    return 1 if verdict["verdict"] == "refuse" else 0


def _alone(data: bytes, realm: str, *, with_sentences: bool) -> dict[str, Any]:
    import msgspec

    from suar.protocol.authoring.coverage import warn_coverage
    from suar.protocol.authoring.plausibility import warn_future
    from suar.protocol.base.instants import instant
    from suar.protocol.base.reasons import Invalid
    from suar.protocol.compose import complete
    from suar.protocol.message.kinds import Trend
    from suar.protocol.message.messages import encode
    from suar.protocol.privacy.imported import held_as_imported
    from suar.protocol.privacy.limits import k_for
    from suar.protocol.privacy.tables.coarser import with_coarser
    from suar.protocol.privacy.unread_drafts import text_refusals
    from suar.protocol.privacy.verdict import REFUSE, judge

    member, now = _member(data), now_ms()
    not_checked = NOT_CHECKED if member else [*NOT_CHECKED, "issuer"]
    try:
        composed = complete(data, member=member or NOBODY, realm=realm, now=now, ledger=None)
    except Invalid as invalid:
        found = (*invalid.reasons, *text_refusals(data))
        reasons = [reason.shape(with_sentences=with_sentences) for reason in found]
        return {
            "verdict": "refuse",
            "reasons": reasons,
            "not_checked": not_checked,
            "message": None,
            "readers": None,
            "table": None,
        }
    message = composed.message
    opinion = held_as_imported(judge(message), composed.imported)
    table = opinion.table
    if table is not None and isinstance(message, Trend):
        table = with_coarser(table, message, k_for(message.tlp))
    early = None
    if isinstance(message, Trend) and opinion.verdict != REFUSE:
        early = warn_future(message, instant(now)[:10])
    found = opinion.reasons if early is None else (*opinion.reasons, early)
    found = found if opinion.verdict == REFUSE else (*found, *warn_coverage(message))
    shapes = [reason.shape(with_sentences=with_sentences) for reason in found]
    return {
        "verdict": opinion.verdict, "reasons": shapes, "not_checked": not_checked,
        "message": msgspec.json.decode(encode(opinion.message)) if opinion.message else None, "readers": None,
        "table": table,
    }  # fmt: skip


def _member(data: bytes) -> str | None:
    """Return the member that the message names; the gateway decides who may use it."""
    from suar.protocol.base.codelists import listed
    from suar.protocol.base.reasons import Invalid
    from suar.protocol.message.jsonform import parse

    try:
        tree = parse(data)
    except Invalid:
        return None
    issuer, id_ = tree.get("issuer"), tree.get("id")
    named = issuer.get("member") if isinstance(issuer, dict) else None
    code = named or (id_[:2] if isinstance(id_, str) else None)
    return code if isinstance(code, str) and code in listed("member") else None


def _with_state(state: Path, passphrase_file: Path | None, data: bytes, realm: str, params: dict[str, str]) -> Any:
    from suar.cli.base.client import CHECK_TIMEOUT, call, require_answer

    if running(state):
        require_answer(state)
        params = params | ({"exercise": "true"} if realm == "exercise" else {})
        return call(state, "POST", "/v1/messages/check", data, params=params, headers=AS_JSON, timeout=CHECK_TIMEOUT)
    from suar.cli.base.common import keyring_passphrase
    from suar.service.process.offline import check

    passphrase = keyring_passphrase(state, passphrase_file)
    return check(state, passphrase, data, realm, with_sentences="sentences" in params)


def _verdict_lines(verdict: dict[str, Any], lang: "Language", draft: object) -> str:
    from suar.languages.rendering import reading

    return "\n".join(reading.verdict(verdict, lang, room(), draft))


def verdict_text(verdict: dict[str, Any], draft: object = None) -> str:
    """Return a verdict in English, for a person; `draft` provides the labels of its marks."""
    lines = [verdict["verdict"], *([f"*** {BANNER} ***"] if is_exercise(verdict.get("status")) else [])]
    table = verdict.get("table")
    for reason in for_a_person(verdict["reasons"], table or draft):
        rule = f", rule {reason['rule']}" if reason["rule"] else ""
        lines += [f"{reason['path']}: {reason['message']} ({reason['code']}{rule})"]
        lines += [f"  look at: {'; '.join(map(tables.plain, reason['marked']))}"] if reason["marked"] else []
        lines += [f"  hint: {reason['hint']}"] if reason["hint"] else []
    lines += table_lines(table, ENGLISH) if table else []
    lines += _openers(verdict.get("readers") or [])
    if verdict["not_checked"]:
        lines += _left_out(verdict["not_checked"])
    return "\n".join([*lines, _effect(verdict["verdict"])])


def _effect(verdict: str) -> str:
    """Return what publishing would do, and that a check publishes nothing."""
    from suar.languages.words import PHRASES

    return f"{PHRASES[f'would-{verdict}']}. {PHRASES['only-checked']}"


def _left_out(checks: list[str]) -> list[str]:
    """Return the checks that only a gateway can make, in the words of the catalogues."""
    from suar.languages.words import PHRASES

    lines = (f"  {PHRASES[f'check-{name}']}" for name in checks)
    return ["not checked, as no gateway was asked (--state names its folder):", *lines]


def _openers(readers: list[dict[str, Any]]) -> list[str]:
    """Return who will be able to open it and who will not, each with the rule."""
    may = [_opener(each) for each in readers if each["may_open"]]
    may_not = [_opener(each) for each in readers if not each["may_open"]]
    lines = ["will be able to open it:", *(may or ["  nobody"])] if readers else []
    return [*lines, *(["will not:", *may_not] if may_not else [])]


def _opener(each: dict[str, Any]) -> str:
    later = "" if each["has_key"] or not each["may_open"] else "; it has no valid key now, and gets it when it has one"
    return f"  {each['member']}  {tables.plain(each['name'])}  {each['rule']}: {each['why']}{later}"
