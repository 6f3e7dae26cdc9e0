"""The gateway of one member: what it accepts, seals, sends, receives, stores and tells people.

`core.py` has the state, changed on one thread and in transactions; `gateway.py` is what the API calls; the modules
`loop_*` move objects between the core and the bus; `run.py` starts and stops the process. Settings are in `config.py`,
the member's keys in `keyring.py`. Imports no API, command or demo.
"""
