"""The gateway of one member: what it accepts, seals, sends, receives, stores and tells people.

`core` has the state, changed on one thread and in transactions; `process` starts and stops everything, has what the API
calls and the loops that move objects between the core and the bus. Settings and keys are in `settings`; each further
room has one subject, and imports only rooms before it (pyproject.toml). Imports no API, command or demo.
"""
