"""Common parts of the HTTP server: access, bodies, problem documents, connections and response types.

Imports contract and the service; the calls import it.
"""
