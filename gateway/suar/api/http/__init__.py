"""The HTTP server's common parts: access, bodies, problem documents, connections and the shapes of answers.

Imports the service; the calls import it.
"""
