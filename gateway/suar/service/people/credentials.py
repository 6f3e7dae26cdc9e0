"""Passwords, TOTP, recovery codes and links: how each is made, kept and checked.

A password is kept as argon2id. TOTP is RFC 6238 with SHA-1, six digits and steps of 30 seconds, which every
authenticator has. Links, sessions and recovery codes are random, so a plain labelled hash keeps them.
"""

import secrets
from typing import Final

import pyotp
from nacl import exceptions, pwhash

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import hash_, is_equal

PASSWORD_MIN: Final = 12
LETTERS_MIN: Final = 5
"""Different characters that a password needs besides the user's name."""
PASSWORD_MAX: Final = 1_024  # bytes; more is refused before it is hashed
OPERATIONS: Final = 3
MEMORY: Final = 64 * 1024 * 1024  # bytes of one hash: about 0.1 s, and two run at once
STEP: Final = 30 * limits.SECOND
WINDOW: Final = 1  # steps that the clock of a telephone may be off, to either side
RECOVERY_CODES: Final = 10
_CODE_BYTES: Final = 10  # 80 bits: too many to try
_ISSUER: Final = "suar"


class WeakPassword(Fault):
    """It is long enough, and yet the first that anybody tries."""


def hash_password(password: str, user: str = "") -> bytes:
    """The argon2id hash of a password of `user`, with its salt and cost. Fault for one that is too short or too long.

    Otherwise only this counts: it is not a short text repeated, and not the user's name (WeakPassword). Rules about
    characters make passwords that people write down.
    """
    if len(password) < PASSWORD_MIN:
        raise Fault(f"the password has fewer than {PASSWORD_MIN} characters", "several words are easy to remember")
    data = password.encode()
    if len(data) > PASSWORD_MAX:
        raise Fault("the password is too long", f"use at most {PASSWORD_MAX} bytes")
    if _is_weak(password.casefold(), user.casefold()):
        raise WeakPassword(
            "the password repeats a short text, or is the user's name", "several words are easy to remember"
        )
    return pwhash.argon2id.str(data, opslimit=OPERATIONS, memlimit=MEMORY)


def _is_weak(password: str, user: str) -> bool:
    """Whether it repeats a text, or has fewer than LETTERS_MIN different characters without the user's name."""
    rest = password.replace(user, "") if user else password
    return len(set(rest)) < LETTERS_MIN or password in (password + password)[1:-1]


def is_password(hashed: bytes, password: str) -> bool:
    """Whether it is the password; it costs the same for a wrong one."""
    data = password.encode("utf-8", "replace")[:PASSWORD_MAX]
    try:
        return pwhash.verify(hashed, data)
    except exceptions.InvalidkeyError:
        return False


def nobodys_password() -> bytes:
    """A hash that no password has; it is checked if there is no such person."""
    return hash_password(secrets.token_urlsafe(32))


def new_totp() -> str:
    """A TOTP secret of 160 bits, in base32."""
    return pyotp.random_base32()


def totp_uri(secret: str, user: str, member: str) -> str:
    """What an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=f"{member} {user}", issuer_name=_ISSUER)


def totp_code(secret: str, step: int) -> str:
    """What an authenticator shows in a step."""
    return pyotp.TOTP(secret).generate_otp(step)


def totp_step(secret: str, code: str, now: int, used: int) -> int | None:
    """Return the step whose code was entered, of those around `now` (ms) after `used`; None when the code is of none.

    All steps are compared, so that the time discloses nothing. A person with a passkey and no authenticator has no
    code.
    """
    if not secret:
        return None
    otp, current, found = pyotp.TOTP(secret), now // STEP, None
    for step in range(current - WINDOW, current + WINDOW + 1):
        is_it = is_equal(otp.generate_otp(step).encode(), code.encode("utf-8", "replace")[:16].ljust(6))
        if is_it and step > used:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Ten codes, each good once in the place of TOTP: four groups of four letters and digits."""
    return [_grouped(secrets.token_bytes(_CODE_BYTES)) for _ in range(RECOVERY_CODES)]


def _grouped(data: bytes) -> str:
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
    number = int.from_bytes(data, "big")
    letters = []
    for _ in range(16):
        number, rest = divmod(number, len(alphabet))
        letters.append(alphabet[rest])
    return "-".join("".join(letters[at : at + 4]) for at in range(0, 16, 4))


def recovery_hash(code: str) -> bytes:
    """The 32 bytes that are kept of a recovery code; blanks, dashes and case do not count."""
    return hash_("recovery", "".join(code.lower().split()).replace("-", "").encode())


def new_secret() -> str:
    """256 random bits for a link or a session, in 43 url-safe characters."""
    return secrets.token_urlsafe(32)


def link_hash(link: str) -> bytes:
    """The 32 bytes that are kept of a link."""
    return hash_("link", link.encode())


def session_hash(session: str) -> bytes:
    """The 32 bytes that are kept of a session."""
    return hash_("session", session.encode())


def csrf_of(session: str) -> str:
    """The token in every form of a session; who knows it does not know the session."""
    return hash_("csrf", session.encode()).hex()
