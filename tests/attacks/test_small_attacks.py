"""Attacks that need little beside a running demo, which they share; each test says who attacks and what it did before.

VN is the attacker where one has keys: it has its state folder, its passphrase and its NATS user, and writes what no
gateway of ours would.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from attacks.test_self_made_approver import bearer
from attacks.test_speaking_for_another import copied, until
from suar.bus import jsapi
from suar.bus.connect import Bus
from suar.bus.errors import NotPermitted
from suar.bus.open_bus import connect
from suar.demo.story.adversary import Thief
from suar.federation.nats_permissions import ADMIN_INBOX, GATEWAY_INBOX, WATCH_INBOX
from suar.observe.hooks import Hooks
from suar.observe.log import JUDGED_MAX, QUIET
from suar.protocol.base import subjects
from suar.protocol.base.instants import instant_of
from suar.protocol.base.limits import MESSAGE_BYTES_MAX
from suar.protocol.base.primitives import ACTUAL
from suar.protocol.base.subjects import ALL
from suar.service.process import run
from suar.service.settings.keyring import Keyring
from support.demos import PASSPHRASE
from support.executables import SUAR
from support.nats_server import publish
from support.patience import PATIENCE
from support.second_server import linked_again
from support.terminals import is_still, on_a_terminal

if TYPE_CHECKING:
    from support.demos import Running

pytestmark = pytest.mark.slow

MIB: Final = 1024 * 1024
LARGE: Final = 120  # messages as large as they may be: 59 MiB
JUNK: Final = 2_000
HOSTILE: Final = "Office\x9b31m\u202ejobs\u2066"
FORMULA: Final = "\u00a0=1+1"
LIE: Final = "Call Maria Santos now"


def alert(number: int, title: str, **more: Any) -> bytes:
    """An alert of VN of a higher minor, which may hold fields that nobody knows."""
    now = datetime.now(UTC).replace(microsecond=0)
    message = {
        "kind": "alert", "schema": "alert/1.9", "id": f"VN-ALERT-{now.year}-{number}", "rev": 1, "action": "new",
        "status": "actual", "issuer": {"member": "VN", "body": "National desk", "sector": "law-enforcement"},
        "sent": instant_of(now), "expires": instant_of(now + timedelta(days=1)), "tlp": "AMBER",
        "audience": {"members": "all"}, "text": [{"lang": "en", "title": title, "summary": FORMULA}],
        "source": {"type": "investigation", "reliability": "B", "credibility": 2, "confidence": 70},
        "event": "recruitment-campaign", "urgency": "expected", "severity": "severe", "certainty": "likely",
        "request": [{"action": "acknowledge"}], "desk": f"VN-CONTACT-{now.year}-000001", **more,
    }  # fmt: skip
    return json.dumps(message, ensure_ascii=False).encode()


async def as_user(member: dict[str, Any], role: str, inbox: str) -> Bus:
    """A connection to the member's own server as one of its users."""
    seed = bytes(Keyring.open(Path(member["state"]) / "keyring.suar", PASSPHRASE.encode()).nkey_seed(role))
    return await connect(f"nats://127.0.0.1:{member['nats']['port']}", seed, inbox, f"attacker-{role}", wait=PATIENCE)


def sent(member: dict[str, Any], to: Path, *messages: bytes) -> list[str]:
    """Their ids, once VN has published them, each in a frame of its own."""
    core = run.open_core(copied(Path(member["state"]), to), PASSPHRASE.encode(), os.environ, Hooks())

    async def attack() -> None:
        async with await as_user(member, "gateway", GATEWAY_INBOX) as bus:
            thief = Thief(core, bus)
            thief.forget_epochs()
            for message in messages:
                await thief.send(thief.seal(message))

    try:
        asyncio.run(attack())
    finally:
        core.close()
    return [json.loads(message)["id"] for message in messages]


def get(member: dict[str, Any], path: str, scope: str, **params: Any) -> httpx.Response:
    url, head = f"{member['gateway']['http']}{path}", bearer(member["tokens"][scope])
    return httpx.get(url, params=params, headers=head, trust_env=False, timeout=120)


