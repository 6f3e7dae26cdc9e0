"""Accounts without the end of their address, of digits, with other names of networks, and without any."""

from itertools import product

import pytest

from protocol.privacy.test_texts import opinion

ACCOUNTS = ["malee99", "nok_09", "malee.k9"]


@pytest.mark.parametrize(
    "form",
    [
        "her gmail is {}",
        "Douyin ID is {}",
        "her weibo is {}",
        "ဖေ့စ်ဘွတ်ခ် {}",
        "ဖေ့စ်ဘုတ်ခ် {}",
        "တစ်တော့ခ် {}",
        "VX: {}",
        "薇信{}",
        "LINE@{}",
        "tik tok: {}",
    ],
)
def test_an_account_behind_another_name_of_a_network_is_refused(form: str) -> None:
    for account in ACCOUNTS:
        assert opinion(form.format(account)) == "refuse", form.format(account)


@pytest.mark.parametrize(
    "text",
    [
        "Douyin ID malee99",
        "抖音号：12345678",
        "小红书号 942312345",
        "QQ number 12345678",
        "扣扣 12345678",
        "12345678@qq",
    ],
)
def test_so_is_one_of_digits(text: str) -> None:
    assert opinion(text) == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "malee99@gmail",
        "e-mail malee99 at hotmail",
        "Weibo malee99",
        "wx malee99",
        "加v malee99",
        "nok09 is her IG",
        "nok09, her Instagram",
        "เฟสน้อง malee99",
        "IG น้อง nok09",
        "FB នាង malee99",
        "tik tok malee99",
        "YouTube channel malee99",
        "tele: malee99",
        "Her WeChat is malee",
        "her Telegram is nok",
        "TikTok @ malee99",
        "LINE Official: @msociety1300",
        "LINE @ministry",
        "官方账号：@msociety1300",
        "The girl's Instagram is malee, she said.",
    ],
)
def test_another_may_be_one_and_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "word", ["username", "user name", "her nick", "account", "the account is", "akun", "tài khoản", "conta"]
)
def test_one_without_the_name_of_a_network_is_held(word: str) -> None:
    for account, (before, behind) in product(ACCOUNTS, [(" ", ""), (": ", ""), (' "', '"'), (" “", "”")]):
        assert opinion(word + before + account + behind) == "hold", word + before + account + behind


@pytest.mark.parametrize(
    "text",
    [
        "Her WeChat is blocked.",
        "His Facebook is public.",
        "The Telegram is used by recruiters.",
        "Their Instagram was closed, and the page is gone.",
        "Accounts on Weibo and Douyin were closed.",
        "Write to a gmail address of the ministry.",
        "In the account, phase2 is described.",
        "A user name is asked for.",
        "On this account covid19 is named.",
        "抖音上的招聘广告增加了。",
        "微博账号被封了",
        "抖音：12345678人看过",
        "Akun palsu di TikTok bertambah.",
        "Tài khoản giả trên Zalo tăng.",
        "Contas falsas no Facebook aumentaram.",
    ],
)
def test_what_is_no_account_passes(text: str) -> None:
    assert opinion(text) == "pass"
