"""A second NATS server with a copy of what a member's own server has: its configuration, nats.env, its certificate."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from suar.demo.embedded.nats_process import NatsServer


@contextlib.contextmanager
def linked_again(config: Path, environ: Mapping[str, str], folder: Path, name: str) -> Iterator[NatsServer]:
    """Runs within the block, under that name, with ports and a folder of its own; it links to the hub as the member."""
    folder.mkdir()
    text = re.sub(r'^(listen|http): "127\.0\.0\.1:\d+"', r'\1: "127.0.0.1:-1"', config.read_text(), flags=re.MULTILINE)
    text = re.sub(r'(pid_file|ports_file_dir|log_file|store_dir): ".*/([^/]*)"', rf'\1: "{folder}/\2"', text)
    (folder / "ports").mkdir()
    text = re.sub(r'ports_file_dir: ".*"', f'ports_file_dir: "{folder}/ports"', text)
    (folder / "copied.conf").write_text(re.sub(r"^server_name: .*$", f"server_name: {name}", text, flags=re.MULTILINE))
    server = NatsServer(name, folder / "copied.conf", folder, environ)
    server.spawn()
    try:
        yield server
    finally:
        server.kill()
