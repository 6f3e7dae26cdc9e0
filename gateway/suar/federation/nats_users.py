"""Keys for NATS: of a user, and of a server's store."""

import secrets

import nkeys


def new_js_key() -> str:
    """A key for JetStream's encryption at rest; a letter comes first, or the config parser may read it as a number."""
    return "k" + secrets.token_hex(32)


def new_nkey() -> tuple[bytes, str]:
    """(seed, public nkey) of a new NATS user."""
    seed: bytes = nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)
    public: str = nkeys.from_seed(bytearray(seed)).public_key.decode()
    return seed, public
