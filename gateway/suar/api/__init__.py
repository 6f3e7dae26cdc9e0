"""The local HTTP interface.

Imports the service, whose facade it calls, and of store, standard, languages, exchange, observe and protocol what its
answers are made of; never the console or a command.
"""
