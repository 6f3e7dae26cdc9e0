"""The gateway's loops, its configuration and its keyring."""
