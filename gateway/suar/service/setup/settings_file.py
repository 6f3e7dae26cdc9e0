"""Changes of suar.toml by a command: a key is set in its section; comments and other keys stay."""

from collections.abc import Mapping
from pathlib import Path

from suar.federation.plan import Plan
from suar.files import atomic_write, read
from suar.service.settings.config import CONFIG


def follow_plan(state: Path, plan: Plan, code: str) -> bool:
    """Set the values of suar.toml that follow from the plan: the member's server, its monitor and certificate, two
    hubs.

    Returns whether the certificate is among them: the operator has to put a name that is no full path in its folder.
    """
    member = plan.member(code)
    bus: dict[str, object] = {"url": member.url, "monitor_port": member.monitor_port}
    if member.client_tls is not None:
        bus["tls_ca_file"] = member.client_tls.ca_file
    if member.monitor_url:
        bus["monitor_url"] = member.monitor_url
    if plan.hubs:
        bus["two_hubs"] = True
    is_placed = Path(member.tls.cert_file).is_absolute()
    if is_placed:
        bus["leaf_cert_file"] = member.tls.cert_file
    set_values(state / CONFIG, {"bus": bus})
    return is_placed


def set_values(file: Path, values: Mapping[str, Mapping[str, object]]) -> None:
    """Set keys by section in the settings file, in one step; a section that is not there is added at the end."""
    import tomlkit  # only for the commands that edit
    from tomlkit.items import Table

    document = tomlkit.parse(read(file, "the settings").decode())
    for section, keys in values.items():
        table = document.get(section)
        if not isinstance(table, Table):
            table = tomlkit.table()
        for key, value in keys.items():
            table[key] = value
        if keys and section not in document:
            document.add(section, table)
    atomic_write(file, tomlkit.dumps(document).encode())
