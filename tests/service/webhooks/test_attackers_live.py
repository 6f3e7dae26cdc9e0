"""Webhooks whose receivers attack a gateway that is a process: each call ends as docs/agencies/webhooks.md states it,
nothing that an answer names is called, and the receiver of another agency has every event meanwhile.

Names whose addresses change between two questions are in test_calling.py.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme

from support.gateways import Running, draft, eventually, running
from support.hostile_receivers import (
    BOMB,
    PIECE,
    Attacker,
    Behave,
    answering,
    by_turns,
    closing,
    deaf,
    dripping,
    flooding,
    greeting,
    listening,
    sending,
    silent,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

EVENTS = 8
ENDLESS = 10 * 1024**3
"""Bytes of a body that is longer than the memory."""
TAKEN = 16 * 1024**2
"""Bytes of an endless answer that one call takes at most, with all that the machine's sockets hold on both sides."""
GROWN = 160 * 1024
"""KiB by which the memory of the gateway may grow: less than an answer that is kept, or two bombs that are opened."""
TEN_YEARS = 10 * 365 * 86_400
OK = answering("204 No Content")
BEGUN = b"HTTP/1.1 200 OK\r\n"
BODY: dict[str, Any] = {"body": bytes(PIECE), "times": ENDLESS // PIECE}
PACKED = ("Content-Encoding: gzip", f"Content-Length: {len(BOMB)}")
PLAIN: dict[str, tuple[str, Behave]] = {
    "deaf": ("timeout", deaf),
    "silent": ("timeout", silent),
    "byte-a-second": ("timeout", dripping(b"", b"H", 1)),
    "header-byte-a-second": ("timeout", dripping(BEGUN + b"X: ", b"x", 1)),
    "body-of-10-gb": ("delivered", answering("200 OK", f"Content-Length: {ENDLESS}", **BODY)),
    "refusal-of-10-gb": ("status 500", answering("500 No", f"Content-Length: {ENDLESS}", **BODY)),
    "endless-chunks": ("delivered", flooding(BEGUN + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 999)),
    "endless-header": ("answer", flooding(BEGUN + b"X: ", b"x" * PIECE)),
    "endless-headers": ("answer", flooding(BEGUN, b"X: y\r\n" * 9_999)),
    "endless-provisional": ("answer", flooding(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 999)),
    "endless-lines": ("answer", flooding(b"", b"\r\n" * PIECE)),
    "another-protocol": ("answer", answering("101 Switching Protocols", "Upgrade: h2c", "Connection: Upgrade")),
    "no-http": ("answer", flooding(b"SSH-2.0-attacker\r\n", b"x" * PIECE)),
    "no-status": ("answer", answering("099 None")),
    "closed-at-once": ("connection", closing),
    "closed-amid-head": ("connection", sending(BEGUN + b"X: ")),
    "closed-amid-body": ("delivered", answering("200 OK", "Content-Length: 100", body=b"half")),
    "status-401": ("status 401", answering("401 Unauthorized", "WWW-Authenticate: Basic")),
    "status-410": ("gone", answering("410 Gone")),
    "status-429": ("status 429", answering("429 Too Many Requests", f"Retry-After: {TEN_YEARS}")),
    "status-503": ("status 503", answering("503 Busy", "Retry-After: Fri, 31 Dec 2099 23:59:59 GMT")),
    "gzip-bomb": ("delivered", answering("200 OK", *PACKED, body=BOMB)),
    "gzip-bomb-refused": ("status 400", answering("400 No", *PACKED, body=BOMB)),
}
THEN_GOOD = "throttled-once"
"""Answers 429 with a time of ten years, and takes what comes after that."""


def redirects(inside: int) -> dict[str, tuple[str, Behave]]:
    """Every redirect to every place where the caller must not go: a service at that port is none of them."""
    targets = {
        "loopback": f"http://127.0.0.1:{inside}/", "tls": f"https://localhost:{inside}/", "same": f"//[::1]:{inside}/",
        "file": "file:///etc/passwd", "gopher": f"gopher://127.0.0.1:{inside}/_x",
    }  # fmt: skip
    return {
        f"redirect-{status}-{name}": (f"status {status}", answering(f"{status} There", f"Location: {target}"))
        for status, name in ((301, "loopback"), (302, "tls"), (303, "file"), (307, "same"), (308, "gopher"))
        for target in [targets[name]]
    }


class Papers:
    """Contexts of servers: a good one, and those that a caller must refuse."""

    def __init__(self, folder: Path) -> None:
        authority, now = trustme.CA(), datetime.now(UTC)
        self.file = folder / "authority.pem"
        authority.cert_pem.write_to_path(str(self.file))
        day = timedelta(days=1)
        self.good = _context(authority.issue_cert("localhost"))
        self.bad = {
            "tls-other-authority": _context(trustme.CA().issue_cert("localhost")),
            "tls-other-name": _context(authority.issue_cert("cases.health.example")),
            "tls-address-only": _context(authority.issue_cert("127.0.0.1")),
            "tls-expired": _context(authority.issue_cert("localhost", not_before=now - 3 * day, not_after=now - day)),
        }


def _context(issued: trustme.LeafCert) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(made)
    return made


class Stage:
    """The gateway, its attackers by the names of their agencies, and the outcome that each is to have."""

    def __init__(self, gateway: Running, attackers: dict[str, Attacker], wanted: dict[str, str]) -> None:
        self.gateway, self.attackers, self.wanted = gateway, attackers, wanted

    async def register(self, name: str, url: str) -> None:
        body = {"name": name, "sector": "health", "kinds": ["alert"], "max_tlp": "AMBER", "webhook": url}
        made = await self.gateway.call("POST", "/v1/agencies", json.dumps(body).encode())
        assert made.status_code == 201, made.text

    async def outcomes(self) -> dict[str, str | None]:
        """Each webhook's last outcome, as operators see it."""
        found = {each["name"]: each["webhook"] for each in await self.gateway.get("/v1/agencies")}
        return {name: hook["last_outcome"] for name, hook in found.items() if hook is not None}

    def memory(self) -> int:
        """The most memory that the gateway ever had, KiB."""
        assert self.gateway.process is not None
        lines = Path(f"/proc/{self.gateway.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("attackers")
    papers = Papers(folder)
    async with listening({"inside": (OK, None), "inside-tls": (OK, papers.good)}) as inside:
        hostile = PLAIN | redirects(inside["inside"].port)
        servers: dict[str, tuple[Behave, ssl.SSLContext | None]] = {
            name: (behave, None) for name, (_, behave) in hostile.items()
        }
        servers |= {name: (OK, tls) for name, tls in papers.bad.items()}
        servers |= {"tls-none": (greeting, None), "tls-deaf": (deaf, None)}
        servers |= {"good": (OK, None), "good-by-tls": (OK, papers.good)}
        servers[THEN_GOOD] = by_turns(answering("429 Later", f"Retry-After: {TEN_YEARS}"), OK), None
        async with listening(servers) as attackers, running(folder / "two", "SG", "TH") as federation:
            gateway = federation["SG"]
            gateway.end()
            with (gateway.folder / "suar.toml").open("a") as file:
                file.write(f'\n[webhooks]\nallow = ["127.0.0.0/8"]\nca_file = "{papers.file}"\n')
            await gateway.start_and_wait()
            wanted = {name: outcome for name, (outcome, _) in hostile.items()}
            wanted |= dict.fromkeys(papers.bad, "tls") | {"tls-none": "tls", "tls-deaf": "timeout"}
            wanted |= dict.fromkeys(("good", "good-by-tls", THEN_GOOD), "delivered")
            made = Stage(gateway, attackers | inside, wanted)
            for name in servers:
                is_tls = name.startswith("tls-") or name == "good-by-tls"
                at = "https://localhost" if is_tls else "http://127.0.0.1"
                await made.register(name, f"{at}:{attackers[name].port}/hook")
            yield made


async def test_every_attack_ends_as_it_is_documented_and_delays_nobody_else(stage: Stage) -> None:
    before, silent_before = stage.memory(), stage.attackers["silent"].calls
    ids = await stage.gateway.publish(*(draft(f"alert of the day {number}") for number in range(EVENTS)))
    events = {f"{each}/1" for each in ids}
    good = [stage.attackers[name] for name in ("good", "good-by-tls")]

    async def is_delivered() -> bool:
        return all({*each.ids} >= events for each in good)

    await eventually(is_delivered, 120, stage.gateway.words)
    assert stage.attackers["silent"].calls - silent_before <= 2, "each of which lasts fifteen seconds"
    assert all(len(each.ids) == len({*each.ids}) for each in good), "each once"
    wrong = dict[str, Any]()

    async def is_as_documented() -> bool:
        found = await stage.outcomes()
        wrong.clear()
        wrong.update({name: found.get(name) for name, outcome in stage.wanted.items() if found.get(name) != outcome})
        return not wrong

    await eventually(is_as_documented, 120, lambda: f"{wrong}\n{stage.gateway.words()}")
    for name in ("inside", "inside-tls"):
        assert stage.attackers[name].calls == 0, "a redirect was followed"
    for name in stage.wanted:
        if name.startswith("tls-"):
            assert stage.attackers[name].ids == [], f"{name} was sent an event"
    for each in stage.attackers.values():
        assert each.sent <= TAKEN * max(each.calls, 1)
    assert stage.memory() - before < GROWN


async def test_ten_years_that_a_receiver_asks_for_are_not_waited_for(stage: Stage) -> None:
    receiver = stage.attackers[THEN_GOOD]
    [id_] = await stage.gateway.publish(draft("one more alert"))

    async def has_all() -> bool:
        return f"{id_}/1" in receiver.ids and len(receiver.ids) > len({*receiver.ids})  # read, not just connected

    await eventually(has_all, 120, lambda: f"{receiver.ids}\n{stage.gateway.words()}")
    assert len(receiver.ids) == len({*receiver.ids}) + 1, "the one that it refused came again, once"


async def test_one_that_is_gone_is_called_no_more(stage: Stage) -> None:
    gone, good = stage.attackers["status-410"], stage.attackers["good"]

    async def is_gone() -> bool:
        return (await stage.outcomes())["status-410"] == "gone"

    await stage.gateway.publish(draft("the last but one alert"))
    await eventually(is_gone, 120, stage.gateway.words)
    [id_] = await stage.gateway.publish(draft("the last alert"))

    async def has_it() -> bool:
        return f"{id_}/1" in good.ids

    await eventually(has_it, 120, stage.gateway.words)
    assert gone.calls == 1
