"""PLAN.toml: read strictly, written so that it reads back the same."""

from pathlib import Path

import msgspec
import pytest

from suar.demo.embedded.prepared import prepare
from suar.federation import plan as plans
from suar.federation.plan import Agency, Plan
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import ONLY_HUB, TWO_HUBS


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    made = prepare(tmp_path_factory.mktemp("plan"), ["TH", "SG"]).plan
    th = made.member("TH")
    assert th.feed_admin is not None
    return made.with_member(msgspec.structs.replace(th, agencies=(Agency(name="police", nkey="U" + "A" * 55),)))


def test_a_written_plan_reads_back_equal(plan: Plan, tmp_path: Path) -> None:
    plans.save(plan, tmp_path / "PLAN.toml")
    assert plans.load(tmp_path / "PLAN.toml") == plan


def test_a_written_plan_holds_no_seed(plan: Plan) -> None:
    assert "SU" not in [word[:2] for word in plans.dump(plan).split('"')]


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ('code = "TH"', 'code = "thailand"', ("members[0].code", "'thailand'", "^[A-Z]{2}$")),
        ('sync_interval = "always"', 'sync_interval = "never"', ("hub.sync_interval", "'never'", "always|")),
        ("replicas = 1", "replicas = 2", ("hub.replicas", "2")),
        ('replicas = 1\ncode = "TH"', 'replicas = 3\ncode = "TH"', ("members TH: replicas = 3", "is one server")),
        ('status = "active"', 'status = "gone"', ("members[0].status", "'gone'")),
        ('name = "hub"', 'nmae = "hub"', ("hub", "`nmae`")),
        ("monitor_port = -1", 'monitor_port = "x"', ("hub.monitor_port", "`int`", "'x'")),
        ('client = "127.0.0.1:-1"\n', "", ("hub", "`client`")),
        ('leaf = "127.0.0.1:-1"', 'leaf = "127.0.0.1"', ("hub.leaf", "'127.0.0.1'")),
        ("[hub]", "[hub", ("is not valid TOML",)),
        ('code = "SG"', 'code = "TH"', ("member TH stands twice",)),
    ],
    ids=[
        "code",
        "sync",
        "replicas",
        "cluster",
        "status",
        "unknown-key",
        "type",
        "missing-key",
        "address",
        "toml",
        "twice",
    ],
)
def test_a_wrong_plan_names_file_key_found_and_allowed(
    plan: Plan, tmp_path: Path, old: str, new: str, names: tuple[str, ...]
) -> None:
    path = tmp_path / "PLAN.toml"
    text = plans.dump(plan)
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(Fault) as caught:
        plans.load(path)
    assert str(path) in caught.value.text
    for name in names:
        assert name in caught.value.text
    assert caught.value.hint


def test_a_key_in_two_places_is_refused(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "PLAN.toml"
    path.write_text(plans.dump(plan).replace(plan.member("SG").gateway, plan.member("TH").gateway))
    with pytest.raises(Fault, match=r"nkey U.* stands twice"):
        plans.load(path)


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no such file") as caught:
        plans.load(tmp_path / "none.toml")
    assert "--plan" in caught.value.hint


def test_an_unknown_member_lists_the_known(plan: Plan) -> None:
    with pytest.raises(Fault, match="no member VN: it has TH, SG"):
        plan.member("vn")


def test_two_agencies_of_a_member_have_two_names(plan: Plan, tmp_path: Path) -> None:
    """Each name is an account of the server, and the name of a consumer."""
    th = plan.member("TH")
    twice = msgspec.structs.replace(th, agencies=(*th.agencies, Agency(name="police", nkey="U" + "B" * 55)))
    plans.save(plan.with_member(twice), tmp_path / "PLAN.toml")
    with pytest.raises(Fault, match="agency of TH police stands twice"):
        plans.load(tmp_path / "PLAN.toml")


# -- two hubs


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return prepare(tmp_path_factory.mktemp("two"), ["TH", "SG"], hubs=2).plan


def test_a_plan_of_two_hubs_reads_back_equal_and_from_either_side(two: Plan, tmp_path: Path) -> None:
    plans.save(two, tmp_path / "PLAN.toml")
    found = plans.load(tmp_path / "PLAN.toml")
    assert found == two
    assert [found.at(link).hub.name for link in found.links] == ["hub-a", "hub-b"]
    assert plans.dump(found.at(TWO_HUBS[1])) == plans.dump(two)


def test_which_hub_is_meant_has_to_be_stated(plan: Plan, two: Plan) -> None:
    with pytest.raises(Fault) as unsaid:
        two.at(ONLY_HUB)
    assert "--line" in unsaid.value.hint
    with pytest.raises(Fault) as no_such:
        plan.at(TWO_HUBS[0])
    assert "--line" in no_such.value.hint
    assert plan.at(ONLY_HUB) == plan


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ('line = "b"', 'line = "a"', "line a and b"),
        ('line = "b"', 'line = "c"', "hubs[1].line"),
        ('state = "TH"', 'state = "SG"', "different states"),
        ('state = "TH"\n', "", "different states"),
        ('name = "hub-b"', 'name = "hub-a"', "different names"),
        ("outbox_mb = 512", "outbox_mb = 600", "the same ingest_mb"),
        ("[[members]]", "[hub]\n[[members]]", "hub"),
    ],
    ids=["same-line", "third-line", "same-state", "no-state", "same-name", "sizes", "one-and-two"],
)
def test_two_hubs_are_distinguished(two: Plan, tmp_path: Path, old: str, new: str, names: str) -> None:
    path, text = tmp_path / "PLAN.toml", plans.dump(two)
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(Fault) as caught:
        plans.load(path)
    assert names in caught.value.text
    assert caught.value.hint


def test_one_of_two_hubs_alone_is_no_plan(two: Plan, tmp_path: Path) -> None:
    plans.save(msgspec.structs.replace(two, hubs=two.hubs[:1]), tmp_path / "PLAN.toml")
    with pytest.raises(Fault, match=r"one \[hub\], or two \[\[hubs\]\]"):
        plans.load(tmp_path / "PLAN.toml")


def test_an_administrator_of_both_hubs_has_two_keys(two: Plan, tmp_path: Path) -> None:
    """A key of one hub that were the other's too would stand in two places."""
    first, second = two.hubs
    plans.save(two.with_hub(msgspec.structs.replace(second, admin=first.admin)), tmp_path / "PLAN.toml")
    with pytest.raises(Fault, match="stands twice"):
        plans.load(tmp_path / "PLAN.toml")
