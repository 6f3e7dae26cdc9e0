"""Operations of commands on a state folder on which no gateway runs; each opens the same core for one task."""

import asyncio
import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from suar.files import require_folder
from suar.observe.hooks import Hooks
from suar.protocol.base.errors import Fault
from suar.protocol.files.container import Container
from suar.service.access import audit_commitments, tokens
from suar.service.access.act_notes import note_reading
from suar.service.access.authentication import TokenRows, scopes_beyond, token_shapes
from suar.service.core import seams
from suar.service.core.audit_cursor import AuditSalts
from suar.service.core.core import Core
from suar.service.custody import retention
from suar.service.people import changes, records
from suar.service.process import run
from suar.service.publish import checking
from suar.service.reading import containing, evidence
from suar.service.reading.authority import NotStamped, Token, request_token
from suar.service.recovery import archive as archiving
from suar.service.recovery import archive_file, reanchor
from suar.service.settings.config import load
from suar.service.settings.keyring import PURPOSE as KEYRING_PURPOSE
from suar.service.settings.keyring import Keyring
from suar.service.settings.sealed import Seal, cost_of, open_sealed
from suar.service.settings.state import KEYRING, locked
from suar.service.status import audit_paths, auditing, own_keys, trust_list
from suar.service.trust import clock_reset, compromise, trust_sync
from suar.store.engine.vault import Vault
from suar.store.people.access import OPERATOR


@contextlib.contextmanager
def open_offline(state: Path, passphrase: bytes) -> Iterator[Core]:
    """Open the core of `state`, locked while it is open. Raises Fault for a missing folder or a running gateway."""
    require_folder(state)
    with locked(state):
        core = run.open_core(state, passphrase, os.environ, Hooks())
        try:
            yield core
            auditing.sign(core)
        finally:
            core.close()


def import_lists(state: Path, passphrase: bytes, lists: Sequence[bytes], pin: bytes | None) -> dict[str, Any]:
    """Import trust lists in order; each is published when the gateway starts. Raises Refused for the first refused."""
    answer: dict[str, Any] = {}
    with open_offline(state, passphrase) as core:
        for data in lists:
            answer = trust_sync.judge_list(core, data, pin)
    return answer


def trust_summary(state: Path, passphrase: bytes) -> dict[str, Any]:
    """Return the trust list in force."""
    with open_offline(state, passphrase) as core:
        return trust_list.shown_list(core)


def tokens_add(state: Path, passphrase: bytes, request: tokens.TokenRequest) -> dict[str, object]:
    """Create a token; its secret and its one-time code are returned only this once."""
    with open_offline(state, passphrase) as core:
        now = core.clock()
        made = tokens.issue(TokenRows(core), request, OPERATOR, now)
        return tokens.issued_shape(request, made, now, scopes_beyond(core, request))


def tokens_list(state: Path, passphrase: bytes) -> list[dict[str, object]]:
    """Return all tokens, without their secrets."""
    with open_offline(state, passphrase) as core:
        return token_shapes(core, {})


def tokens_revoke(state: Path, passphrase: bytes, name: str) -> bool:
    """Revoke a token; returns False if no valid token has that name."""
    with open_offline(state, passphrase) as core:
        return TokenRows(core).revoke(name, core.clock())


def console_invite(
    state: Path, passphrase: bytes, id_: str, name: str, roles: Sequence[str], lang: str, agency: str = ""
) -> str | None:  # fmt: skip
    """Invite a person to the console, or to that of the agency that is named; returns the link."""
    with open_offline(state, passphrase) as core:
        return changes.invite(core, id_, name, tuple(roles), lang, OPERATOR, agency)


def console_people(state: Path, passphrase: bytes) -> list[dict[str, Any]]:
    """Return everybody of the console, as coordinators see them."""
    with open_offline(state, passphrase) as core:
        return records.person_shapes(records.everybody(core))


def console_person(state: Path, passphrase: bytes, id_: str) -> dict[str, Any] | None:
    """Return a person of the console, as coordinators see them; None when there is none."""
    return next((each for each in console_people(state, passphrase) if each["id"] == id_), None)


def console_decide(state: Path, passphrase: bytes, id_: str, act: str, read: str) -> str | None:
    """Confirm what a coordinator requested (`confirm`), or renew a person's access (`recover`); returns the link, if
    any.

    `read`: the digest of what was shown about the person. Raises Refused E-CHANGED for another state.
    """
    with open_offline(state, passphrase) as core:
        return (changes.confirm if act == "confirm" else changes.recover)(core, id_, OPERATOR, read)


def check(state: Path, passphrase: bytes, data: bytes, realm: str, *, with_sentences: bool = False) -> dict[str, Any]:
    """Return the verdict on a message, with everything that the state folder knows, without publishing it."""
    with open_offline(state, passphrase) as core:
        return checking.check(core, data, realm, tokens.LOCAL, with_sentences=with_sentences)


def reset_clock(state: Path, passphrase: bytes) -> dict[str, Any]:
    """[T14] Set the highest time seen to the current time."""
    with open_offline(state, passphrase) as core:
        return clock_reset.reset_clock(core, OPERATOR)


def keys(state: Path, passphrase: bytes) -> list[dict[str, Any]]:
    """Return our keys with their validity periods."""
    with open_offline(state, passphrase) as core:
        return own_keys.list_keys(core)


