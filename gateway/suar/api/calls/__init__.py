"""The HTTP routes, one module for each subject.

Imports `suar.api.http` and the service; `suar.api.app` puts the routes together.
"""
