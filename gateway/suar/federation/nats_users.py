"""Keys for NATS: of a user, and of a server's storage."""

import secrets

import nkeys


def new_js_key() -> str:
    """Return a key for JetStream's encryption at rest.

    It begins with a letter, so that the config parser reads it as text.
    """
    return "k" + secrets.token_hex(32)


def new_nkey() -> tuple[bytes, str]:
    """Return (seed, public nkey) of a new NATS user."""
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    return seed, public_nkey(seed)


def public_nkey(seed: bytes) -> str:
    """Return the public nkey ("U...") of a user's seed. Raises ValueError for what is no seed of one."""
    try:
        public: str = nkeys.from_seed(bytearray(seed)).public_key.decode()
    except (nkeys.NkeysError, ValueError, TypeError, IndexError) as error:
        raise ValueError("no seed of a NATS user") from error
    if not public.startswith("U"):
        raise ValueError("no seed of a NATS user")
    return public
