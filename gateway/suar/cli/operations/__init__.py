"""Commands of those who install, upgrade and watch a gateway: a group each, imported when it is run."""
