"""How tests call what listens on loopback, and how long they wait for what comes at once."""

import ssl
from typing import Final

PATIENCE: Final = 120.0  # seconds; a busy machine takes many times as long as a quiet one
"""Never how fast anything is, only the end of a test that hangs."""
PLAIN: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of http://: without it each reads the machine's authorities, which takes milliseconds. Of https:// it
verifies nothing, so that such a call fails."""
