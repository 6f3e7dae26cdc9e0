"""suar: the secure message bus with which states exchange what they learn about trafficking in persons."""

__version__ = "0.2.0"
