"""The gateway's settings: suar.toml in the state folder; `SUAR_SECTION__KEY` in the environment overrides a key.

Everything is checked when it is loaded. An error names the source, the key, the value found and the values
allowed; unknown keys and sections are refused, since a misspelt limit would otherwise be ignored.
"""

import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from suar.files import require_folder
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import ONE_HUB, TWO_HUBS, HubLink
from suar.protocol.privacy.limits import K_AMBER, K_CLEAR
from suar.service.settings import escalation, hardware_key
from suar.service.settings.escalation import Escalation
from suar.service.settings.hardware_key import Hsm
from suar.service.settings.sections import (
    console_config,
    evidence_config,
    notify_config,
    store_config,
    webhooks_config,
)
from suar.service.settings.sections.addresses import require_address
from suar.service.settings.sections.console_config import Console
from suar.service.settings.sections.evidence_config import EvidenceSettings, RetentionSettings
from suar.service.settings.sections.notify_config import Notify
from suar.service.settings.sections.webhooks_config import WebhookSettings
from suar.service.settings.sources import LIST_SEPARATOR, SEE, RawSettings, parse, shown

CONFIG: Final = "suar.toml"

_MONITOR: Final = r"(https://[^\s,@/?#]+|http://(127\.0\.0\.1|localhost|\[::1\])):[0-9]{1,5}"
MEMBER_NAME_MAX: Final = 120
FEDERATION_NAME_MAX: Final = 64
"""Characters of the names."""
Code = Annotated[str, Meta(pattern=r"^[A-Z]{2}\Z", description="two capital letters, such as TH")]
Name = Annotated[
    str,
    Meta(pattern=r"^[^\x00-\x1f\x7f]+\Z", max_length=MEMBER_NAME_MAX, description=f"1 to {MEMBER_NAME_MAX} characters"),
]
FederationName = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f]*\Z",
        max_length=FEDERATION_NAME_MAX,
        description=f"at most {FEDERATION_NAME_MAX} characters, or nothing",
    ),
]
BusUrl = Annotated[
    str,
    Meta(
        pattern=r"^(nats|tls)://[^\s,@/]+(,(nats|tls)://[^\s,@/]+)*\Z",
        description="nats://HOST:PORT or tls://HOST:PORT, several with commas between, without user or password",
    ),
]
MonitorUrl = Annotated[
    str,
    Meta(
        pattern=rf"^(|{_MONITOR}(,{_MONITOR})*)\Z",
        description="https://HOST:PORT, or http:// on this machine, several with commas between, or nothing",
    ),
]
Seconds = Annotated[float, Meta(ge=0.2, le=3600, description="a number of seconds from 0.2 to 3600")]
Port = Annotated[int, Meta(ge=0, le=65_535, description="a port from 1 to 65535, or 0 for none")]
Rate = Annotated[int, Meta(ge=1, le=100_000, description="a number from 1 to 100000")]
ADay = Annotated[
    int, Meta(ge=1_048_576, le=1_099_511_627_776, description="a number of bytes from 1048576 to 1099511627776")
]
EpochSeconds = Annotated[float, Meta(ge=1, le=86_400, description="a number of seconds from 1 to 86400")]
InboxPrefix = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z", description="letters, digits, _ and -")]
FileName = Annotated[str, Meta(pattern=r"^[^\x00]*\Z", description="a file name, relative to the state folder")]
Listen = Annotated[str, Meta(pattern=r"^(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}\Z", description="HOST:PORT")]
Host = Annotated[str, Meta(pattern=r"^[^\s/@]{1,253}\Z", description="host names without port")]
StoreUrl = Annotated[
    str,
    Meta(
        pattern=r"^(|sqlite:///[^\s?#]+|postgresql(\+psycopg)?://\S+)\Z",
        description="sqlite:///FILE, postgresql://USER@HOST/DATABASE, or nothing for suar.db in the state folder",
    ),
]
Pin = Annotated[
    str,
    Meta(
        pattern=r"^([0-9a-f]{64}|([0-9a-f]{4} ){15}[0-9a-f]{4})?\Z",
        description="64 lower case hex digits (a trust list's hash), also in groups of four, or nothing",
    ),
]
KClear = Annotated[int, Meta(ge=K_CLEAR, le=1000, description=f"{K_CLEAR} to 1000: it may only be tightened")]
KAmber = Annotated[int, Meta(ge=K_AMBER, le=1000, description=f"{K_AMBER} to 1000: it may only be tightened")]
Waits = Annotated[str, Meta(pattern=r"^(immediate|red)\Z", description="immediate and red")]
Level = Annotated[str, Meta(pattern=r"^(debug|info|warning|error)\Z", description="debug, info, warning or error")]


_SCHEMED = r"^https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?\Z"
Origin = Annotated[
    str, Meta(pattern=_SCHEMED, max_length=300, description="origins of pages, http(s)://HOST[:PORT] without a path")
]