def export_evidence(
    state: Path, passphrase: bytes, id_: str, rev: int | None, *, is_sealed: bool = False
) -> evidence.Exported | None:  # fmt: skip
    """Return the evidence file of a message, or None if no such message may be read.

    Raises Fault if it cannot be proved.
    """
    with open_offline(state, passphrase) as core:
        found = evidence.export(core, id_, rev, is_sealed=is_sealed)
        if found is not None:
            evidence.note_export(core, found, OPERATOR)
        return found


def export_container(state: Path, passphrase: bytes, id_: str, rev: int | None) -> bytes | None:
    """Return the evidence in a container stamped by the operator's authority, or None as `export_evidence` does."""
    with open_offline(state, passphrase) as core:
        found = evidence.export(core, id_, rev)
        if found is None:
            return None
        report = _author_report(core, found) if audit_paths.is_author_shown(core, found.id) else None
        data = asyncio.run(containing.stamped(core.config, containing.objects_of(core, found, report)))
        evidence.note_export(core, found, OPERATOR)
        return data


def _author_report(core: Core, found: evidence.Exported) -> bytes | None:
    auditing.sign(core)
    while audit_paths.make_blocks(core):
        pass
    return audit_paths.report_author(core, found.id, found.rev)


def renew_container(state: Path, container: Container, algorithm: int) -> bytes:
    """Return the container with one more layer, from the authority in the settings of `state`; no key is needed."""
    return asyncio.run(containing.stamped(load(state, os.environ), container, algorithm))


def request_stamp(state: Path, data: bytes) -> Token | None:
    """Return a token over `data` from the authority in the settings of `state`; None if none is configured. Raises
    Fault.
    """
    config = load(state, os.environ)
    if not config.evidence.authority:
        return None
    try:
        return asyncio.run(request_token(config, data))
    except NotStamped as found:
        raise Fault(f"the time-stamping authority gave no token: {found.why}", "export it again later") from None


def trust_file(state: Path, passphrase: bytes) -> bytes:
    """Return every trust list and Revoke, for those who verify evidence elsewhere."""
    with open_offline(state, passphrase) as core:
        return containing.export_trust(core)


def restart_audit(state: Path, passphrase: bytes, reason: str) -> None:
    """Accept the stored log as valid from now on; see `auditing.restart_log`."""
    with open_offline(state, passphrase) as core:
        auditing.restart_log(core, OPERATOR, reason)


class Verified(NamedTuple):
    """A protected table, its number of rows, and what is wrong with it."""

    table: str
    rows: int
    finding: str | None


def verify_store(state: Path, passphrase: bytes) -> list[Verified]:
    """Compare every protected row with the store's account and its anchor, and examine stored messages and frames.

    Raises Fault if account and anchor differ.
    """
    require_folder(state)
    with locked(state):
        return [Verified(*each) for each in run.verified(state, passphrase, os.environ)]


def restored(state: Path, passphrase: bytes, reason: str, second: str | None) -> reanchor.Restored:
    """Accept the present store as the gateway's from now on; requires two persons, see reanchor.py."""
    require_folder(state)
    with locked(state):
        keyring = Keyring.open(state / KEYRING, passphrase)
        url = load(state, os.environ).store_url
        return reanchor.as_it_is(state, keyring, reason, second, seams.from_environment(os.environ)[0](), url)


def archive(state: Path, passphrase: bytes, folder: Path, before: int) -> list[Path]:
    """Write an archive of all messages before that time (ms); see `recovery/archive.py`."""
    sealed, _ = open_sealed(KEYRING_PURPOSE, passphrase, (state / KEYRING).read_bytes(), "the keyring")
    with open_offline(state, passphrase) as core:
        seal = Seal.new(archive_file.PURPOSE, passphrase, cost_of(sealed))
        return archiving.make(core, folder, seal, before, OPERATOR, retention.is_due)


def audit(state: Path, passphrase: bytes) -> Iterator[dict[str, Any]]:
    """Yield the signed audit, page by page; see `auditing.page`."""
    with open_offline(state, passphrase) as core:
        auditing.begin_reading(core, OPERATOR)
        yield from auditing.pages(core)


def commitments(state: Path, passphrase: bytes, member: str) -> Iterator[dict[str, Any]]:
    """Yield what is kept of a member's commitments to its audit log; see `audit_commitments.page`."""
    with open_offline(state, passphrase) as core:
        note_reading(core, OPERATOR, "commitments", member)
        after, more = 0, True
        while more:
            page = audit_commitments.page(core, member, after, audit_commitments.PAGE_MAX)
            more = len(page["commitments"]) == audit_commitments.PAGE_MAX
            after = page["after"]
            yield page


def audit_salt(state: Path, passphrase: bytes, day: int) -> str:
    """Return the salt of a day, which opens our commitments up to that day; works beside a running gateway."""
    keyring = Keyring.open(state / KEYRING, passphrase)
    return AuditSalts(Vault(keyring.store_key)).of(day).text


def compromised(state: Path, passphrase: bytes, kid: bytes) -> dict[str, Any]:
    """Handle a compromised key of ours; the results are published when the gateway starts."""
    with open_offline(state, passphrase) as core:
        return compromise.compromised(core, kid, OPERATOR)
