"""The rendered configs: accepted by nats-server, and with exactly these rights, written out by hand."""

import re
import subprocess
from pathlib import Path

import msgspec
import pytest

from suar.demo.embedded.prepared import Prepared, prepare
from suar.federation.hub_config import hub_config
from suar.federation.nats_config import member_config
from suar.federation.nats_users import new_js_key, new_nkey
from suar.federation.plan import Agency, Plan
from suar.protocol.base.link_names import TWO_HUBS
from support.executables import nats_server

LINK_PUBLISH = [
    "fed.up.th",
    "$JSC.R.*",
    "_R_.>",
    "fed.ctl.hub.CONSUMER.RESET.REGION.down_th",
    "$JS.FC.REGION.down_th.*",
]
LINK_SUBSCRIBE = [
    "fed.down.th",
    "$JSC.R.*",
    "_R_.>",
    "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up",
    "$JS.FC.OUTBOX_TH.up.*",
]
GATEWAY = [
    "a.trust.all.*",
    "a.keys.all.*",
    "a.revoke.all.*",
    "a.epoch.*.*",
    "a.frame.*.*",
    "x.epoch.*.*",
    "x.frame.*.*",
    "$JS.API.CONSUMER.MSG.NEXT.INBOX_TH.gw",
    "$JS.ACK.INBOX_TH.gw.>",
    "$JS.API.CONSUMER.INFO.INBOX_TH.gw",
    "$JS.API.CONSUMER.INFO.OUTBOX_TH.up",
    "$JS.API.STREAM.INFO.OUTBOX_TH",
    "$JS.API.STREAM.INFO.INBOX_TH",
    "$JS.API.DIRECT.GET.OUTBOX_TH",
    "$JS.API.DIRECT.GET.INBOX_TH",
    "$JS.API.DIRECT.GET.OUTBOX_TH.>",
    "$JS.API.DIRECT.GET.INBOX_TH.>",
    "anchor",
    "$JS.API.DIRECT.GET.ANCHOR_TH.anchor",
    "$JS.API.STREAM.MSG.DELETE.INBOX_TH",
]
WATCH = [
    "watch.STREAM.INFO.INBOX_TH",
    "watch.CONSUMER.INFO.OUTBOX_TH.up",
]
OF_WATCH = [
    'service: "$JS.API.STREAM.INFO.INBOX_TH", accounts: [WATCH]',
    'service: "$JS.API.CONSUMER.INFO.OUTBOX_TH.up", accounts: [WATCH]',
]
TO_WATCH = [
    'service: { account: TIP, subject: "$JS.API.STREAM.INFO.INBOX_TH" }, to: "watch.STREAM.INFO.INBOX_TH"',
    'service: { account: TIP, subject: "$JS.API.CONSUMER.INFO.OUTBOX_TH.up" }, to: "watch.CONSUMER.INFO.OUTBOX_TH.up"',
]
FEED = [
    "feed.>",
    "$JS.API.CONSUMER.CREATE.FEED_TH.>",
    "$JS.API.CONSUMER.INFO.FEED_TH.*",
    "$JS.API.CONSUMER.DELETE.FEED_TH.*",
    "$JS.API.CONSUMER.MSG.NEXT.FEED_TH.HELD",
    "$JS.API.STREAM.INFO.FEED_TH",
    "$JS.API.STREAM.MSG.DELETE.FEED_TH",
    "$JS.API.STREAM.PURGE.FEED_TH",
]
POLICE = [
    "$JS.feed.API.CONSUMER.MSG.NEXT.FEED_TH.police",
    "$JS.feed.API.CONSUMER.INFO.FEED_TH.police",
    "$JS.ACK.FEED_TH.police.>",
]
OF_POLICE = [
    'service: "$JS.API.CONSUMER.MSG.NEXT.FEED_TH.police", response_type: stream, accounts: [AGENCY_police]',
    'service: "$JS.API.CONSUMER.INFO.FEED_TH.police", accounts: [AGENCY_police]',
    'service: "$JS.ACK.FEED_TH.police.>", accounts: [AGENCY_police]',
]
TO_POLICE = [
    'service: { account: AGENCIES, subject: "$JS.API.CONSUMER.MSG.NEXT.FEED_TH.police" },'
    ' to: "$JS.feed.API.CONSUMER.MSG.NEXT.FEED_TH.police"',
    'service: { account: AGENCIES, subject: "$JS.API.CONSUMER.INFO.FEED_TH.police" },'
    ' to: "$JS.feed.API.CONSUMER.INFO.FEED_TH.police"',
    'service: { account: AGENCIES, subject: "$JS.ACK.FEED_TH.police.>" }, to: "$JS.ACK.FEED_TH.police.>"',
]
HUB_CROSSINGS = [
    'stream: "fed.up.th", accounts: [IN_TH]',
    'service: "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up", accounts: [IN_TH]',
    'service: "$JS.FC.OUTBOX_TH.up.*", accounts: [IN_TH]',
    'stream: { account: REGION, subject: "fed.down.th" }',
    'service: { account: REGION, subject: "$JS.API.CONSUMER.RESET.REGION.down_th" },'
    ' to: "fed.ctl.hub.CONSUMER.RESET.REGION.down_th"',
    'service: { account: REGION, subject: "$JS.FC.REGION.down_th.*" }',
]
IN_CROSSINGS = [
    'service: "$JS.API.>", response_type: stream, accounts: [REGION]',
    'service: "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up", accounts: [REGION]',
    'stream: "fed.in.th.>", accounts: [REGION]',
    'service: "$JS.FC.IN_TH.>", accounts: [REGION]',
    'stream: { account: DMZ_TH, subject: "fed.up.th" }',
    'service: { account: DMZ_TH, subject: "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up" }',
    'service: { account: DMZ_TH, subject: "$JS.FC.OUTBOX_TH.up.*" }',
]
REGION_OF_TH = [
    'stream: "fed.down.th", accounts: [DMZ_TH]',
    'service: "$JS.API.CONSUMER.RESET.REGION.down_th", accounts: [DMZ_TH]',
    'service: "$JS.FC.REGION.down_th.*", accounts: [DMZ_TH]',
    'service: { account: IN_TH, subject: "$JS.API.>" }, to: "$JS.IN_TH.API.>"',
    'service: { account: IN_TH, subject: "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up" }',
    'stream: { account: IN_TH, subject: "fed.in.th.>" }',
    'service: { account: IN_TH, subject: "$JS.FC.IN_TH.>" }',
]
HOME_CROSSINGS = [
    'stream: "fed.down.th", accounts: [TIP]',
    'service: "fed.ctl.hub.CONSUMER.RESET.REGION.down_th", accounts: [TIP]',
    'service: "$JS.FC.REGION.down_th.*", accounts: [TIP]',
    'stream: { account: TIP, subject: "fed.up.th" }',
    'service: { account: TIP, subject: "$JS.API.CONSUMER.RESET.OUTBOX_TH.up" },'
    ' to: "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up"',
    'service: { account: TIP, subject: "$JS.FC.OUTBOX_TH.up.*" }',
]


