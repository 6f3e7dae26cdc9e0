"""How long a test waits for what comes at once: never how fast anything is, only the end of a test that hangs."""

from typing import Final

PATIENCE: Final = 120.0  # seconds; a busy machine takes many times as long as a quiet one