class Member(Struct, frozen=True):
    """Who this gateway speaks for."""

    code: Code
    name: Name


class Federation(Struct, frozen=True):
    """The federation's name as in its trust list; empty until the first list is imported."""

    name: FederationName = ""


class Bus(Struct, frozen=True):
    """The member's own NATS server. The TLS files are needed when it is not on this machine.

    `monitor_port`: that server's HTTP monitor on this machine, which reports the state of its link to the hub;
    `monitor_url`, if set, replaces it, where the server is on another machine: one for each server of `url`.
    `leaf_cert_file`: the certificate of that link; a check warns before it ends. `commit_audit`: each heartbeat commits
    to the audit log, which members with an older version refuse. `write_receipt_1_1`: receipts report legal holds and
    count exports, which members with an older version do not show. `agency_feed`: agencies that have an nkey are served
    at that server, by its user `feed`, whose replies arrive below `feed_inbox_prefix`. `two_hubs`: that server links to
    the hubs a and b, as the plan has them.
    """

    url: BusUrl = "nats://127.0.0.1:4222"
    heartbeat_seconds: Seconds = limits.HEARTBEAT_INTERVAL / limits.SECOND
    commit_audit: bool = False
    write_receipt_1_1: bool = False
    monitor_port: Port = 8222
    monitor_url: MonitorUrl = ""
    two_hubs: bool = False
    inbox_prefix: InboxPrefix = "_INBOX_gw"
    agency_feed: bool = True
    feed_inbox_prefix: InboxPrefix = "_INBOX_feed"
    leaf_cert_file: FileName = ""
    tls_ca_file: FileName = ""
    tls_cert_file: FileName = ""
    tls_key_file: FileName = ""

    @property
    def urls(self) -> list[str]:
        """The servers to dial."""
        return self.url.split(LIST_SEPARATOR)

    @property
    def monitors(self) -> list[str]:
        """The addresses of the monitors of the servers."""
        if self.monitor_url:
            return self.monitor_url.split(LIST_SEPARATOR)
        return [f"http://127.0.0.1:{self.monitor_port}"] if self.monitor_port else []

    @property
    def links(self) -> tuple[HubLink, ...]:
        """The links to the hubs."""
        return TWO_HUBS if self.two_hubs else ONE_HUB


class Http(Struct, frozen=True):
    """The HTTP API.

    `hosts`: further names that a Host header may contain. `metrics_open`: /metrics needs no token. `feed_origins`:
    origins of pages in browsers that may read the feed. `calls_a_second`: the rate of one token, twice that at once; a
    batch is not counted. With `tls_cert_file` and `tls_key_file` the address accepts TLS alone, and commands of this
    machine have an address of their own.
    """

    listen: Listen = "127.0.0.1:8440"
    hosts: list[Host] = []
    metrics_open: bool = False
    feed_origins: list[Origin] = []
    calls_a_second: Rate = 200
    tls_cert_file: FileName = ""
    tls_key_file: FileName = ""

    @property
    def address(self) -> tuple[str, int]:
        """Host (without brackets) and port; port 0 lets the system choose."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.address[0])


class Store(Struct, frozen=True):
    """The database; empty: suar.db in the state folder."""

    url: StoreUrl = ""


class Trust(Struct, frozen=True):
    """The hash of the first trust list, compared with two key holders by telephone."""

    pin: Pin = ""


class Gate(Struct, frozen=True):
    """The smallest counts that a table shows: CLEAR or GREEN, and AMBER or stricter.

    `second_person`: what waits for a second person, whoever publishes it, in addition to what always does.
    """

    k_clear: KClear = K_CLEAR
    k_amber: KAmber = K_AMBER
    second_person: list[Waits] = []


class Limits(Struct, frozen=True):
    """How long epochs last, and how much other members may make us send in a day (UTC).

    `rotate_at_once`: a daily rotation of any member opens a new epoch here, instead of waiting for the epoch's end
    [E13]. `sent_again_bytes_a_day`: bytes that a member may have sent again. `receipt_bytes_a_day`: bytes of receipts
    about what it sends.
    """

    epoch_seconds: EpochSeconds = limits.EPOCH_LIFETIME / limits.SECOND
    rotate_at_once: bool = False
    sent_again_bytes_a_day: ADay = limits.SENT_AGAIN_BYTES
    receipt_bytes_a_day: ADay = limits.RECEIPT_BYTES


class Log(Struct, frozen=True):
    """The least level that is written."""

    level: Level = "info"


class Config(Struct, frozen=True, kw_only=True):
    """All settings; `folder` is the state folder that relative files start from."""

    folder: Path
    member: Member
    federation: Federation
    bus: Bus
    http: Http
    store: Store
    trust: Trust
    gate: Gate
    limits: Limits
    log: Log
    escalation: Escalation = Escalation()
    notify: Notify = Notify()
    evidence: EvidenceSettings = EvidenceSettings()
    console: Console = Console()
    retention: RetentionSettings = RetentionSettings()
    webhooks: WebhookSettings = WebhookSettings()
    hsm: Hsm = Hsm()

    @property
    def file(self) -> Path:
        """Where the settings are kept."""
        return self.folder / CONFIG

    @property
    def leaf_certificate(self) -> Path | None:
        """The certificate of the own server's link to the hub, where it is named."""
        return self.folder / self.bus.leaf_cert_file if self.bus.leaf_cert_file else None

    @property
    def store_url(self) -> str:
        """The database's URL; SQLite's file resolved against the state folder."""
        scheme, found, file = (self.store.url or "sqlite:///suar.db").partition("sqlite:///")
        return f"sqlite:///{self.folder / file}" if found else scheme

    @property
    def pin(self) -> bytes | None:
        """The pin's 32 bytes."""
        return bytes.fromhex(self.trust.pin) or None

    def tls(self) -> ssl.SSLContext | None:
        """TLS to the bus, or None when no file is named. Fault when a file does not serve."""
        bus = self.bus
        if not (bus.tls_ca_file or bus.tls_cert_file):
            return None
        try:
            context = ssl.create_default_context(cafile=self._file(bus.tls_ca_file))
            if bus.tls_cert_file:
                context.load_cert_chain(self.folder / bus.tls_cert_file, self._file(bus.tls_key_file))
        except (OSError, ssl.SSLError) as error:
            raise Fault(f"{self.file}: the files of bus.tls_* do not serve: {error}", SEE) from None
        return context

    def _file(self, name: str) -> str | None:
        return str(self.folder / name) if name else None


