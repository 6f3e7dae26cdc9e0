"""`suar federation nats|streams`, as operators run them, against real servers."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from suar.demo.embedded.prepared import HUB, Prepared, prepare
from suar.demo.embedded.servers import Servers
from suar.federation import monitor
from suar.federation import plan as plans
from suar.federation.hub_config import hub_config
from suar.federation.nats_config import member_config
from suar.federation.plan import Tls
from suar.protocol.base.link_names import TWO_HUBS
from suar.service.settings.config import load
from support.commands import Suar


def _seed_file(folder: Path, seed: bytes) -> str:
    path = folder / "seed"
    path.write_bytes(seed + b"\n")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    return prepare(tmp_path / "servers", ["TH", "SG"])


@pytest.fixture
def servers(prepared: Prepared) -> Iterator[Servers]:
    """A hub and two national servers, running, with nothing founded."""
    running = Servers(prepared.folder, prepared.plan, prepared.environs)
    try:
        asyncio.run(running.start())
        yield running
    finally:
        running.stop()


@pytest.fixture
def hub_seeds(prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for role, variable in (("admin", "SUAR_NATS_SEED_FILE"), ("sys", "SUAR_NATS_SYS_SEED_FILE")):
        path = tmp_path / f"{role}.seed"
        path.write_bytes(prepared.seeds[HUB, role])
        monkeypatch.setenv(variable, str(path))


@pytest.mark.slow
@pytest.mark.usefixtures("hub_seeds")
def test_operators_found_suspend_and_return(
    suar: Suar, servers: Servers, prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = str(servers.plan_file)
    hub = ("federation", "streams", "--hub", "--plan", plan)
    seeds = {code: tmp_path / f"{code}.seed" for code in ("TH", "SG")}
    for code, path in seeds.items():
        path.write_bytes(prepared.seeds[code, "admin"])
    th = ("federation", "streams", "--member", "TH", "--plan", plan, "--seed-file", str(seeds["TH"]))
    sg = ("federation", "streams", "--member", "SG", "--plan", plan, "--seed-file", str(seeds["SG"]))

    early = suar(*th, "--wait", "0.2")
    assert early.code == 1
    assert "error: the hub does not serve TH yet" in early.err
    assert "hint: ask the hub's operator" in early.err
    assert suar(*sg, "--wait", "0.2").code == 1

    founded = suar(*hub, "--json")
    assert (founded.code, json.loads(founded.out)["steps"][1:]) == (
        0,
        ["IN_TH created", "IN_SG created", "REGION created", "down_th created", "down_sg created"],
    )
    for member in (th, sg):
        assert suar(*member).code == 0
    again = suar(*hub)
    assert again.code == 0
    names = ("down_th", "down_sg", "IN_TH", "IN_SG", "REGION")
    assert again.err.splitlines() == [f"{name} unchanged" for name in names]

    assert suar(*hub, "suspend", "sg").code == 0
    assert plans.load(servers.plan_file).member("SG").status == "suspended"
    leafs = asyncio.run(monitor.leafs(servers.plan.hub.monitor_port))
    assert [leaf["account"] for leaf in leafs] == ["DMZ_TH"]
    assert suar(*hub, "return", "SG").code == 0
    assert plans.load(servers.plan_file).member("SG").status == "active"


@pytest.mark.usefixtures("hub_seeds")
def test_a_missing_server_is_two_lines(suar: Suar, prepared: Prepared, tmp_path: Path) -> None:
    path = tmp_path / "PLAN.toml"
    plans.save(prepared.plan, path)
    path.write_text(path.read_text().replace("127.0.0.1:-1", "127.0.0.1:1"))
    ended = suar("federation", "streams", "--hub", "--plan", str(path), "--wait", "0.3")
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "no NATS server at nats://127.0.0.1:1" in ended.err


def test_a_wrong_seed_is_two_lines(suar: Suar, servers: Servers, prepared: Prepared, tmp_path: Path) -> None:
    args = ("federation", "streams", "--member", "TH", "--plan", str(servers.plan_file), "--seed-file")
    stranger = suar(*args, _seed_file(tmp_path, prepared.seeds["SG", "admin"]))
    assert (stranger.code, stranger.line_labels) == (1, ["error:", "hint:"])
    assert "refused this user" in stranger.err
    narrow = suar(*args, _seed_file(tmp_path, prepared.seeds["TH", "link"]))
    assert (narrow.code, narrow.line_labels) == (1, ["error:", "hint:"])
    no_seed = suar(*args, _seed_file(tmp_path, b"something else"))
    assert "holds no nkey seed" in no_seed.err


@pytest.mark.usefixtures("hub_seeds")
def test_a_state_folder_that_is_named_comes_before_the_seed_of_the_environment(
    suar: Suar, prepared: Prepared, tmp_path: Path
) -> None:
    path = tmp_path / "PLAN.toml"
    plans.save(prepared.plan, path)
    (tmp_path / "passphrase").write_bytes(b"of a keyring that is not there")
    arguments = ("--state", str(tmp_path / "th"), "--passphrase-file", str(tmp_path / "passphrase"))
    ended = suar("federation", "streams", "--member", "TH", "--plan", str(path), *arguments)
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert "keyring.suar" in ended.err
    named = suar(
        "federation", "streams", "--member", "TH", "--plan", str(path), *arguments, "--seed-file", str(tmp_path / "no")
    )
    assert (named.code, named.line_labels) == (1, ["error:", "hint:"])
    assert "the seed file" in named.err


def test_nats_writes_what_the_renderer_says(suar: Suar, prepared: Prepared, tmp_path: Path) -> None:
    path = tmp_path / "PLAN.toml"
    plans.save(prepared.plan, path)
    assert suar("federation", "nats", "--hub", "--plan", str(path), "-o", str(tmp_path / "out")).code == 0
    assert suar("federation", "nats", "--member", "th", "--plan", str(path), "-o", str(tmp_path / "out")).code == 0
    assert (tmp_path / "out" / "hub.conf").read_text() == hub_config(prepared.plan)
    assert (tmp_path / "out" / "th.conf").read_text() == member_config(prepared.plan, "TH")


def test_nats_sets_what_follows_from_the_plan(suar: Suar, prepared: Prepared, tmp_path: Path) -> None:
    """A gateway whose server was configured so tells when the certificate of its link ends."""
    path = tmp_path / "PLAN.toml"
    plans.save(
        prepared.plan.with_member(replace(prepared.plan.member("TH"), client="127.0.0.1:4222", monitor_port=8333)), path
    )
    suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    command = (
        "federation",
        "nats",
        "--member",
        "TH",
        "--plan",
        str(path),
        "-o",
        str(tmp_path / "out"),
        "--state",
        "th",
    )
    ended = suar(*command)
    assert ended.code == 0
    assert "wrote bus.url, bus.monitor_port and bus.leaf_cert_file" in ended.err
    config = load(tmp_path / "th", {})
    certificate = prepared.plan.member("TH").tls.cert_file
    assert (str(config.leaf_certificate), config.bus.monitor_port) == (certificate, 8333)
    assert "SUAR_SECTION__KEY in the environment" in (tmp_path / "th/suar.toml").read_text(), "comments stay"
    relative = Tls(cert_file="leaf.crt", key_file="leaf.key", ca_file="leaf-ca.crt")
    plans.save(
        prepared.plan.with_member(
            replace(prepared.plan.member("TH"), client="127.0.0.1:4222", tls=relative, monitor_port=1)
        ),
        path,
    )
    done = suar(*command)
    assert "is not a full path" in done.err
    assert str(load(tmp_path / "th", {}).leaf_certificate) == certificate
    assert suar("federation", "nats", "--hub", "--plan", str(path), "-o", "out", "--state", "th").code == 64


def test_keygen_makes_private_files_and_prints_public_lines(suar: Suar, tmp_path: Path) -> None:
    made = suar("federation", "nats", "--hub", "--keygen", str(tmp_path / "keys"))
    assert made.code == 0
    assert [line.split(" = ")[0] for line in made.out.splitlines()] == ["sys", "admin"]
    for name in ("sys.seed", "admin.seed", "nats.env"):
        file = tmp_path / "keys" / name
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text().strip() not in made.out + made.err
    again = suar("federation", "nats", "--hub", "--keygen", str(tmp_path / "keys"))
    assert (again.code, again.line_labels) == (1, ["error:", "hint:"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nats", "--plan", "P"], "give either --hub or --member"),
        (["nats", "--hub"], "missing option '--plan'"),
        (["nats", "--member", "TH", "--keygen", "K"], "made by `suar init`"),
        (["streams", "--hub", "--member", "TH"], "give either --hub or --member"),
        (["streams", "--hub", "join"], "'join' needs a member code"),
        (["streams", "--hub", "pass-over"], "'pass-over' needs a member code"),
        (["streams", "--hub", "found", "TH"], "'found' takes no member code"),
        (["streams", "--member", "TH", "suspend", "TH"], "is the hub operator's"),
        (["streams", "--hub", "dance"], "dance"),
        (["streams", "--hub", "--metrics", "1"], "'--metrics' is for watch at the hub"),
        (["streams", "--member", "TH", "--line", "a"], "'--line' is for --hub"),
        (["streams", "--hub", "--line", "c"], "c"),
    ],
    ids=[
        "no-side",
        "no-plan",
        "keygen",
        "two-sides",
        "no-code",
        "nothing-to-pass-over",
        "a-code",
        "not-theirs",
        "unknown",
        "metrics",
        "line-of-a-member",
        "third-line",
    ],
)
def test_wrong_usage_exits_64(suar: Suar, arguments: list[str], expected: str) -> None:
    ended = suar("federation", *arguments)
    assert (ended.code, ended.line_labels) == (64, ["error:", "hint:"])
    assert expected in ended.err


# -- two hubs


@pytest.fixture
def two(tmp_path: Path) -> Prepared:
    return prepare(tmp_path / "servers", ["TH", "SG"], hubs=2)


def test_each_hub_is_rendered_by_its_line_and_a_member_with_both(
    suar: Suar, two: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = tmp_path / "PLAN.toml", tmp_path / "out"
    plan = two.plan.with_member(replace(two.plan.member("TH"), client="127.0.0.1:4222", monitor_port=8333))
    plans.save(plan, path)
    monkeypatch.chdir(tmp_path)
    suar("init", "--member", "TH", "--name", "Thailand", "--federation", "asean", "--state", "th")
    nats = ("federation", "nats", "--plan", str(path), "-o", str(out))
    unsaid = suar(*nats, "--hub")
    assert (unsaid.code, unsaid.line_labels) == (1, ["error:", "hint:"])
    for link in TWO_HUBS:
        assert suar(*nats, "--hub", "--line", link.name).code == 0
        assert (out / f"{link.entity}.conf").read_text() == hub_config(plan.at(link))
    assert not load(tmp_path / "th", {}).bus.two_hubs
    assert suar(*nats, "--member", "TH", "--state", "th").code == 0
    assert (out / "th.conf").read_text() == member_config(plan, "TH")
    assert load(tmp_path / "th", {}).bus.links == TWO_HUBS


@pytest.mark.slow
def test_the_operators_of_two_hubs_found_and_suspend_each_at_their_own(
    suar: Suar, two: Prepared, tmp_path: Path
) -> None:
    running = Servers(two.folder, two.plan, two.environs)
    try:
        asyncio.run(running.start())
        plan = str(running.plan_file)
        seeds = {}
        for who, role in two.seeds:
            seeds[who, role] = str(tmp_path / f"{who}.{role}")
            Path(seeds[who, role]).write_bytes(two.seeds[who, role])
        hubs = {
            link: (
                "federation", "streams", "--hub", "--line", link.name, "--plan", plan,
                "--seed-file", seeds[link.entity, "admin"], "--sys-seed-file", seeds[link.entity, "sys"],
            )
            for link in TWO_HUBS
        }  # fmt: skip
        members = [
            ("federation", "streams", "--member", code, "--plan", plan, "--seed-file", seeds[code, "admin"])
            for code in ("TH", "SG")
        ]
        for member in members:
            assert "hub a does not serve" in suar(*member, "--wait", "0.2").err
        for link, hub in hubs.items():
            founded = suar(*hub, "--json")
            assert f"down_th_{link.name} created" in json.loads(founded.out)["steps"]
        for member in members:
            assert suar(*member).code == 0
        assert suar(*members[0]).err.splitlines() == [
            "OUTBOX_TH unchanged", "up_a unchanged", "up_b unchanged", "ANCHOR_TH unchanged",
            "INBOX_TH_A unchanged", "gw unchanged", "INBOX_TH_B unchanged", "gw unchanged",
        ]  # fmt: skip
        first, second = hubs.values()
        assert suar(*first, "suspend", "SG").code == 0
        at = {hub.name: asyncio.run(monitor.leafs(hub.monitor_port)) for hub in running.plan.hubs}
        assert [leaf["account"] for leaf in at["hub-a"]] == ["DMZ_TH"]
        assert len(at["hub-b"]) == 2
        assert suar(*second, "suspend", "SG").code == 0
        assert [leaf["account"] for leaf in asyncio.run(monitor.leafs(running.plan.hubs[1].monitor_port))] == ["DMZ_TH"]
    finally:
        running.stop()