@pytest.fixture(scope="module")
def of_vn(demo: Running, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Ids of what VN sent, once TH has it: one alert with a hostile text, and many that are large."""
    pad = "x" * (MESSAGE_BYTES_MAX - 2_000)
    large = [alert(900_001 + number, "large", unknown=pad) for number in range(LARGE)]
    _, th, vn = demo.content["members"]
    made = sent(vn, tmp_path_factory.mktemp("vn") / "state", alert(900_000, HOSTILE), *large)
    until(lambda: get(th, f"/v1/messages/{made[-1]}", "read").is_success)
    return made


def most_memory(pid: int) -> int:
    """Bytes that the process has had at most since `forget_most`."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def forget_most(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def test_a_page_of_large_messages_takes_little_memory(demo: Running, of_vn: list[str]) -> None:
    """A token that reads asks for a page. Before, all its rows were loaded at once: 0.9 GiB at 1,000."""
    th = demo.content["members"][1]
    assert get(th, "/v1/messages", "read", limit=1, origin="VN").is_success
    forget_most(th["gateway"]["pid"])
    before = most_memory(th["gateway"]["pid"])
    page = get(th, "/v1/messages", "read", limit=1_000, origin="VN").json()
    assert set(of_vn) <= {row["id"] for row in page}
    assert most_memory(th["gateway"]["pid"]) - before < LARGE * MESSAGE_BYTES_MAX // 2


def exported(member: dict[str, Any], id_: str) -> str:
    return on_a_terminal([*SUAR, "export", id_, "--as", "csv", "--state", member["state"]])


def test_a_peer_s_words_move_no_cursor_and_run_nothing(demo: Running, of_vn: list[str]) -> None:
    """Whoever exports a message as CSV to a terminal. Before, a peer's control and bidi characters reached it, and a
    blank before `=` let the cell run as a formula.
    """
    shown = exported(demo.content["members"][1], of_vn[0])
    assert "Office" in shown
    assert is_still(shown)
    cells = dict(row[:2] for row in csv.reader(StringIO(shown)) if len(row) > 1)
    assert cells["text[0].summary"].startswith("'")


def test_what_a_peer_calls_generated_is_shown_to_nobody(demo: Running, tmp_path: Path) -> None:
    """A member marks its own words as generated by the gateway. Before, every reader showed and exported them so."""
    _, th, vn = demo.content["members"]
    marked = {"lang": "en", "title": LIE, "summary": f"{LIE}, +66 81 234 5678", "generated": True}
    (id_,) = sent(vn, tmp_path / "state", alert(900_900, LIE, text=[marked]))
    until(lambda: get(th, f"/v1/messages/{id_}", "read").is_success)
    shown = get(th, f"/v1/messages/{id_}", "read").json()
    assert shown["origin"] == "VN"
    assert shown["message"]["text"][0]["generated"] is True
    listed = get(th, "/v1/messages", "read", limit=1_000, origin="VN")
    assert id_ in [row["id"] for row in listed.json()]
    exports = [get(th, f"/v1/messages/{id_}/export", "read", **{"as": form}) for form in ("cap", "stix", "csv")]
    assert [each.status_code for each in exports] == [200] * 3
    signed = get(th, f"/v1/messages/{id_}/export", "read", **{"as": "json"})
    assert not signed.is_success, "its bytes leave as evidence alone"
    assert LIE not in "".join([json.dumps(shown), listed.text, signed.text, *(each.text for each in exports)])


def test_the_watchdog_s_user_only_reads(demo: Running) -> None:
    """Whoever has the seed of `watch`, which lies in a file. Before, one update with `max_msgs: 1` emptied INBOX."""
    sg = demo.content["members"][0]
    name = f"INBOX_{sg['code']}"

    async def attack() -> None:
        async with await as_user(sg, "watch", WATCH_INBOX) as thief, await as_user(sg, "admin", ADMIN_INBOX) as admin:
            before = await jsapi.stream_info(admin, name)
            assert (await jsapi.stream_info(thief, name))["config"] == before["config"]
            held = before["state"]["first_seq"]
            tried = {
                f"STREAM.UPDATE.{name}": {**before["config"], "max_msgs": 1},
                f"STREAM.PURGE.{name}": {},
                f"STREAM.DELETE.{name}": {},
                f"STREAM.MSG.DELETE.{name}": {"seq": held},
                f"CONSUMER.DELETE.{name}.gw": {},
                f"CONSUMER.CREATE.{name}.thief": {"stream_name": name, "config": {"ack_policy": "explicit"}},
            }
            for api, body in tried.items():
                with pytest.raises(NotPermitted):
                    await jsapi.call(thief, api, body)
            with pytest.raises(NotPermitted):
                await jsapi.call_subject(
                    thief, f"fed.ctl.hub.CONSUMER.RESET.REGION.down_{sg['code'].lower()}", {"seq": 1_000_000}
                )
            after = await jsapi.stream_info(admin, name)
            assert (after["config"], after["state"]["first_seq"]) == (before["config"], held)

    asyncio.run(attack())


def refused(member: dict[str, Any], origin: str) -> int:
    """How many objects of a member its gateway has refused."""
    lines = get(member, "/metrics", "monitor").text.splitlines()
    mine = [each for each in lines if each.startswith("suar_messages_refused_total{") and f'origin="{origin}"' in each]
    return sum(int(float(each.split()[-1])) for each in mine)


def judged(member: dict[str, Any]) -> int:
    """Lines of its log about judged objects."""
    log = (Path(member["state"]) / "gateway.log").read_text().splitlines()
    return sum('"object_judged"' in line for line in log)


def test_junk_writes_few_lines(demo: Running) -> None:
    """A member's NATS user publishes junk. Before, each object wrote a line into the log of every other member."""
    sg, _, vn = demo.content["members"]
    before, lines, start = refused(sg, "VN"), judged(sg), time.monotonic()

    async def attack() -> None:
        async with await as_user(vn, "gateway", GATEWAY_INBOX) as thief:
            for number in range(20):
                subject = subjects.frame(ACTUAL, ALL, number.to_bytes(16, "big"))
                junk = [b"%05d" % each for each in range(JUNK // 20)]
                await publish(thief, subject, junk, f"junk-{number}")

    asyncio.run(attack())
    until(lambda: refused(sg, "VN") - before >= JUNK)
    spans = (time.monotonic() - start) * 1000 // QUIET + 2
    assert 0 < judged(sg) - lines <= JUDGED_MAX * spans


def test_a_second_server_with_a_member_s_link_is_reported(demo: Running, tmp_path: Path) -> None:
    """Whoever copied `nats.env` and the key file of the link. Before, the hub took both links and told nobody."""
    vn = demo.content["members"][2]
    lines = (Path(vn["state"]) / "nats.env").read_text().splitlines()
    environ = dict(line.split("=", 1) for line in lines)

    def link_reports() -> list[str]:
        text = "".join(output.read_text() for output in demo.outputs)
        return [line for line in text.splitlines() if "second-link" in line]

    assert link_reports() == []
    with linked_again(demo.folder / "nats" / "vn.conf", environ, tmp_path / "thief", "thief"):
        first, *_ = until(link_reports, 120.0)
    assert "links of VN second-link" in first
    assert "thief from 127.0.0.1" in first


@pytest.mark.parametrize("origin", ["https://attacker.example", "null", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_calls_nothing(demo: Running, origin: str) -> None:
    """A page in a browser on the machine. Before, its calls were answered whatever their Origin was."""
    sg = demo.content["members"][0]
    head = bearer(sg["tokens"]["read"]) | {"Origin": origin}
    with httpx.Client(base_url=sg["gateway"]["http"], headers=head, trust_env=False, timeout=120) as client:
        for method, path in (("GET", "/v1/messages"), ("POST", "/v1/messages"), ("OPTIONS", "/v1/messages")):
            answer = client.request(method, path)
            assert answer.status_code == 403
            assert answer.json()["code"] == "E-HTTP-ORIGIN"
            assert not [name for name in answer.headers if name.startswith("access-control")]
        own = client.get("/v1/messages", headers={"Origin": sg["gateway"]["http"]})
        assert own.status_code == 200
