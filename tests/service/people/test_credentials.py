"""Passwords, TOTP, recovery codes."""

import re

import pyotp
import pytest

from suar.protocol.base.errors import Fault
from suar.service.people import credentials as c

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = 1_800_000_000_000
STEP = NOW // c.STEP


def code(step: int) -> str:
    return pyotp.TOTP(SECRET).generate_otp(step)


def test_a_password_is_kept_as_argon2id_of_sixty_four_mebibytes() -> None:
    hashed = c.hash_password("twelve chars")
    assert hashed.startswith(b"$argon2id$v=19$m=65536,t=3,p=1$")
    assert c.is_password(hashed, "twelve chars")
    assert not c.is_password(hashed, "twelve charS")
    assert c.hash_password("twelve chars") != hashed


@pytest.mark.parametrize("password", ["eleven char", "x" * 1025, "ñ" * 600])
def test_too_short_and_too_long_are_refused(password: str) -> None:
    with pytest.raises(Fault):
        c.hash_password(password)


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaa", "passwordpassword", "PassWordpasSword", "abcabcabcabc", "reyesreyesreyes", "Reyes12reyes1"],
)
def test_what_anybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(c.WeakPassword):
        c.hash_password(password, "reyes")


def test_a_long_text_with_the_name_in_it_is_a_password() -> None:
    assert c.hash_password("reyes walks to the pier", "reyes")


def test_a_code_is_good_one_step_around_now_and_no_further() -> None:
    assert [step for step in range(STEP - 4, STEP + 5) if c.totp_step(SECRET, code(step), NOW, 0)] == [
        STEP - 1, STEP, STEP + 1,
    ]  # fmt: skip


def test_a_step_that_was_used_is_not_good_again_nor_is_one_before_it() -> None:
    assert c.totp_step(SECRET, code(STEP), NOW, STEP - 1) == STEP
    assert c.totp_step(SECRET, code(STEP), NOW, STEP) is None
    assert c.totp_step(SECRET, code(STEP - 1), NOW, STEP) is None
    assert c.totp_step(SECRET, code(STEP + 1), NOW, STEP) == STEP + 1


@pytest.mark.parametrize("value", ["", "12345", "1234567", "abcdef", "１２３４５６", "0" * 5000, "\0", "é"])
def test_what_is_no_code_is_none(value: str) -> None:
    assert c.totp_step(SECRET, value, NOW, 0) is None


def test_recovery_codes_are_ten_different_ones_however_they_are_typed() -> None:
    codes = c.new_recovery_codes()
    assert len(set(codes)) == c.RECOVERY_CODES
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", each) for each in codes)
    assert c.recovery_hash(codes[0].upper().replace("-", " ")) == c.recovery_hash(codes[0])
    assert len({c.recovery_hash(each) for each in codes}) == c.RECOVERY_CODES


def test_the_authenticator_reads_who_and_where() -> None:
    parsed = pyotp.parse_uri(c.totp_uri(SECRET, "maria", "PH"))
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.issuer, parsed.name, parsed.secret, parsed.digits, parsed.interval) == (
        "suar", "PH maria", SECRET, 6, 30,
    )  # fmt: skip


def test_the_token_of_a_form_says_nothing_of_its_session() -> None:
    secret = c.new_secret()
    assert c.csrf_of(secret) != c.session_hash(secret).hex()
    assert len({c.csrf_of(secret), c.session_hash(secret).hex(), c.link_hash(secret).hex()}) == 3
