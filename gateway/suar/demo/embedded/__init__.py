"""An embedded federation: real NATS servers, a real ceremony and gateways as processes.

Imports the federation, the bus and the service; the story and the benchmarks import it.
"""
