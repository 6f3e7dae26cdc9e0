"""Which addresses a webhook may go to: of every form in which an address that is not public can be written."""

import re
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from suar.service.webhooks.addresses import WHY, Endpoint, RefusedAddress, endpoint, refusal
from support.agencies_docs import WHOLE

PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
)
NOT_PUBLIC = (
    "127.0.0.1", "127.255.0.9", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9",
    "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
    "2002:a00:1::", "2001::1", "2001:db8::1", "3fff::1", "100::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1",
    "fd12:3456::1", "ff02::1", "5f00::1",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called_by_tls_alone(address: str) -> None:
    assert refusal(ip_address(address), (), is_tls=True) is None
    assert refusal(ip_address(address), (), is_tls=False) == "public-without-tls"
    everything = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert refusal(ip_address(address), everything, is_tls=False) == "public-without-tls"


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_no_other_address_is_called(address: str) -> None:
    for is_tls in (True, False):
        assert refusal(ip_address(address), (), is_tls=is_tls) == "not-public"
        assert refusal(ip_address(address), (ip_network("10.99.0.0/16"),), is_tls=is_tls) == "not-public"


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("10.0.0.0/8", ("10.0.0.1", "::ffff:10.255.0.1"), ("11.0.0.0", "127.0.0.1", "::ffff:127.0.0.1")),
        ("127.0.0.0/8", ("127.0.0.1",), ("::1", "0.0.0.0")),
        ("fd00::/8", ("fd00::1",), ("fc00::1", "::1", "10.0.0.1")),
    ],
)  # fmt: skip
def test_a_network_that_the_settings_name_is_called(
    network: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    allow = (ip_network(network),)
    for address in inside:
        assert refusal(ip_address(address), allow, is_tls=False) is None
        assert refusal(ip_address(address), allow, is_tls=True) is None
    for address in set(outside) - {"11.0.0.0"}:
        assert refusal(ip_address(address), allow, is_tls=True) == "not-public"


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://cases.health.example/suar", Endpoint("https", "cases.health.example", 443, "/suar")),
        ("https://cases.health.example", Endpoint("https", "cases.health.example", 443, "/")),
        ("https://[2606:4700:4700::1111]:8443/a?b=c", Endpoint("https", "2606:4700:4700::1111", 8443, "/a?b=c")),
        ("https://1.1.1.1/", Endpoint("https", "1.1.1.1", 443, "/")),
    ],
)  # fmt: skip
def test_an_address_has_its_parts(url: str, made: Endpoint) -> None:
    assert endpoint(url, ()) == made


def test_the_host_header_names_the_port_where_it_is_another() -> None:
    assert endpoint("https://a.example:443/", ()).authority == "a.example"
    assert endpoint("https://a.example:8443/", ()).authority == "a.example:8443"
    assert endpoint("https://[2606:4700:4700::1111]:8443/", ()).authority == "[2606:4700:4700::1111]:8443"


@pytest.mark.parametrize(
    "url",
    [
        "", "http://cases.health.example/", "ftp://a.example/", "https://", "https:///path", "https://user@a.example/",
        "https://user:pw@a.example/", "https://a.example#b", "https://a.example/#b", "https://a.example:0/",
        "https://a.example:65536/", "https://a.example:x/", "https://a.example?x", "https://a b.example/",
        "https://a.example/ x", "https://a.example/\r\nX-Evil: 1", "https://a.example/\x7f", "https://ä.example/",
        "https://a_b.example/", "https://-a.example/", "https://[::1/", "https://[gg::1]/", "https://127.0.0.1/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data", "//a.example/",
        "HTTPS://a.example/", "https://a.example/" + "a" * 1_000, "javascript:alert(1)", "file:///etc/passwd",
        "https://[1.2.3.4]/",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_webhook(url: str) -> None:
    with pytest.raises(RefusedAddress) as refused:
        endpoint(url, ())
    assert refused.value.hint


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "127.0.1", "0", "0x0", "00", "0177.0.0.1",
        "0x7f.1", "127.0.0.01", "0x7f.0x0.0x0.0x1", "1.1", "16843009", "0x", "256.256.256.256", "4294967296",
        "1.2.3.4.5", "localhost.0x1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("allow", [(), (ip_network("127.0.0.0/8"),)], ids=["public", "own"])
def test_an_address_has_one_spelling(host: str, allow: tuple[Any, ...]) -> None:
    """Resolvers read the others as addresses too (inet_aton); before, they were registered as names."""
    for port in ("", ":8443"):
        with pytest.raises(RefusedAddress, match=r"\(host\).* four decimal numbers"):
            endpoint(f"https://{host}{port}/", allow)


@pytest.mark.parametrize("host", ["a1.example", "1.example", "0x7f.example", "gateway1", "1a", "0xg", "xn--p1ai"])
def test_a_name_may_have_digits(host: str) -> None:
    assert endpoint(f"https://{host}/", ()).host == host


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("HTTPS://a.example/", "scheme"), ("a.example/x", "scheme"), ("", "scheme"), ("https:/a.example", "scheme"),
        ("https://user:pw@a.example/", "user"), ("https://@a.example/", "user"), ("https://a.example/#b", "fragment"),
        ("https://a.example#", "fragment"), ("https://localhost./x", "host"), ("https://b\u00fccher.example/", "host"),
        ("https://[1.2.3.4]/", "host"), ("https:///x", "host"), ("https://a.example:0/", "port"),
        ("https://a.example:/", "port"), ("https://a.example:65536/", "port"), ("https://a.example:\u0663/", "port"),
        ("https://a.example?x", "path"), ("https://a.example/\u00e9", "path"), ("https://a.example/%2", "path"),
        ("https://a.example/" + "a" * 1_000, "too-long"), ("http://a.example/", "without-tls"),
        ("https://10.0.0.1/", "not-public"), ("https://[::1]/", "not-public"),
        *((f"https://a.example/x{each}y", "path") for each in "\"<>\\^`{|} \r\n\x00\x7f"),
    ],
)  # fmt: skip
def test_the_answer_says_why_by_a_code_and_a_sentence(url: str, code: str) -> None:
    with pytest.raises(RefusedAddress, match=rf"cannot be used \({code}\): ") as refused:
        endpoint(url, ())
    assert refused.value.code == code
    assert refused.value.text.endswith(WHY[code])


def test_the_page_for_agencies_has_every_code() -> None:
    table = WHOLE.partition("| code | cause |\n|---|---|\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\|[^|]+\|", table, re.MULTILINE)))) == set(WHY)


def test_a_path_and_a_query_keep_what_rfc_3986_permits() -> None:
    target = "/a-b._~!$&'()*+,;=:@/%20?x=%C3%A9&y=/?"
    assert endpoint(f"https://a.example{target}", ()).target == target


def test_http_is_for_networks_that_the_settings_name() -> None:
    allow = (ip_network("10.0.0.0/8"),)
    assert endpoint("http://10.0.0.1:8080/x", allow) == Endpoint("http", "10.0.0.1", 8080, "/x")
    assert endpoint("http://cases.intranet/x", allow).port == 80  # judged by its address when it is called
    for url, code in (("http://192.168.0.1/", "not-public"), ("http://8.8.8.8/", "public-without-tls")):
        with pytest.raises(RefusedAddress, match=code):
            endpoint(url, allow)
