"""A gateway without a bus behind the API: for the API's own refusals and for faults on purpose."""

import asyncio
import atexit
import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal, TypeVar

import msgspec

from protocol.privacy.trends import trend
from suar.api.app import create_app
from suar.api.server import HttpServer, url_of
from suar.observe import causes
from suar.observe.checks.facts import Facts, Message, Ours
from suar.observe.hooks import Hooks
from suar.observe.numbers import Numbers
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.primitives import Secret
from suar.protocol.base.reasons import Reason
from suar.protocol.message.kinds import Entry
from suar.protocol.privacy.tables.shown import Table
from suar.protocol.privacy.verdict import judge
from suar.service.access.agencies import register
from suar.service.access.authentication import TokenRows
from suar.service.access.passphrase_check import NotConfirmed
from suar.service.access.tokens import TokenRequest, TokenRow, check, new_token
from suar.service.core.core import Core
from suar.service.core.seams import FaultPoints
from suar.service.feed.exporting import Content
from suar.service.gaps.alarms import end_resolved
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting, sealing
from suar.service.publish.drafts import Handed
from suar.service.reading.evidence import Exported
from suar.service.reading.verdict import Verdict
from suar.service.reading.views import UnknownPosition
from suar.service.receipts.receipts import make_receipt
from suar.service.receive import inbound
from suar.service.receive.batch import Arrival
from suar.service.settings.config import load
from suar.service.settings.keyring import Identity, Keyring
from suar.service.settings.scopes import ROLES, SCOPES
from suar.service.status.catching_up import NOTHING, Progress
from suar.store.people.access import OPERATOR
from support import healthy, stores
from support.corekit import PASSPHRASE, CoreKit, epoch_of, frame_of
from support.healthy import NOW
from support.hostile_drafts import draft, written
from support.kit import ListMaker, actor, alert, open_sending

T = TypeVar("T")
LOCAL = new_token()
ID = "TH-ALERT-2027-000001"
THEIRS = "SG-ALERT-2027-000001"
IDENTITY = actor("TH").kid
NOTHING_EXPOSED: dict[str, Any] = {"refused_messages": 0, "rotated": False, "warning": "nothing is lost"}


REASON = Reason("E-MESSAGE-MISSING-FIELD", "F8", "$.tlp", "tlp is missing", "give a TLP")


BARE = Reason("E-PRIVACY-TABLE", None, "$.obs[0]", "a count: 2026, sex female", "leave the dimension sex out", ())
WARNED = [Reason("E-PRIVACY-SUM", None, "$.obs[3].value", "the total differs from its parts by 9", "correct it", ())]


def a_table() -> Table:
    """Four figures, of which two are hidden, one for the other's sake."""
    values: dict[tuple[str, ...], int | None] = {("female",): 4, ("male",): 55, ("unknown",): 31, ("total",): 90}
    table = judge(trend(values, ["sex"])).table
    assert table is not None
    return table


