"""`suar` with a store in PostgreSQL, which the settings refuse so far: `python -m support.on_postgresql serve`.

What names the store is the setting `store.url`, as it will be.
"""

from suar.cli.main import main
from suar.service.settings import config


def serve_postgresql() -> None:
    """In this process, from now on."""
    assert config.NOT_SERVED
    config.NOT_SERVED = ()


if __name__ == "__main__":
    serve_postgresql()
    main()
