"""`suar federation nats|streams`: the NATS servers of the federation, for the operators who run them."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, Literal

import rich_click as click

from suar.cli.base.common import (
    MemberCode,
    PathType,
    command,
    json_option,
    passphrase_option,
    print_notice,
)
from suar.cli.federation.seeds import is_on_command_line, keyring_seeds, seed_of, watch_seeds
from suar.cli.federation.steps import Progress
from suar.federation import plan as plans
from suar.federation.plan import Plan
from suar.files import PUBLIC, atomic_write
from suar.protocol.base.errors import Fault
from suar.protocol.base.link_names import LETTERS, HubLink

HUB_ACTIONS: Final = ("found", "join", "suspend", "return", "expel", "pass-over", "watch")
MEMBER_ACTIONS: Final = ("found", "watch")
OF_A_MEMBER: Final = ("join", "suspend", "return", "expel", "pass-over")

_hub = click.option("--hub", "is_hub", is_flag=True, help="Act on the hub.")
_line = click.option(
    "--line",
    type=click.Choice(LETTERS),
    envvar="SUAR_NATS_LINE",
    help="With --hub, where the plan has two: which of them. Default: SUAR_NATS_LINE.",
)
_member = click.option("--member", "code", type=MemberCode(), help="Act on this member's national server.")
_plan = click.option(
    "--plan", "plan_file", type=PathType, envvar="SUAR_NATS_PLAN", help="The NATS plan. Default: SUAR_NATS_PLAN."
)
_seed = click.option(
    "--seed-file",
    type=PathType,
    envvar="SUAR_NATS_SEED_FILE",
    help="The administrator's nkey seed; for watch at a member, the watchdog's. Default: SUAR_NATS_SEED_FILE.",
)
_admin_seed = click.option(
    "--admin-seed-file",
    type=PathType,
    envvar="SUAR_NATS_ADMIN_SEED_FILE",
    help="For watch at a member: the administrator's nkey seed, used only to restart a stopped source.",
)
_sys_seed = click.option(
    "--sys-seed-file",
    type=PathType,
    envvar="SUAR_NATS_SYS_SEED_FILE",
    help="The hub's nkey seed for the account SYS, to reload and disconnect. Default: SUAR_NATS_SYS_SEED_FILE.",
)
_state = click.option(
    "--state", type=PathType, help="A member's state folder, whose keyring contains the seeds; replaces --seed-file."
)


@command("nats", example="suar federation nats --member TH --plan PLAN.toml -o /etc/nats")
@_hub
@_line
@_member
@_plan
@click.option("-o", "--output", type=PathType, help="The folder for hub.conf or <cc>.conf.")
@click.option(
    "--keygen", type=PathType, help="With --hub: create nkeys and JS_KEY in this new folder; print the plan's lines."
)
@click.option(
    "--state",
    type=PathType,
    help="With --member: also set what of its suar.toml follows from the plan, in this folder.",
)
def nats(
    is_hub: bool, line: str | None, code: str | None, plan_file: Path | None, output: Path | None,
    keygen: Path | None, state: Path | None,
) -> None:  # fmt: skip
    """Write the configuration of the hub or of a national NATS server, for `nats-server -c`.

    It contains no secret: the server reads JS_KEY, and a member's LINK_SEED, from its environment (STATE/nats.env).
    With --state it also sets what follows from the plan in the gateway's [bus]: url, the monitor, leaf_cert_file.
    """
    from suar.federation.hub_config import hub_config
    from suar.federation.nats_config import member_config

    _one_side(is_hub, code, line)
    if keygen is not None:
        _keygen(is_hub, keygen)
        return
    plan = _load(plan_file)
    if output is None:
        raise click.UsageError("missing option '-o'")
    if state is not None and code is None:
        raise click.UsageError("'--state' is a member's")
    if is_hub:
        plan = plan.at(HubLink(line or ""))
    text = hub_config(plan) if code is None else member_config(plan, code)
    output.mkdir(parents=True, exist_ok=True)
    path = output / (f"{plan.hub.name}.conf" if code is None else f"{code.lower()}.conf")
    atomic_write(path, text.encode(), PUBLIC)
    print_notice(f"wrote {path}; with the secrets in the environment, check it: nats-server -t -c {path}")
    if state is not None and code is not None:
        _follow(state, plan, code)


def _follow(state: Path, plan: Plan, code: str) -> None:
    from suar.service.setup.settings_file import follow_plan

    member = plan.member(code)
    monitor = "bus.monitor_url" if member.monitor_url else "bus.monitor_port"
    written = f"bus.url and {monitor}"
    if follow_plan(state, plan, code):
        written = f"bus.url, {monitor} and bus.leaf_cert_file"
    else:
        print_notice(f"set bus.leaf_cert_file yourself: {member.tls.cert_file} in the plan is not a full path")
    print_notice(f"wrote {written} to the settings in {state}; start the gateway again")


@command("streams", example="suar federation streams --hub --plan PLAN.toml join XA")
@_hub
@_line
@_member
@_plan
@_seed
@_admin_seed
@_sys_seed
@_state
@passphrase_option
@click.option("--wait", type=float, default=45.0, show_default=True, help="Seconds to wait for the other side.")
@click.option(
    "--metrics",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="For watch at the hub: serve metrics for Prometheus on 127.0.0.1:PORT; 0: the system chooses.",
)
@json_option
@click.argument("action", type=click.Choice(HUB_ACTIONS), default="found")
@click.argument("of", type=MemberCode(), required=False, metavar="[CC]")
def streams(
    is_hub: bool,
    line: str | None,
    code: str | None,
    plan_file: Path | None,
    seed_file: Path | None,
    admin_seed_file: Path | None,
    sys_seed_file: Path | None,
    state: Path | None,
    passphrase_file: Path | None,
    wait: float,
    metrics: int | None,
    as_json: bool,
    action: str,
    of: str | None,
) -> None:
    """Create or correct streams, consumers and sources; connect and disconnect members; watch the sources.

    \b
    found         create or correct everything; can be repeated at any time; at a member it waits for the hub
    join CC       connect a member whose entry is in the plan to the hub, without interrupting the others
    suspend CC    disconnect a member from the hub now, and record this in the plan
    return CC     connect a suspended member again
    expel CC      disconnect a member, and delete its source, its consumer and its account
    pass-over CC  have the hub go on behind the one object of a member that it refuses
    watch         run the watchdog, which restarts stopped sources, until it is stopped
    """
    _one_side(is_hub, code, line)
    _fits(is_hub, action, of)
    if metrics is not None and not (is_hub and action == "watch"):
        raise click.UsageError("'--metrics' is for watch at the hub")
    plan = _load(plan_file)
    if code is None:
        admin = seed_of(seed_file, "--seed-file")
        plan = plan.at(HubLink(line or ""))
        system = seed_of(sys_seed_file, "--sys-seed-file")
        job = _hub_job(plan, admin, system, action, of, wait, as_json, metrics, plan_file)
    else:
        watcher: bytes | None = None
        feed_admin: bytes | None = None
        if action == "watch":
            watcher, admin_seed = watch_seeds(seed_file, admin_seed_file, state, passphrase_file)
        elif state is not None and not is_on_command_line("seed_file"):
            admin_seed, feed_admin = keyring_seeds(state, passphrase_file, "admin", "feed_admin")
        else:
            admin_seed = seed_of(seed_file, "--seed-file")
        job = _member_job(plan, code, admin_seed, watcher, wait, as_json, feed_admin)
    from suar.federation.operations import StillAdmitted

    try:
        changed = _run(job)
    except StillAdmitted:
        if of is not None and plan_file is not None:
            plans.set_status(plan_file, of, "suspended")  # here it is, also for who renders again
        raise
    if changed is not None and of is not None and plan_file is not None:
        plans.set_status(plan_file, of, changed)


Job = Callable[[], Coroutine[Any, Any, Literal["active", "suspended"] | None]]


def _hub_job(
    plan: Plan, admin: bytes, system: bytes, action: str, of: str | None, wait: float, as_json: bool,
    metrics: int | None = None, plan_file: Path | None = None,
) -> Job:  # fmt: skip
    async def job() -> Literal["active", "suspended"] | None:
        from suar.bus.open_bus import connect
        from suar.cli.federation.watching import watch_hub
        from suar.federation.nats_permissions import ADMIN_INBOX
        from suar.federation.operations import HubSide

        progress = Progress(as_json)
        async with (
            await connect(plan.hub.url, admin, ADMIN_INBOX, "suar-hub-admin", wait=wait) as bus,
            await connect(plan.hub.url, system, ADMIN_INBOX, "suar-hub-sys", wait=wait) as sys_bus,
        ):
            hub = HubSide(plan, bus, sys_bus, progress.report)
            if action == "watch":
                await watch_hub(hub, progress.report_state, metrics, plan_file)
            elif action == "found":
                await hub.found(wait)
            elif action in {"join", "return"}:
                await hub.join(of or "", wait)
            else:
                steps = {"suspend": hub.suspend, "expel": hub.expel, "pass-over": hub.pass_over}
                await steps[action](of or "")
        progress.end()
        return {"join": "active", "return": "active", "suspend": "suspended", "expel": "suspended"}.get(action)  # type: ignore[return-value]

    return job


def _member_job(
    plan: Plan, code: str, admin: bytes | None, watcher: bytes | None, wait: float, as_json: bool,
    feed_admin: bytes | None,
) -> Job:  # fmt: skip
    """Connect with the seed of a `watcher`: the watchdog, which runs until stopped. `feed_admin` creates FEED."""

    async def job() -> None:
        from suar.bus.connect import Bus
        from suar.bus.open_bus import connect
        from suar.federation.monitor import client_tls
        from suar.federation.nats_permissions import ADMIN_INBOX, WATCH_INBOX
        from suar.federation.operations import MemberSide
        from suar.federation.watching.member_watch import MemberWatch

        progress, member = Progress(as_json), plan.member(code)
        tls = client_tls(member)

        async def as_admin() -> Bus:
            name = f"suar-{code.lower()}-admin"
            return await connect(member.url, admin or b"", ADMIN_INBOX, name, tls=tls, wait=wait)

        if watcher is not None:
            name = f"suar-{code.lower()}-watch"
            async with await connect(member.url, watcher, WATCH_INBOX, name, tls=tls, wait=wait) as bus:
                opened = as_admin if admin else None
                await MemberWatch(member, bus, opened, plan.links, on_seen=progress.report_state).run()
        async with await as_admin() as bus:
            side = MemberSide.of(plan, member, bus, progress.report)
            await side.create_outbox()
            await side.create_inbox(wait)
        if feed_admin is not None and member.feed_admin is not None:
            name = f"suar-{code.lower()}-feed-admin"
            async with await connect(member.url, feed_admin, ADMIN_INBOX, name, tls=tls, wait=wait) as bus:
                await side.create_feed(bus)
        progress.end()

    return job


def create_streams(plan: Plan, code: str, admin: bytes, feed_admin: bytes, wait: float) -> None:
    """Create or correct the streams of a member, as `streams` does; waits up to `wait` seconds for the hub."""
    _run(_member_job(plan, code, admin, None, wait, as_json=False, feed_admin=feed_admin))


def _run(job: Job) -> Literal["active", "suspended"] | None:
    from suar.bus.errors import BusError

    try:
        return asyncio.run(job())
    except BusError as error:
        raise Fault(f"the NATS server: {error}", "see its log; then run the same command again") from error


def _one_side(is_hub: bool, code: str | None, line: str | None) -> None:
    if is_hub == (code is not None):
        raise click.UsageError("give either --hub or --member CC")
    if line is not None and not is_hub:
        raise click.UsageError("'--line' is for --hub: a member has both")


def _fits(is_hub: bool, action: str, of: str | None) -> None:
    if not is_hub and action not in MEMBER_ACTIONS:
        raise click.UsageError(f"'{action}' is the hub operator's; a member has {' and '.join(MEMBER_ACTIONS)}")
    if (action in OF_A_MEMBER) != (of is not None):
        raise click.UsageError(f"'{action}' needs a member code" if of is None else f"'{action}' takes no member code")


def _load(plan_file: Path | None) -> Plan:
    if plan_file is None:
        raise click.UsageError("missing option '--plan'")
    return plans.load(plan_file)


def _keygen(is_hub: bool, folder: Path) -> None:
    """Write secrets into files of mode 0600, and print the public halves as lines for the plan."""
    from suar.federation.nats_users import new_js_key, new_nkey
    from suar.files import private_folder

    if not is_hub:
        raise click.UsageError("--keygen is the hub's; a member's keys are made by `suar init`")
    private_folder(folder)
    for role in ("sys", "admin"):
        seed, public = new_nkey()
        atomic_write(folder / f"{role}.seed", seed + b"\n", replace=False)
        click.echo(f'{role} = "{public}"')
    atomic_write(folder / "nats.env", f"JS_KEY={new_js_key()}\n".encode(), replace=False)
    print_notice(f"wrote sys.seed, admin.seed and nats.env into {folder}; put the two lines into the plan's [hub]")
