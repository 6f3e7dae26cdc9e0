"""A subdivision is chosen by its name, and whom a text is for is asked in one way, with what that means beside."""

import html
import json
import re
from typing import Any

import pytest

from console.test_forms import MANILA, setting
from console.test_messages import begun, desk, fields  # noqa: F401
from suar.console.forms import table_words
from suar.console.forms.decode import decode
from suar.console.forms.plan import form
from suar.console.views.drafting import form_hints, form_labels
from suar.languages.cldr.subdivisions import NAMES, NATIVE, code_of, similar, with_name
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from suar.protocol.message.kinds import PUBLISHED
from support.console import Browser, Desk, browser
from support.form_pairs import pairs_of


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("Chiang Mai (TH-50)", "", "TH-50"), ("TH-50", "", "TH-50"), ("th-50", "", "TH-50"),
        ("chiang mai", "TH", "TH-50"), (" Chiang Mai ", "", "TH-50"), ("Lao Cai", "VN", "VN-02"),
        ("Đắk Lắk", "VN", "VN-33"), ("dak lak", "VN", "VN-33"), ("Bali (XX-9)", "ID", "XX-9"),
        ("Maluku", "ID", None), ("Atlantis", "TH", None), ("", "TH", None),
        ("เชียงใหม่", "", "TH-50"), ("จังหวัดตาก", "TH", "TH-63"), ("จ. ตาก", "LA", "TH-63"), ("กทม.", "TH", "TH-10"),
        ("เชียงใหม่ (TH-50)", "", "TH-50"), ("ខេត្ត\u200bកំពង់ចាម", "", "KH-3"), ("រាជធានីភ្នំពេញ", "", "KH-12"),
        ("កណ\u17d2\u178fាល", "", "KH-8"), ("កណ\u17d2\u178aាល", "", "KH-8"), ("ແຂວງວຽງຈັນ", "", "LA-VI"),
        ("ນະຄອນຫລວງວຽງຈັນ", "", "LA-VT"), ("ຫຼວງນ\u0ec9\u0eb3ທາ", "", "LA-LM"), ("ຫຼວງນ\u0ecd\u0ec9າທາ", "", "LA-LM"),
        ("ရန်ကုန်တိုင်းဒေသကြီး", "", "MM-06"), ("ရှမ်း ပြည်နယ်", "", "MM-17"), ("จังหวัด", "TH", None), ("ပြည်နယ်", "", None),
    ],
)  # fmt: skip
def test_a_name_a_code_or_both_are_the_code(text: str, country: str, code: str | None) -> None:
    assert code_of(text, country) == code


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("Bangkok", "", "TH-10"), ("Suratthani", "TH", "TH-84"),
        ("Chiang Mai Province", "", "TH-50"), ("Tak province", "", "TH-63"),
        ("Bandar Seri Begawan", "", "BN-BM"),
        ("Jakarta", "", "ID-JK"), ("phnom penh", "", "KH-12"), ("Siem Reap", "", "KH-17"),
        ("Vientiane Capital", "", "LA-VT"),
        ("Vientiane Province", "", "LA-VI"), ("Vientiane", "LA", None),
        ("Naypyidaw", "", "MM-18"), ("Shan State", "", "MM-17"),
        ("Rangoon", "", "MM-06"), ("Kuala Lumpur", "", "MY-14"),

        ("Penang", "", "MY-07"), ("Metro Manila", "", "PH-00"), ("Bicol Region", "", "PH-05"), ("Dili", "", "TL-DI"),

        ("Hanoi", "", "VN-HN"), ("Saigon", "", "VN-SG"), ("Ba Ria-Vung Tau", "VN", "VN-43"), ("Papua", "ID", None),
    ],
)  # fmt: skip
def test_other_names_in_english_use_are_known(text: str, country: str, code: str | None) -> None:
    assert code_of(text, country) == code
    assert table_words.code_of(table_words.PLACE, text) == code


@pytest.mark.parametrize(
    ("text", "country", "codes"),
    [
        ("Chang Mai", "TH", ["TH-50", "TH-57"]), ("Vientiane", "LA", ["LA-VT", "LA-VI"]), ("Bangkkok", "TH", ["TH-10"]),
        ("Chiang Mai", "KH", []), ("Hanoy", "", ["VN-HN"]), ("", "TH", []),
    ],
)  # fmt: skip
def test_similar_names_are_those_of_the_country(text: str, country: str, codes: list[str]) -> None:
    assert similar(text, country)[: len(codes) or None] == codes


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("Bankok", "choose one of the list; similar names: Krung Thep Maha Nakhon (TH-10)"),
        ("Zzyzx", "choose one of the list"),
    ],
)  # fmt: skip
async def test_an_unknown_name_is_said_as_unknown_with_similar_ones(
    desk: Desk, author: Browser, typed: str, hint: str  # noqa: F811
) -> None:  # fmt: skip
    path = await begun(author)
    page = (await author.get(f"{path}?add=places")).text
    location_fields = {"places[0].role": "transit", "places[0].country": "TH", "places[0].admin1": typed}
    await author.post(path, {**fields(page), **location_fields, "do": "review"})
    page = html.unescape((await author.get(f"{path}?check=1")).text)
    assert "this name is not known" in page
    assert hint in page
    assert "too long" not in page
    assert "a subdivision of ISO 3166-2" not in page


