"""The gateway of one member: it accepts, seals, sends, receives and stores messages, and notifies people.

`core` has the state, changed on one thread and in transactions; `process` starts and stops the gateway and has the
facade for the API and the loops that move objects between the core and the bus. Settings and keys are in `settings`;
each further room has one subject, and imports only rooms before it (pyproject.toml). Imports the packages
federation, bus, store, observe, exchange, languages and protocol, and no API, command or demo.
"""