HUB_B_CROSSINGS = [
    'stream: "fed.up_b.th", accounts: [IN_TH]',
    'service: "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up_b", accounts: [IN_TH]',
    'service: "$JS.FC.OUTBOX_TH.up_b.*", accounts: [IN_TH]',
    'stream: { account: REGION, subject: "fed.down_b.th" }',
    'service: { account: REGION, subject: "$JS.API.CONSUMER.RESET.REGION.down_th_b" },'
    ' to: "fed.ctl.hub_b.CONSUMER.RESET.REGION.down_th_b"',
    'service: { account: REGION, subject: "$JS.FC.REGION.down_th_b.*" }',
]
LINK_B_CROSSINGS = [
    'stream: "fed.down_b.th", accounts: [TIP]',
    'service: "fed.ctl.hub_b.CONSUMER.RESET.REGION.down_th_b", accounts: [TIP]',
    'service: "$JS.FC.REGION.down_th_b.*", accounts: [TIP]',
    'stream: { account: TIP, subject: "fed.up_b.th" }',
    'service: { account: TIP, subject: "$JS.API.CONSUMER.RESET.OUTBOX_TH.up_b" },'
    ' to: "fed.ctl.th.CONSUMER.RESET.OUTBOX_TH.up_b"',
    'service: { account: TIP, subject: "$JS.FC.OUTBOX_TH.up_b.*" }',
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("conf"), ["TH", "SG", "VN"])


@pytest.fixture(scope="module")
def plan(prepared: Prepared) -> Plan:
    police = (Agency(name="police", nkey=new_nkey()[1]),)
    hub = msgspec.structs.replace(prepared.plan.hub, leaf="127.0.0.1:7422")
    return msgspec.structs.replace(prepared.plan, hub=hub).with_member(
        msgspec.structs.replace(prepared.plan.member("TH"), agencies=police)
    )


def _block(config: str, name: str) -> str:
    """The account's text, up to the next account."""
    found = re.search(rf"^  {name} \{{.*?^  \}}", config, re.DOTALL | re.MULTILINE)
    assert found, name
    return found[0]


def _lists(text: str, verb: str) -> list[list[str]]:
    return [re.findall(r'"([^"]+)"', found) for found in re.findall(rf"{verb}\s*{{ allow: \[(.*?)\] }}", text)]


def _crossings(block: str) -> list[str]:
    return re.findall(r"^      \{ ((?:stream|service): .*) \}$", block, re.MULTILINE)