@pytest.mark.parametrize("tag", ["en", *NATIVE])
def test_every_name_that_is_offered_is_its_code(tag: str) -> None:
    assert {code: code_of(with_name(code, tag), "") for code in NAMES} == {code: code for code in NAMES}
    assert {name: code_of(name, "") for name in NATIVE.get(tag, {}).values()} == {
        name: code for code, name in NATIVE.get(tag, {}).items()
    }


def location(**changes: str) -> dict[str, Any]:
    known = {"role": "transit", "country": "TH"} | changes
    sent = [(f"places[0].{key}", value) for key, value in known.items()]
    (found,) = decode("alert", sent, MANILA)["places"]
    return dict(found)


def test_a_form_keeps_the_code_and_what_is_none_as_it_was_typed() -> None:
    assert location(admin1="Chiang Mai")["admin1"] == "TH-50"
    assert location(admin1="Atlantis")["admin1"] == "Atlantis"  # the gateway says what is wrong with it
    assert "admin1" not in location(admin1="")
    tree = {"places": [{"role": "transit", "country": "TH", "admin1": value} for value in ("TH-50", "ZZ-1", "nowhere")]}
    again = decode("alert", list(pairs_of(form("alert", tree, setting()))), MANILA)
    assert again["places"] == tree["places"]


@pytest.mark.parametrize("lang", ["en", "km"])
async def test_provinces_are_offered_by_name_without_a_script(desk: Desk, author: Browser, lang: str) -> None:  # noqa: F811
    await desk.gateway.people.set_preferences("reyes", lang, "UTC")
    path = await begun(author)
    blank = (await author.get(path)).text
    assert "<datalist" not in blank  # no row of a place yet
    led = (await author.post(path, {**fields(blank), "do": "add places"})).headers["location"]
    page = (await author.get(led)).text
    offered = [html.unescape(each) for each in re.findall(r"<option>([^<]*)", page.partition("<datalist")[2])]
    assert set(offered) == {with_name(code, lang) for code in NAMES}
    assert ("ភ្នំពេញ (KH-12)" in offered) == (lang == "km")
    field = re.search(r'<input id="places-0-admin1"[^>]*>', page)
    assert field is not None
    assert 'list="subdivisions"' in field[0]
    assert "maxlength" not in field[0]
    filled = {"places[0].role": "transit", "places[0].country": "TH", "places[0].admin1": "Chiang Mai (TH-50)"}
    await author.post(path, {**fields(page), **filled, "do": "save"})
    kept = json.loads((await desk.gateway.desk.drafts())[0]["content"])["tree"]["places"]
    assert kept == [{"role": "transit", "country": "TH", "admin1": "TH-50"}]
    assert 'value="Chiang Mai (TH-50)"' in (await author.get(path)).text


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("kind", PUBLISHED)
def test_each_kind_asks_whom_it_is_for_in_the_same_words(kind: str, tag: str) -> None:
    known = names(tag)
    wanted = setting(tag, labels=form_labels(known), hints=form_hints(known))
    audience = next(field for part in form(kind, {}, wanted) for field in part.fields if field.name == "audience")
    words = known.words.console
    assert audience.label == words("audience")
    assert [(each.label, each.hint) for each in audience.parts] == [
        (words(f"audience-{key}"), words(f"audience-{key}-hint")) for key in ("members", "sectors")
    ]


async def test_the_page_has_them_beside_the_choices(desk: Desk) -> None:  # noqa: F811
    async with browser(desk) as visit:
        await visit.sign_in("reyes")
        page = (await visit.get(await begun(visit))).text
    whom = page.partition('id="audience"')[2]
    for key in ("members", "sectors"):
        group = re.search(rf'<fieldset [^>]*id="audience-{key}"[^>]*aria-describedby="audience-{key}-hint ?"', whom)
        assert group is not None, key
        assert f'id="audience-{key}-hint"' in whom
    assert "A member that is not chosen never gets it." in whom
