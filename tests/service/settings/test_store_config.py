"""A URL of PostgreSQL, and other addresses in the settings: what the library would refuse is refused with its field."""

from pathlib import Path

import pytest

from suar.protocol.base.errors import Fault
from suar.service.settings.config import Config, load

MINIMAL = '[member]\ncode = "TH"\nname = "Thailand"\n'
SECRET = "S3cretPw"


def loaded(folder: Path, text: str = MINIMAL, **environ: str) -> Config:
    (folder / "suar.toml").write_text(text, encoding="utf-8")
    return load(folder, environ)


def refused(folder: Path, text: str, **environ: str) -> Fault:
    with pytest.raises(Fault) as caught:
        loaded(folder, text, **environ)
    return caught.value


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("u:S3cretPw@127.0.0.1:notaport/x", "a port that is no number"),
        ("u:S3cretPw", "a port that is no number"),
        ("u:S3cretPw@[::1/x", "an address that cannot be read"),
        ("u:S3cretPw@[::g]/x", "no address of IPv4 or IPv6"),
        ("u:S3cretPw@h/x?hostaddr=h", "no address of IPv4 or IPv6"),
        ("u:S3cretPw@h:99999/x", "a port that is none from 1 to 65535"),
        ("u:S3cretPw@h:0/x", "a port that is none from 1 to 65535"),
        ("u:S3cretPw@/x?host=a,b&port=5432", "not one port for each host"),
        ("u:S3cretPw%@h/x", "a % that begins no escape"),
        ("u:S3cretPw%zz@h/x", "a % that begins no escape"),
        ("u:S3cretPw%00@h/x", "a zero byte"),
        ("u:S3cretPw@x@h/x", "two @"),
        ("u@h/x?password=S3cretPw&bogus=1", 'invalid connection option "bogus"'),
        ("u:S3cretPw@h/x?sslmode=on", 'invalid sslmode value: "on"'),
        ("u:S3cretPw@h/x?target_session_attrs=writer", "invalid target_session_attrs value"),
        ("u:S3cretPw@h/x?sslmode=require&sslrootcert=system", "weak sslmode"),
        ("u:S3cretPw@h/x?sslmode=verify-full&sslrootcert=/nonexistent.crt", "a file of sslrootcert"),
    ],
)
def test_what_libpq_would_refuse_is_a_fault_of_the_settings(tmp_path: Path, url: str, found: str) -> None:
    """It was a traceback, or a gateway that waited for ever as the standby of a store that it cannot name."""
    in_file = MINIMAL + f'[store]\nurl = "postgresql://{url}"\n'
    for fault in (refused(tmp_path, in_file), refused(tmp_path, MINIMAL, SUAR_STORE__URL=f"postgresql://{url}")):
        assert "store.url: found " in fault.text
        assert found in fault.text
        assert "\n" not in fault.text
        assert SECRET not in fault.text + fault.hint


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p%40x@h/x", "postgresql+psycopg://u@[::1]:5432/x?sslmode=disable", "postgresql:///x?host=/run",
        "postgresql://u@/x?host=a,b&port=5432,5432&target_session_attrs=read-write&sslmode=verify-full",
        "postgresql://u@/x?host=a,b", "postgresql://u@h/x?hostaddr=192.0.2.1&sslmode=verify-full&sslrootcert=system",
    ],
)  # fmt: skip
def test_what_libpq_takes_is_taken(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, SUAR_STORE__URL=url).store_url == url


@pytest.mark.parametrize(
    ("added", "key"),
    [
        ('[bus]\nurl = "nats://h:notaport"', "bus.url"),
        ('[bus]\nurl = "nats://h:4222,nats://h:99999"', "bus.url"),
        ('[bus]\nurl = "nats://[::1:4222"', "bus.url"),
        ('[bus]\ntls_ca_file = "x"\nmonitor_url = "https://[::1:8222"', "bus.monitor_url"),
        ('[evidence]\nauthority_ca_file = "x"\nauthority = "https://[::1/x"', "evidence.authority"),
        ('[evidence]\nauthority_ca_file = "x"\nauthority = "https://h:x/x"', "evidence.authority"),
        ('[evidence]\nauthority_ca_file = "x"\nauthority = "https://xn--aé-.example/"', "evidence.authority"),
        ('[notify.webhook.a]\nsecret_file = "x"\nurl = "https://h:x/"', "notify.webhook.a.url"),
        ('[notify.webhook.a]\nsecret_file = "x"\nurl = "http://[::1/"', "notify.webhook.a.url"),
        ('[notify]\nlink = "https://[h/{id}"', "notify.link"),
        ('[console]\norigin = "https://h:99999"', "console.origin"),
        ('[console]\nproxies = ["10.0.0"]', "console.proxies"),
        ('[http]\nfeed_origins = ["https://[::::]"]', "http.feed_origins"),
        ('[http]\nfeed_origins = ["https://h:99999"]', "http.feed_origins"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_when_it_is_loaded(tmp_path: Path, added: str, key: str) -> None:
    assert f"{key}: found " in refused(tmp_path, f"{MINIMAL}{added}\n").text


def test_addresses_that_can_be_read_are_taken(tmp_path: Path) -> None:
    added = (
        '[bus]\nurl = "nats://[::1]:4222,nats://h"\n[console]\nproxies = ["10.0.0.1", "::1"]\norigin = "https://h"\n'
        '[http]\nfeed_origins = ["https://[::1]", "http://h:8080"]\n'
        '[evidence]\nauthority_ca_file = "x"\nauthority = "https://h.example:8443/tsa?x=1"\n'
    )
    assert loaded(tmp_path, MINIMAL + added).bus.urls == ["nats://[::1]:4222", "nats://h"]
