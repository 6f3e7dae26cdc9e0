"""Titles of laws, their addresses in the web, and a contact's mail: what leads to a person there, and what passes."""

import json
from typing import Any

import pytest

from protocol.privacy.laws import CASES, TITLES
from suar.protocol.message.messages import read
from suar.protocol.privacy.identifiers.addresses import in_url, is_personal
from suar.protocol.privacy.names.persons import in_title
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import judge
from suar.published import schemas_dir


def example(name: str, **changes: Any) -> Any:
    tree = json.loads((schemas_dir() / "examples" / "valid" / f"{name}.json").read_bytes())
    return read(json.dumps({**tree, **changes}, ensure_ascii=False, separators=(",", ":")).encode())


@pytest.mark.parametrize("title", CASES)
def test_a_name_in_a_title_is_held(title: str) -> None:
    assert in_title(plain(title))


def test_titles_of_laws_pass_but_for_one_in_twenty() -> None:
    against = [(title, found) for title in TITLES if (found := in_title(plain(title)))]
    assert len(TITLES) >= 60
    assert len(against) <= 0.05 * len(TITLES), against


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("citation", "Criminal case, Somchai Jaidee, victim Maria Santos Reyes", "$.citation"),
        ("amends", ["Act 1", "นางสาวมะลิ ใจดี"], "$.amends[1]"),
        ("repeals", ["Order concerning Mr Somchai Jaidee"], "$.repeals[0]"),
    ],
)
def test_each_title_of_a_law_is_looked_through(field: str, value: Any, path: str) -> None:
    state = {"state": "repealed", "repealed": "2026-01-01"} if field == "repeals" else {}
    opinion = judge(example("legislation-expanded-act", **{field: value}, **state))
    assert opinion.verdict == "hold"
    assert [(reason.code, reason.path) for reason in opinion.reasons] == [("E-PRIVACY-NAME", path)]


@pytest.mark.parametrize(
    ("url", "kinds"),
    [
        (
            "https://facebook.com/somchai.jaidee?tel=0812345678&pos=13.7563,100.5018#x",
            {"handle", "telephone", "position"},
        ),
        ("https://example.gov/law?tel=0812345678", {"telephone"}),
        ("https://example.gov/law?tel=%2B66%2081%20234%205678", {"telephone"}),
        ("https://example.gov/law/0812345678", {"telephone"}),
        ("https://example.gov/law?q=%250812345678&t=%25%330812345678&c=+66812345678", {"telephone"}),
        ("https://example.gov/map?pos=13.7563,100.5018", {"position"}),
        ("https://example.gov/maps/@13.7563,100.5018,17z", {"position"}),
        ("https://example.gov/maps/data=!3d13.7563!4d100.5018", {"position"}),
        ("https://example.gov/13.75631%2C100.50182", {"position"}),
        ("https://example.gov/law?by=somchai%40example.org", {"mail address"}),
        ("https://example.gov/@somchai", {"handle"}),
        ("https://example.gov/law#passport=AB1234567", {"passport"}),
        ("https://m.facebook.com/profile.php?id=1", {"handle"}),
        ("https://WWW.Facebook.com:443/somchai.jaidee", {"handle"}),
        ("https://x.com/somchai", {"handle"}),
        ("https://t.me/somchai", {"handle"}),
        ("https://wa.me/66812345678", {"handle"}),
        ("https://line.me?ti=somchai", {"handle"}),
        ("https://example.gov/go?to=https%3A%2F%2Ftiktok.com%2Fsomchai", {"handle"}),
        ("https://example.gov/go?to=https%253A%252F%252Ft.me%252Fsomchai", {"handle"}),
        ("https://example.gov/\uff46.html", set()),
    ],
)
def test_what_leads_to_a_person_in_an_address_is_found(url: str, kinds: set[str]) -> None:
    assert {found.kind for found in in_url(url)} == kinds


@pytest.mark.parametrize(
    "url",
    [
        "https://example.gov/ra-11862",
        "https://www.officialgazette.gov.ph/2003/05/26/republic-act-no-9208-s-2003/",
        "https://www.ratchakitcha.soc.go.th/DATA/PDF/2551/A/029/28.PDF",
        "https://thuvienphapluat.vn/van-ban/Trach-nhiem-hinh-su/Luat-53-2024-QH15-566936.aspx",
        "https://sso.agc.gov.sg/Act/PHTA2014?WholeDoc=1#pr3-",
        "https://peraturan.bpk.go.id/Details/39849/uu-no-21-tahun-2007",
        "https://www.ilo.org/dyn/natlex/natlex4.detail?p_lang=en&p_isn=110272&p_country=LAO",
        "https://treaties.un.org/Pages/ViewDetails.aspx?src=TREATY&mtdsg_no=XVIII-12-a&chapter=18&clang=_en",
        "https://lom.agc.gov.my/act-detail.php?act=670&lang=BI&date=28-02-2022",
        "https://example.gov/doc/1700000000000/20240115/123-456-789.pdf",
        "https://box.com/law.pdf",
        "https://facebook.com.example.gov/",
        "https://example.gov/search?q=facebook.com",
        "https://facebook.com/",
    ],
)
def test_the_address_of_a_law_passes(url: str) -> None:
    assert in_url(url) == ()


def test_an_address_is_refused_by_its_path() -> None:
    opinion = judge(example("legislation-expanded-act", url="https://facebook.com/somchai.jaidee"))
    assert opinion.verdict == "refuse"
    assert [(reason.code, reason.path) for reason in opinion.reasons] == [("E-PRIVACY-IDENTIFIER", "$.url")]


@pytest.mark.parametrize(
    ("mail", "is_persons"),
    [
        ("somchai.jaidee@gmail.com", True),
        ("Somchai_J@Yahoo.co.th", True),
        ("maria1990@hotmail.com", True),
        ("nguyen@outlook.com.vn", True),
        ("mali@proton.me", True),
        ("12345678@qq.com", True),
        ("shelterbkk@gmail.com", False),
        ("tip-desk.th@yahoo.com", False),
        ("info@gmail.com", False),
        ("hotline1300@gmail.com", False),
        ("rumahaman@gmail.com", False),
        ("somchai.jaidee@police.example", False),
        ("somchai@gmail.com.example", False),
    ],
)
def test_a_mail_address_of_a_person(mail: str, is_persons: bool) -> None:
    assert is_personal(mail) == is_persons


def test_the_mail_of_a_contact_is_held() -> None:
    name = next(path.stem for path in sorted((schemas_dir() / "examples" / "valid").glob("contact-*.json")))
    opinion = judge(example(name, email=["desk@example.org", "somchai.jaidee@gmail.com"]))
    assert opinion.verdict == "hold"
    assert ("E-PRIVACY-NAME", "$.email[1]") in [(reason.code, reason.path) for reason in opinion.reasons]


def test_hostile_addresses_end_in_time() -> None:
    for part in ("%25", "a.", "facebook.com", "1-", "0812345678/", "@a", "!3d1", "t.me/"):
        in_url(f"https://example.gov/{part * (280 // len(part))}")
    for text in ("A v. " * 40, "victim " * 28, "Aa " * 66, "victim Aa " * 20):
        in_title(text)