def test_a_link_may_do_this_and_nothing_else(plan: Plan) -> None:
    dmz = _block(hub_config(plan), "DMZ_TH")
    assert _lists(dmz, "publish") == [LINK_PUBLISH]
    assert _lists(dmz, "subscribe") == [LINK_SUBSCRIBE]
    assert plan.member("TH").link in dmz


def test_six_subjects_cross_at_each_end(plan: Plan) -> None:
    assert _crossings(_block(hub_config(plan), "DMZ_TH")) == HUB_CROSSINGS
    assert _crossings(_block(member_config(plan, "TH"), "LINK")) == HOME_CROSSINGS


def test_users_at_home_may_do_this_and_nothing_else(plan: Plan) -> None:
    config = member_config(plan, "TH")
    tip, agencies = _block(config, "TIP"), _block(config, "AGENCIES")
    watch = _block(config, "WATCH")
    assert _lists(tip, "publish") == [GATEWAY]
    assert _lists(tip, "subscribe") == [["_INBOX_gw.>"]]
    assert _lists(watch, "publish") == [WATCH]
    assert _lists(watch, "subscribe") == [["_INBOX_watch.>"]]
    assert _crossings(watch) == TO_WATCH
    assert [each for each in _crossings(tip) if "WATCH" in each] == OF_WATCH
    assert "jetstream: enabled" not in watch
    assert _lists(agencies, "publish") == [FEED]
    assert _lists(agencies, "subscribe") == [["_INBOX_feed.>"]]
    assert _crossings(agencies) == OF_POLICE
    police = _block(config, "AGENCY_police")
    assert _lists(police, "publish") == [POLICE]
    assert _lists(police, "subscribe") == [["_INBOX_police.>"]]
    assert _crossings(police) == TO_POLICE
    assert "jetstream: enabled" not in police
    assert "limits { max_connections: 16, max_subscriptions: 64, max_payload: 4096 }" in police


def test_accounts_of_links_are_limited(plan: Plan) -> None:
    limits = "limits { max_leafnodes: 16, max_subscriptions: 256 }"
    for member in plan.members:
        assert limits in _block(hub_config(plan), f"DMZ_{member.code}")
    assert limits in _block(member_config(plan, "TH"), "LINK")


def test_dmz_accounts_have_no_jetstream(plan: Plan) -> None:
    assert "jetstream: enabled" not in _block(hub_config(plan), "DMZ_TH")
    assert "jetstream: enabled" not in _block(member_config(plan, "TH"), "LINK")


def test_region_gives_each_member_its_own_and_nobody_another_s(plan: Plan) -> None:
    region = _block(hub_config(plan), "REGION")
    for line in region.splitlines():
        named = set(
            re.findall(
                r"(?:DMZ_|IN_|OUTBOX_|fed\.in\.|fed\.up\.|fed\.down\.|down_|fed\.ctl\.)(TH|SG|VN|th|sg|vn)\b", line
            )
        )
        assert len({code.upper() for code in named}) <= 1, line
    crossings = _crossings(region)
    assert [each for each in crossings if re.search(r"_TH\b", each)] == REGION_OF_TH
    assert len(crossings) == 3 * len(REGION_OF_TH)


def test_what_a_link_sends_arrives_in_the_account_of_its_in_alone(plan: Plan) -> None:
    """A server answers with its own rights in the account where a message arrives: nothing of REGION is there."""
    config = hub_config(plan)
    account = _block(config, "IN_TH")
    assert _crossings(account) == IN_CROSSINGS
    assert "jetstream: enabled" in account
    assert "nkey" not in account
    for each in _crossings(_block(config, "REGION")):
        assert "DMZ_" not in each or "{ account:" not in each, "REGION hears no link"


def test_a_suspended_member_keeps_its_account_with_nobody_in_it(plan: Plan) -> None:
    dmz = _block(hub_config(plan.with_status("TH", "suspended")), "DMZ_TH")
    assert "users []" in dmz
    assert plan.member("TH").link not in dmz
    assert _crossings(dmz) == HUB_CROSSINGS


def test_servers_sync_encrypt_and_stay_on_loopback(plan: Plan) -> None:
    for config in (hub_config(plan), member_config(plan, "TH")):
        for line in (
            "  sync_interval: always",
            "  strict: true",
            "  cipher: aes",
            'ping_interval: "10s"',
            "ping_max: 2",
            "max_payload: 1MB",
            "system_account: SYS",
        ):
            assert f"\n{line}\n" in config
        assert re.search(r'^http: "127\.0\.0\.1:', config, re.MULTILINE)
    hub = hub_config(plan)
    assert "isolate_leafnode_interest: true" in hub
    assert 'min_version: "2.15.0"' in hub
    assert "verify: true" in hub