SECTIONS: Final[dict[str, type[Struct]]] = {
    "member": Member,
    "federation": Federation,
    "bus": Bus,
    "http": Http,
    "store": Store,
    "trust": Trust,
    "gate": Gate,
    "limits": Limits,
    "log": Log,
    "escalation": Escalation,
    "notify": Notify,
    "evidence": EvidenceSettings,
    "console": Console,
    "retention": RetentionSettings,
    "webhooks": WebhookSettings,
    "hsm": Hsm,
}


def load(state: Path, environ: Mapping[str, str]) -> Config:
    """The settings of the state folder `state` under the overrides of `environ`. Fault for the first wrong one."""
    file = state / CONFIG
    require_folder(state)
    if not file.exists():
        hint = "--state names the gateway's folder, or set SUAR_STATE; `suar init` makes that of a new member"
        raise Fault(f"{state} is no gateway's folder: it has no {CONFIG}", hint)
    raw = RawSettings(str(file), parse(file), SECTIONS)
    raw.override(environ)
    made: dict[str, Any] = {name: raw.section(name, shape) for name, shape in SECTIONS.items()}
    config = Config(folder=state.absolute(), **made)
    _check_store(config.store, raw)
    _check_addresses(config.bus, config.http, raw)
    _check_tls(config.bus, config.http, raw)
    escalation.check(config.escalation, raw)
    notify_config.check(config.notify, raw)
    evidence_config.check(config.evidence, raw)
    console_config.check(config.console, raw)
    evidence_config.check_retention(config.retention, raw)
    webhooks_config.check(config.webhooks, raw)
    hardware_key.check(config.hsm, raw)
    return config


def is_loopback(host: str) -> bool:
    """Whether `host` is a loopback address or `localhost`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_store(store: Store, raw: RawSettings) -> None:
    if store.url.startswith("postgresql") and find_spec("psycopg") is None:
        raise Fault(
            f"{raw.source('store', 'url')}: store.url is {shown(store.url)}; the driver of PostgreSQL is not installed",
            "pip install --require-hashes -r requirements/postgresql.txt; what the database needs: docs/operators.md",
        )
    store_config.check(store.url, raw)


def _check_addresses(bus: Bus, http: Http, raw: RawSettings) -> None:
    for url in bus.urls:
        require_address(raw, "bus", "url", url)
    for url in bus.monitors:
        require_address(raw, "bus", "monitor_url", url)
    for url in http.feed_origins:
        require_address(raw, "http", "feed_origins", url)
    if http.address[1] > 65_535:
        raise raw.fault("http", "listen", shown(http.listen), "HOST:PORT with a port from 0 to 65535")


def _check_tls(bus: Bus, http: Http, raw: RawSettings) -> None:
    for section, files in (("bus", bus), ("http", http)):
        if bool(files.tls_cert_file) != bool(files.tls_key_file):
            missing = "tls_key_file" if files.tls_cert_file else "tls_cert_file"
            raise raw.fault(section, missing, "nothing", "a file name: certificate and key go together")
    if (bus.url.startswith("tls://") or "https://" in bus.monitor_url) and not bus.tls_ca_file:
        raise raw.fault("bus", "tls_ca_file", "nothing", "the authority of a tls:// server's certificate")
    if any(int(each.rpartition(":")[2]) > 65_535 for each in bus.monitors):
        raise raw.fault("bus", "monitor_url", shown(bus.monitor_url), "ports from 0 to 65535")