def _in_thread(call: Callable[[], T]) -> T:
    """In a thread of its own: a loop may run in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


class FakeGateway(Gateway):
    """A gateway on a real core without a bus: it reads messages, alarms, tokens and keys there; the rest is by rote.

    It publishes any JSON object; `{"bad": 1}` is refused, `{"hold": 1}` held. `fault` is raised by every call.
    """

    progress: Progress = NOTHING
    feed_readers: int = 0

    def __init__(self, core: Core) -> None:
        super().__init__(core, Wake())
        self.table = TokenRows(core)
        self._begin()

    def _begin(self) -> None:
        self.published: list[tuple[bytes, str, str]] = []
        self.batches: list[int] = []
        self.answers: dict[str, Verdict] = {}
        self.seconds: dict[str, float] = {}  # of a processor, by token
        self.requests: list[dict[str, Any]] = []
        self.acts: list[tuple[str, str]] = []  # what was done by whom
        self.numbers = healthy.numbers()
        self.fault: Exception | None = None
        self.waits: list[dict[str, Any]] = []  # for a second person
        self.not_ready: list[str] = []
        self.remembers_bytes = False
        self.bodies: dict[str, bytes] = {}  # by Idempotency-Key
        self.progress, self.feed_readers = NOTHING, 0

    def forget(self) -> None:
        """Be as new, with the same settings and listeners."""
        self._begin()
        self._on_core(self._without_tokens)

    def _on_core(self, call: Callable[[], T]) -> T:
        """On the core's thread, after what is due there."""
        return _in_thread(lambda: asyncio.run(self._core.run(call)))

    def _without_tokens(self) -> None:
        with self._core.transaction() as connection:
            connection.exec_driver_sql("delete from token")
            connection.exec_driver_sql("update alarm set acknowledged_at = null, acknowledged_by = null, note = null")

    async def insert_token(self, row: TokenRow) -> None:
        """A row that no call makes."""
        await self._core.run(self.table.insert, row)

    async def token_rows(self) -> list[TokenRow]:
        return await self._core.run(self.table.list)

    def receive(self, code: str, *contents: bytes) -> None:
        """Messages of another member as they come, in frames of a hundred; once a member."""

        def receive() -> None:
            sending = open_sending(actor(code), ListMaker())
            frames = [frame_of(sending, *contents[at : at + 100]) for at in range(0, len(contents), 100)]
            inbound.receive_batch(self._core, [Arrival(*each) for each in (epoch_of(sending), *frames)])

        self._on_core(receive)

    def confirm(self, *codes: str) -> None:
        """These members' receipts for ID come."""

        def receive() -> None:
            for code in codes:
                _confirm(self._core, ListMaker(), code)

        self._on_core(receive)

    @property
    def exported(self) -> bytes:
        """The message ID, as its gateway signed it."""
        found = _in_thread(lambda: asyncio.run(Gateway.content(self, ID)))
        assert found is not None
        return found.data

    def acts_of(self, who: str) -> list[tuple[str, str]]:
        """What the audit says of somebody: what was done, about what."""

        def read() -> list[tuple[str, str]]:
            with self._core.transaction() as connection:
                found = connection.exec_driver_sql("select what, about from audit where who = ? order by n", (who,))
                return [(row[0], row[1]) for row in found]

        return self._on_core(read)

    def statements(self) -> list[tuple[str, str]]:
        """Return the statements of this member to publishers: id and stage."""

        def read() -> list[tuple[str, str]]:
            with self._core.transaction() as connection:
                found = connection.exec_driver_sql("select id, stage from own_statement order by id")
                return [(row[0], row[1]) for row in found]

        return self._on_core(read)

    def _failing(self) -> None:
        if self.fault:
            raise self.fault

    async def publish(
        self, data: bytes, *, realm: str, key: str | None, token: str, editors: Sequence[str] = (),
        handed: Handed | None = None,
    ) -> Verdict:  # fmt: skip
        self._failing()
        key = key or (repr(data) if self.remembers_bytes else None)
        if key is not None and self.bodies.setdefault(key, data) != data:
            return Verdict(None, None, "key-reused")
        if key in self.answers:
            return msgspec.structs.replace(self.answers[key], replayed=True)
        verdict = self._judge(data, realm, token)
        if key:
            self.answers[key] = verdict
        return verdict

    async def publish_batch(self, items: list[bytes], *, realm: str, token: str) -> list[Verdict]:
        self._failing()
        self.batches.append(len(items))
        return [self._judge(data, realm, token) for data in items]

    def _judge(self, data: bytes, realm: str, token: str) -> Verdict:
        try:
            value = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            value = {"bad": 1}
        if "bad" in value:
            return Verdict(None, None, "refused", (REASON,))
        if "bare" in value:
            return Verdict(
                None, None, "refused", (BARE,), table=msgspec.structs.replace(a_table(), after=None, hidden=())
            )
        self.published.append((data, realm, token))
        id_ = f"TH-ALERT-2027-{len(self.published):06d}"
        table = a_table() if "table" in value else None
        reasons = tuple(WARNED) if "table" in value else ()
        what: Literal["held", "published"] = "held" if "hold" in value else "published"
        return Verdict(id_, 1, what, reasons, waiting=value.get("wait"), table=table)

    def spent(self, token: str) -> float:
        return self.seconds.pop(token, 0.0)

    async def check(
        self, data: bytes, *, realm: str, token: str = "", with_sentences: bool = False, editors: Sequence[str] = ()
    ) -> dict[str, Any]:
        self._failing()
        verdict = {"verdict": "pass", "reasons": [], "not_checked": [], "message": {"status": realm}, "readers": []}
        return {**verdict, "table": a_table()} if b"table" in data else verdict

    async def messages(self, **options: Any) -> list[dict[str, Any]]:
        self._failing()
        return await super().messages(**options)

    async def message(self, id_: str, **options: Any) -> dict[str, Any] | None:
        self._failing()
        return await super().message(id_, **options)

    async def content(self, id_: str, **options: Any) -> Content | None:
        self._failing()
        return await super().content(id_, **options)

    async def evidence(self, id_: str, **options: Any) -> Exported | None:
        self._failing()
        return await super().evidence(id_, **options)

    async def container(
        self, id_: str, *, rev: int | None, exported_by: str, is_person: bool = False
    ) -> Exported | None:
        self._failing()
        self.requests.append({"id": id_, "rev": rev, "exported_by": exported_by, "container": True})
        return Exported(id_, rev or 1, b"PK") if id_ == ID else None

    async def audit(self, after: int, limit: int, who: str) -> dict[str, Any]:
        self._failing()
        self.requests.append({"after": after, "limit": limit, "who": who})
        line = {"at": NOW, "who": "desk", "what": "publish", "about": ID, "hash": "00" * 32}
        title = {"audit": "suar-audit/1", "federation": "asean-test", "member": "TH"}
        return {"title": title, "lines": [{"n": after + 1, **line}], "heads": []}

    async def commitments(self, member: str, after: int, limit: int, who: str) -> dict[str, Any]:
        self._failing()
        self.requests.append({"member": member, "after": after, "limit": limit, "who": who})
        title = {"commitments": "suar-commitments/1", "federation": "asean-test", "member": member, "kept_by": "TH"}
        return {"title": title, "commitments": [{"at": NOW, "commitment": "00" * 32}], "after": after + 1}

    async def deliveries(self, id_: str, rev: int | None = None) -> dict[str, Any] | None:
        self._failing()
        return await super().deliveries(id_, rev)

    async def why(self, id_: str, member: str) -> dict[str, Any] | None:
        self._failing()
        about = Facts(now=NOW, late=0, message=Message(origin=id_[:2]), ours=Ours(code="TH"))
        values = dict.fromkeys(causes.values(about))
        values |= {"id": id_, "member": member, "origin": id_[:2], "heard": "2027-01-15T08:00:00Z"}
        number = next(n for n, cause in enumerate(causes.CAUSES, 1) if cause.code == "peer-silent")
        found = {"id": id_, "rev": 1, "member": member, "cause": "peer-silent", "number": number, "values": values}
        return found if id_ == ID else None

    async def record_receipt(
        self,
        id_: str,
        who: str,
        stage: str,
        role: str,
        *,
        sector: str | None = None,
        note: str | None = None,
        rev: int | None = None,
    ) -> dict[str, Any] | None:
        if stage == "acting":
            raise Refused("E-OWN-MESSAGE", "")
        if rev not in (None, 1):
            raise Refused("E-CHANGED", "")
        statement = {"id": id_, "rev": 1, "stage": stage, "role": role, "at": "2027-01-15T08:00:00Z", "new": True}
        statement["left_out"] = []
        statement |= {"new": False, "left_out": ["note"]} if note == "again" else {}
        self.requests.append({"who": who, "sector": sector, "note": note})
        return statement if id_ == ID else None

    async def cancel(
        self, id_: str, who: str, reason: str, replacement: bytes | None, *, editors: Sequence[str] = (),
        handed: Handed | None = None, rev: int | None = None, with_sentences: bool = False,
    ) -> dict[str, Any] | None:  # fmt: skip
        if reason == "not ours":
            raise Refused("E-MESSAGE-SENDER", "F8")
        verdict = self._judge(replacement or b"{}", "actual", who)
        shape = {name: getattr(verdict, name) for name in ("id", "rev", "verdict", "waiting")}
        reasons = [reason.shape() for reason in verdict.reasons]
        shape |= {
            "reasons": reasons,
            "verdict": "withdrawn" if reason == "withdraw" else verdict.verdict,
            "realm": "actual",
            "before": reason == "again",
        }
        shape["replacement"] = {"id": ID, "verdict": "held"} if replacement else None
        return shape if id_ == ID else None

    async def held(self, who: str, after: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        self.acts.append(("held", who))
        if self.waits and after is not None and "." not in after:
            raise UnknownPosition("no place", "")
        return [row for row in self.waits if row["place"] > (after or "")][:limit]

    async def reject(
        self, id_: str, who: str, reason: str, *, is_session: bool = False, to_mend: bool = False,
        read: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        raise Refused("E-SAME-PERSON", "")

    async def import_list(self, data: bytes, pin: bytes | None, who: str = "") -> dict[str, Any]:
        self._failing()
        self.acts.append(("import", who))
        if data == b"bad":
            raise Fault("the list is refused: too few signatures (E-TRUST-SIGNATURE [T2])", "repeat the ceremony")
        return {"result": "ok", "version": 3, "hash": pin.hex() if pin else ""}

    async def trust(self) -> dict[str, Any]:
        self._failing()
        key = {"kid": "cd" * 16, "not_before": "2026-01-01T00:00:00Z", "not_after": "2027-02-05T00:00:00Z"}
        member = {"code": "TH", "name": "Thailand", "status": "active", "publish": ["*"], "read": ["alert", "trend"]}
        return {
            "version": 3, "hash": "ab" * 32, "federation": "asean", "issued": "2026-01-01T00:00:00Z",
            "expires": "2026-06-30T00:00:00Z", "days_left": 179, "threshold": 2,
            "roots": [{"kid": "ef" * 16, "holder": "Attorney General"}],
            "members": [member | {"keys": [key | {"revoked": True}]}], "revokes": ["cd" * 16],
        }  # fmt: skip

    async def rotate_keys(self, who: str = OPERATOR) -> dict[str, Any]:
        self._failing()
        self.acts.append(("rotate", who))
        return await super().rotate_keys(who)

    async def alarms(self, since: int = 0, *, is_open: bool = False) -> list[dict[str, Any]]:
        self._failing()
        return await super().alarms(since, is_open=is_open)

    async def acknowledge_alarm(self, number: int, who: str, note: str) -> dict[str, Any] | None:
        self._failing()
        return await super().acknowledge_alarm(number, who, note)

    async def compromised(self, kid: bytes, who: str, passphrase: bytes | None) -> dict[str, Any]:
        if self.fault:
            raise self.fault
        if self.is_identity(kid) and passphrase is None:
            raise NotConfirmed("revoking the identity needs the keyring's passphrase", "give it")
        self.requests.append({"kid": kid.hex(), "passphrase": passphrase})
        return {"kid": kid.hex(), "key": "bundle", "messages": [], **NOTHING_EXPOSED}

    async def peers(self) -> list[dict[str, Any]]:
        self._failing()
        return [{"member": "SG", "up": True}]

    async def resend(self, member: str, who: str) -> dict[str, Any] | None:
        self._failing()
        self.requests.append({"member": member, "who": who})
        return {"member": member, "asked": []} if member == "SG" else None

    async def carry_out(self, to: str | None, who: str, *, everything: bool) -> AsyncIterator[bytes]:
        self._failing()
        self.requests.append({"to": to, "who": who, "everything": everything})

        async def parts() -> AsyncIterator[bytes]:
            yield b"first"
            yield b"last"

        return parts()

    async def carry_in(self, segment: bytes, who: str) -> dict[str, Any]:
        self._failing()
        if segment == b"bad":
            raise Refused("E-CARRIED-FORM", "C1")
        self.requests.append({"segment": segment, "who": who})
        return {"objects": 1}

    async def snapshot(self) -> Numbers:
        self._failing()
        return self.numbers

    async def tokens_add(self, request: TokenRequest, who: str = "") -> dict[str, object]:
        self._failing()
        self.acts.append(("add", who))
        return await super().tokens_add(request, who)

    async def tokens_revoke(self, name: str, who: str = "") -> bool:
        self.acts.append(("revoke", who))
        return await super().tokens_revoke(name, who)

    def is_ready(self) -> tuple[bool, list[str]]:
        return not self.not_ready, self.not_ready


@cache
def _template() -> Path:
    """A state folder with a store in a file, made once."""
    folder = Path(tempfile.mkdtemp(prefix="suar-tests-"))
    atexit.register(shutil.rmtree, folder)
    _fill(folder)
    return folder


def _fill(folder: Path) -> None:
    """Thailand's state: a message of ours, five of others, a gap that ended, one that is open."""
    kit = CoreKit(folder, "TH")
    kit.receive_bundles()
    _publish(kit, draft("alert-new-route", "TH", NOW))
    _confirm(kit.core, kit.lists, "SG")
    _receive_frames(kit, "VN", (1, 3, 2))
    assert end_resolved(kit.core) == 1
    _receive_frames(kit, "SG", (1, 3))
    kit.close()


def _publish(kit: CoreKit, message: dict[str, Any]) -> None:
    [made] = accepting.accept(kit.core, [(written(message), None)], realm="actual", token="desk")
    assert (made.id, made.verdict) == (ID, "published"), made
    assert sealing.seal(kit.core) == 1
    sealing.mark_published(kit.core, sealing.next_to_publish(kit.core, 100))


def _confirm(core: Core, lists: ListMaker, code: str) -> None:
    """A member's receipt: everything of ours is stored there."""
    with core.transaction() as connection:
        found = (
            connection.exec_driver_sql("select frame_hash from outbox where messages > 0 order by n").scalars().all()
        )
    receipt = make_receipt(code, "actual", "stored", [Entry(frame=each.hex()) for each in found], NOW)
    sending = open_sending(actor(code), lists, channel=core.member, to=(code, core.member))
    inbound.receive_batch(core, [Arrival(*each) for each in (epoch_of(sending), frame_of(sending, receipt))])


def _receive_frames(kit: CoreKit, code: str, order: Sequence[int]) -> None:
    """Frames of a member with a message each; where one lacks, that is told."""
    sending = open_sending(actor(code), kit.lists)
    frames = {number: frame_of(sending, alert(f"{code}-ALERT-2027-{number:06d}")) for number in range(1, 4)}
    kit.receive(epoch_of(sending), *(frames[number] for number in order))


def _core(folder: Path, **environ: str) -> Core:
    keyring = Keyring.open(folder / "keyring.suar", PASSPHRASE)
    keyring.identities = [Identity(IDENTITY, Secret(actor("TH").identity), NOW)]
    core = Core(load(folder, environ), keyring, stores.opened(folder), Hooks(), lambda: NOW, FaultPoints(""))
    core.load()
    return core


@contextlib.contextmanager
def running_gateway(folder: Path, **environ: str) -> Iterator[FakeGateway]:
    """A gateway of Thailand on a state folder of its own."""
    if stores.is_sqlite():
        shutil.copytree(_template(), folder, dirs_exist_ok=True)
    else:
        _fill(folder)
    core = _core(folder, **environ)
    made = FakeGateway(core)
    _in_thread(lambda: asyncio.run(made.open(LOCAL)))
    yield made
    core.close()


async def tokens(gateway: FakeGateway) -> dict[str, str]:
    """A token for each scope."""
    return {scope: await _token(gateway, scope) for scope in SCOPES}


async def proposing_token(gateway: FakeGateway) -> str:
    """The token of an agency that may propose drafts."""
    wanted = register(f"a{token_hex(8)}", "health", ["alert"], "AMBER", "actual", is_automated=False, may_propose=True)
    return str((await gateway.agencies.add(wanted, None, OPERATOR))["token"])


async def _token(gateway: FakeGateway, scope: str) -> str:
    roles = ROLES if scope == "acknowledge" else ()
    made = await gateway.tokens_add(check(f"only-{scope}", [scope], roles))
    return str(made["token"])


@contextlib.asynccontextmanager
async def served(gateway: FakeGateway, server: HttpServer | None = None) -> AsyncIterator[str]:
    """The gateway's API on a real socket, served by `server` if there is one; the base URL."""
    server = server or HttpServer()
    host, port = await server.start(create_app(gateway), ("127.0.0.1", 0))
    try:
        yield url_of(host, port)
    finally:
        await server.stop()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[FakeGateway]:
    """A gateway that serves a state folder, found as commands find it: by gateway.json."""
    with running_gateway(folder) as made, _in_a_thread(folder, made):
        yield made


@contextlib.contextmanager
def _in_a_thread(folder: Path, made: FakeGateway) -> Iterator[None]:
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with served(made) as url:
            address = {"url": url, "token": LOCAL, "pid": os.getpid()}
            (folder / "gateway.json").write_bytes(msgspec.json.encode(address))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(60)
    yield
    loop.call_soon_threadsafe(stop.set)
    thread.join(60)
    loop.close()