def test_a_rendered_file_holds_no_secret(prepared: Prepared, plan: Plan) -> None:
    text = hub_config(plan) + member_config(plan, "TH")
    secrets = [seed.decode() for seed in prepared.seeds.values()]
    secrets += [value for environ in prepared.environs.values() for value in environ.values()]
    assert not [secret for secret in secrets if secret in text]
    assert "$JS_KEY" in text
    assert "$LINK_SEED" in text


@pytest.mark.parametrize("which", ["hub", "hub with a suspended member", "th"])
def test_nats_server_accepts_it(prepared: Prepared, plan: Plan, which: str, tmp_path: Path) -> None:
    path = tmp_path / "server.conf"
    if which == "th":
        text, environ = member_config(plan, "TH"), prepared.environs["th"]
    else:
        changed = plan.with_status("SG", "suspended") if "suspended" in which else plan
        text, environ = hub_config(changed), prepared.environs["hub"]
    path.write_text(text)
    ran = subprocess.run(
        [nats_server(), "-t", "-c", str(path)], env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_a_storage_key_is_never_read_as_a_number() -> None:
    """`42k...` in the environment ends a server with a parse error, in one start of three."""
    keys = {new_js_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(re.fullmatch("k[0-9a-f]{64}", key) for key in keys)


# -- two hubs


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(tmp_path_factory.mktemp("two"), ["TH", "SG", "VN"], hubs=2)


def test_each_line_is_crossed_by_six_subjects_of_its_own(two: Prepared) -> None:
    at_b, home = two.plan.at(TWO_HUBS[1]), member_config(two.plan, "TH")
    assert _crossings(_block(hub_config(at_b), "DMZ_TH")) == HUB_B_CROSSINGS
    assert _crossings(_block(home, "LINK_B")) == LINK_B_CROSSINGS
    assert _crossings(_block(home, "LINK_A")) == [each.replace("_b", "_a") for each in LINK_B_CROSSINGS]


def test_nothing_that_crosses_one_line_reaches_the_other(two: Prepared) -> None:
    """Each subject of TIP is of one link, and neither account of a link knows the other's names."""
    home = member_config(two.plan, "TH")
    crossings = _crossings(_block(home, "TIP"))
    subjects = [subject for each in crossings for subject in re.findall(r'"([^"]+)"', each)]
    assert len(subjects) == len(set(subjects)) == 16
    for each in crossings:
        assert len({letter.lower() for letter in re.findall(r"_([abAB])\b", each)}) == 1, each
    for link, other in zip(TWO_HUBS, reversed(TWO_HUBS), strict=True):
        sides = _block(home, link.account), _block(hub_config(two.plan.at(link)), "DMZ_TH")
        assert not [side for side in sides if re.search(rf"_{other.name}\b", side, re.IGNORECASE)]


def test_users_at_home_may_do_the_same_on_both_lines_and_nothing_else(two: Prepared) -> None:
    home = member_config(two.plan, "TH")
    [gateway], [watch] = (_lists(_block(home, account), "publish") for account in ("TIP", "WATCH"))
    for may, of_one in ((gateway, GATEWAY), (watch, WATCH)):
        for letter in "ab":
            renamed = set(of_one)
            for name in ("INBOX_TH", "TH.up", "ctl.hub", "down_th"):
                on_link = f"{name}_{letter.upper() if name.isupper() else letter}"
                renamed = {each.replace(name, on_link) for each in renamed}
            assert renamed <= set(may)
        shared = {each for each in of_one if not re.search(r"INBOX_TH|TH\.up|ctl\.hub", each)}
        assert len(may) == len(shared) + 2 * (len(of_one) - len(shared))


def test_a_member_has_room_for_two_inboxes(two: Prepared) -> None:
    def stored(plan: Plan) -> int:
        found = re.search(r"max_file_store: (\d+)MB", member_config(plan, "TH"))
        assert found
        return int(found[1])

    large = tuple(msgspec.structs.replace(hub, members_max=40) for hub in two.plan.hubs)
    plan = msgspec.structs.replace(two.plan, hub=large[0], hubs=large)
    alone = msgspec.structs.replace(plan, hubs=())
    assert stored(plan) - stored(alone) == large[1].stream_bytes // 1024**2


@pytest.mark.parametrize("which", ["a", "b", "th"])
def test_nats_server_accepts_both_hubs_and_a_member_of_them(two: Prepared, which: str, tmp_path: Path) -> None:
    hubs = {link.name: (hub_config(two.plan.at(link)), two.environs[link.entity]) for link in TWO_HUBS}
    text, environ = hubs[which] if which in hubs else (member_config(two.plan, "TH"), two.environs["th"])
    path = tmp_path / "server.conf"
    path.write_text(text.replace("127.0.0.1:-1", "127.0.0.1:7422"))
    ran = subprocess.run(
        [nats_server(), "-t", "-c", str(path)], env=environ, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
