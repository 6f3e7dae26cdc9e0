"""Forms from the types of the kinds: from a message to fields, and from submitted fields to a message.

Imports the protocol, languages and exchange, and what the service checks of a draft; no other room of the console.
"""
