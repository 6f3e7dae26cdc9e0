"""The HTTP routes, one module for each subject.

Imports contract, http and the service; `suar.api.app` puts the routes together.
"""
