"""Pages for people, on the API's port below /console: server-rendered, without script where they can be.

Imports protocol, languages, observe, exchange, the examples of standard and the service's facade, as the API does;
never the store, the bus or the core.
"""
