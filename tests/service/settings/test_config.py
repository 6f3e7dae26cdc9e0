"""suar.toml: what is refused, and that the refusal names place, key, what was found and what is allowed."""

from pathlib import Path

import pytest

from suar.protocol.base.errors import Fault
from suar.service.settings import config
from suar.service.settings.config import Config, is_loopback, load
from suar.service.settings.state import CONFIG_TEXT

MINIMAL = '[member]\ncode = "TH"\nname = "Thailand"\n'


def write(folder: Path, text: str) -> Path:
    (folder / "suar.toml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, text: str, **environ: str) -> Fault:
    with pytest.raises(Fault) as caught:
        load(write(folder, text), environ)
    assert caught.value.hint
    return caught.value


def loaded(folder: Path, text: str = MINIMAL, **environ: str) -> Config:
    return load(write(folder, text), environ)


def test_defaults_are_those_of_the_interfaces(tmp_path: Path) -> None:
    config = loaded(tmp_path)
    assert (config.bus.heartbeat_seconds, config.bus.inbox_prefix) == (30, "_INBOX_gw")
    assert config.http.address == ("127.0.0.1", 8440)
    assert config.http.is_loopback
    assert (config.gate.k_clear, config.gate.k_amber) == (10, 5)
    assert config.store_url == f"sqlite:///{tmp_path}/suar.db"
    assert config.pin is None
    assert config.tls() is None


def test_the_file_that_init_writes_loads(tmp_path: Path) -> None:
    config = loaded(tmp_path, CONFIG_TEXT.format(code='"TH"', name='"Thailand"', federation='"asean"'))
    assert (config.member.code, config.federation.name) == ("TH", "asean")


def test_the_environment_goes_over_the_file(tmp_path: Path) -> None:
    config = loaded(
        tmp_path,
        MINIMAL + '[bus]\nurl = "nats://a:1"\n',
        SUAR_BUS__URL="tls://b:2,tls://c:3",
        SUAR_BUS__TLS_CA_FILE="ca.crt",
        SUAR_BUS__HEARTBEAT_SECONDS="0.5",
        SUAR_HTTP__HOSTS="gw.example,th.localhost",
        SUAR_HTTP__METRICS_OPEN="true",
        SUAR_TRUST__PIN="ab" * 32,
        SUAR_STATE="/elsewhere",
    )
    assert config.bus.urls == ["tls://b:2", "tls://c:3"]
    assert config.bus.heartbeat_seconds == 0.5
    assert config.http.hosts == ["gw.example", "th.localhost"]
    assert config.http.metrics_open
    assert config.pin == bytes.fromhex("ab" * 32)


@pytest.mark.parametrize(
    ("added", "key", "found", "allowed"),
    [
        ('[bus]\nurl = "http://x"\n', "bus.url", '"http://x"', "nats://HOST:PORT"),
        ('[bus]\nurl = "nats://user:secret@x:1"\n', "bus.url", '"nats://...@x:1"', "without user or password"),
        ('[bus]\nurl = ["nats://user:secret@x:1"]\n', "bus.url", '["nats://...@x:1"]', "without user or password"),
        ('[store]\nurl = "mysql://u:a@secret@h/d"\n', "store.url", '"mysql://...@h/d"', "sqlite"),
        ("[bus]\nheartbeat_seconds = 0\n", "bus.heartbeat_seconds", "0", "0.2 to 3600"),
        ("[bus]\nheartbeat_seconds = nan\n", "bus.heartbeat_seconds", "nan", "0.2 to 3600"),
        ('[bus]\nheartbeat = "30"\n', "bus.heartbeat", "an unknown key", "heartbeat_seconds"),
        ('[bus]\ntls_cert_file = "a"\n', "bus.tls_key_file", "nothing", "go together"),
        ('[bus]\nurl = "tls://x:1"\n', "bus.tls_ca_file", "nothing", "authority"),
        ('[http]\nlisten = "8440"\n', "http.listen", '"8440"', "HOST:PORT"),
        ('[http]\nlisten = "127.0.0.1:70000"\n', "http.listen", '"127.0.0.1:70000"', "65535"),
        ('[http]\nhosts = ["a/b"]\n', "http.hosts", '["a/b"]', "a list of host names"),
        ('[http]\nmetrics_open = "yes"\n', "http.metrics_open", '"yes"', "true or false"),
        ('[store]\nurl = "mysql://u:p@h/d"\n', "store.url", '"mysql://...@h/d"', "sqlite"),
        ('[trust]\npin = "AB"\n', "trust.pin", '"AB"', "64 lower case hex"),
        ("[gate]\nk_clear = 9\n", "gate.k_clear", "9", "10 to 1000: it may only be tightened"),
        ("[gate]\nk_amber = 4\n", "gate.k_amber", "4", "5 to 1000: it may only be tightened"),
        ('[log]\nlevel = "loud"\n', "log.level", '"loud"', "debug, info"),
        ("[limits]\nepoch_seconds = 90000\n", "limits.epoch_seconds", "90000", "86400"),
        ("[gates]\nk_clear = 12\n", "section [gates]", "unknown", "member, federation"),
    ],
)
def test_a_wrong_value_names_file_key_found_and_allowed(
    tmp_path: Path, added: str, key: str, found: str, allowed: str
) -> None:
    fault = refused(tmp_path, MINIMAL + added)
    assert fault.text.startswith(f"{tmp_path / 'suar.toml'}: {key}: found {found}, allowed is ")
    assert allowed in fault.text
    assert "secret" not in fault.text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[member]\nname = 'T'\n", "member.code: found nothing, allowed is two capital letters"),
        ("[member]\ncode = 'th'\nname = 'T'\n", 'member.code: found "th"'),
        ("[member]\ncode = 'TH'\nname = ''\n", 'member.name: found "", allowed is 1 to 120'),
        ("member = 3\n", "member: found 3, allowed is a section [member]"),
        ("[member\n", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in refused(tmp_path, text).text


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    fault = refused(tmp_path, MINIMAL + f'[log]\nlevel = "{"x" * 500}"\n')
    assert "…" in fault.text
    assert len(fault.text) < 300 + len(str(tmp_path))


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("SUAR_GATE__K_CLEAR", "3", 'the environment (SUAR_GATE__K_CLEAR): gate.k_clear: found "3"'),
        ("SUAR_GATE__K_CLEAR", "many", 'found "many"'),
        ("SUAR_GATES__K_CLEAR", "12", "the environment: SUAR_GATES__K_CLEAR"),
        ("SUAR_BUS__URI", "nats://x:1", "bus.uri: found an unknown key"),
        (
            "SUAR_WEBHOOKS__ALLOW",
            "[127.0.0.0/8]",
            'found ["[127.0.0.0/8]"], allowed is a list of networks such as "10.0.0.0/8", separated by ,',
        ),
        ("SUAR_WEBHOOKS__ALLOW", '["10.0.0.1/8"]', 'found "10.0.0.1/8", allowed is the first address of a network'),
        ("SUAR_WEBHOOKS__ALLOW", "[8]", "allowed is a list of networks"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, value: str, reason: str) -> None:
    assert reason in refused(tmp_path, MINIMAL, **{variable: value}).text


@pytest.mark.parametrize("text", ["10.0.0.0/8,fd00::/8", '["10.0.0.0/8", "fd00::/8"]', '["10.0.0.0/8","fd00::/8"]'])
def test_a_list_in_the_environment_is_separated_by_commas_or_as_in_the_file(tmp_path: Path, text: str) -> None:
    assert loaded(tmp_path, SUAR_WEBHOOKS__ALLOW=text).webhooks.allow == ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize("text", ["", "[]"])
def test_a_list_in_the_environment_may_be_empty(tmp_path: Path, text: str) -> None:
    content = MINIMAL + '[webhooks]\nallow = ["10.0.0.0/8"]\n'
    assert loaded(tmp_path, content, SUAR_WEBHOOKS__ALLOW=text).webhooks.allow == []


def test_no_settings_no_gateway(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"has no suar\.toml") as caught:
        load(tmp_path, {})
    assert "suar init" in caught.value.hint


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "suar.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(Fault, match="not UTF-8"):
        load(tmp_path, {})


def test_tls_files_are_looked_for_in_the_state_folder(tmp_path: Path) -> None:
    config = loaded(tmp_path, MINIMAL + '[bus]\nurl = "tls://x:1"\ntls_ca_file = "none.crt"\n')
    with pytest.raises(Fault, match="tls_"):
        config.tls()


def test_store_files_are_relative_to_the_state_folder(tmp_path: Path) -> None:
    assert loaded(tmp_path, MINIMAL + '[store]\nurl = "sqlite:///x.db"\n').store_url == f"sqlite:///{tmp_path}/x.db"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
def test_postgresql_needs_its_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """A refusal says how the driver is installed, and has no password."""
    url = f"{scheme}://u:hunter2@h/d"
    in_file = MINIMAL + f'[store]\nurl = "{url}"\n'
    assert loaded(tmp_path, in_file).store_url == url
    assert loaded(tmp_path, SUAR_STORE__URL=url).store_url == url
    monkeypatch.setattr(config, "find_spec", lambda _: None)
    for found in (refused(tmp_path, in_file), refused(tmp_path, MINIMAL, SUAR_STORE__URL=url)):
        assert "the driver of PostgreSQL is not installed" in found.text
        assert "requirements/postgresql.txt" in found.hint
        assert "hunter2" not in found.text + found.hint
    assert "the environment" in refused(tmp_path, MINIMAL, SUAR_STORE__URL=url).text


def test_monitors_of_servers_elsewhere(tmp_path: Path) -> None:
    here = loaded(tmp_path, MINIMAL).bus
    assert here.monitors == ["http://127.0.0.1:8222"]
    urls = "https://n1.example:8222,https://[::1]:8222"
    away = MINIMAL + f'[bus]\nmonitor_url = "{urls}"\n'
    assert loaded(tmp_path, away + 'tls_ca_file = "ca.crt"\n').bus.monitors == urls.split(",")
    assert refused(tmp_path, away).text.count("bus.tls_ca_file") == 1
    for wrong in (
        "http://n1.example:8222",
        "n1.example:8222",
        "https://n1.example",
        "https://u:p@n1.example:8222",
        "http://localhost:70000",
    ):
        assert "bus.monitor_url" in refused(tmp_path, MINIMAL + f'[bus]\nmonitor_url = "{wrong}"\n').text
    assert loaded(tmp_path, MINIMAL + "[bus]\nmonitor_port = 0\n").bus.monitors == []


@pytest.mark.parametrize(
    ("listen", "host", "is_safe"),
    [
        ("[::1]:0", "::1", True),
        ("localhost:1", "localhost", True),
        ("0.0.0.0:1", "0.0.0.0", False),
        ("gw:1", "gw", False),
    ],
)
def test_what_counts_as_loopback(tmp_path: Path, listen: str, host: str, is_safe: bool) -> None:
    http = loaded(tmp_path, MINIMAL, SUAR_HTTP__LISTEN=listen).http
    assert http.address[0] == host
    assert http.is_loopback is is_safe
    assert is_loopback("127.8.9.1")


def test_every_key_has_its_row_in_the_operators_page() -> None:
    """Two sections have chapters of their own, which the table links to."""
    page = Path(__file__).parents[3] / "docs/operators.md"
    table = page.read_text(encoding="utf-8").partition("## suar.toml\n")[2].partition("\n### ")[0]
    keys = {
        f"{section}.{name}"
        for section, shape in config.SECTIONS.items()
        for name in shape.__struct_fields__
        if section not in ("escalation", "notify")
    }
    assert {key for key in keys if f"`{key}`" not in table} == set()
    assert "`[escalation]`, `[notify]`" in table
