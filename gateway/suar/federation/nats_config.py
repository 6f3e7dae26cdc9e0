"""Renders the configuration of a national server, and the parts that a hub's also has (hub_config.py).

A DMZ account at both ends has no JetStream; six subjects cross it. Each side enforces its own list: the hub states what
a member's link may publish and subscribe to, the member what of its TIP account the link may reach. Secrets come from
the environment (`JS_KEY` everywhere, `LINK_SEED` at a member), so a rendered file contains none.
"""

from collections.abc import Sequence

from suar.bus import ingest, streams
from suar.federation import nats_permissions as may
from suar.federation.plan import Agency, Cluster, Hub, Member, Plan, Server
from suar.protocol.base.link_names import HubLink

STORE_MB = 20_480  # least storage limit of a server
SPARE_MB = 1_024
PING_INTERVAL, PING_MAX = 10, 2  # seconds; unanswered: the connection is ended at the next one
FOUND_DEAD = PING_INTERVAL * (PING_MAX + 1)  # seconds until a server ends a connection whose other end is gone
RECONNECT = 1  # seconds from the end of a link to the next attempt, which waits as long again
TLS_TIMEOUT = 10  # seconds for a handshake; the server's own are 2, too few on a busy machine or a slow line
INFO_TIMEOUT = 5  # seconds for the hub's first line on a new link
LOG_MB, LOG_FILES = 64, 4  # of a server that writes its log to a file: a link chooses the text of some of its lines
WATCH_ACCOUNT = "WATCH"
HEAD = "# Rendered by `suar federation nats`; do not edit, render again. Secrets come from the environment: {secrets}."


def member_config(plan: Plan, code: str) -> str:
    """Return a national server's configuration: LINK (the leaf) of each hub, TIP (the gateway), WATCH, SYS, and, if
    planned, AGENCIES and one for each agency."""
    member = plan.member(code)
    lines = [
        HEAD.format(secrets="JS_KEY, LINK_SEED"),
        *server_part(member.low, member.low, member, _stored(plan)),
        "leafnodes {",
        f'  reconnect: "{RECONNECT}s"',
        *_remotes(plan, member),
        "}",
        "system_account: SYS",
        "accounts {",
        f"  SYS {{ users [ {{ nkey: {member.sys} }} ] }}",
        *(text for link in plan.links for text in _link(member.low, link)),
        *_tip(member, plan.links),
        *_watch(member, plan.links),
        *_agencies(member),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _stored(plan: Plan) -> int:
    """Return the most bytes of a member's streams: an INBOX of each hub, and its own."""
    own = plan.hub.outbox_bytes + streams.FEED_BYTES + streams.ANCHOR_BYTES
    return sum(hub.stream_bytes for hub in plan.every_hub) + own


def _remotes(plan: Plan, member: Member) -> list[str]:
    """Return the leaf link to each hub."""
    found: list[str] = []
    for hub, link in zip(plan.every_hub, plan.links, strict=True):
        found += [
            "  remotes [ {" if not found else "  }, {",
            f"    urls: [{', '.join(quoted('tls://' + address) for address in hub.leaf_urls or (hub.leaf,))}]",
            f"    account: {link.account}",
            "    nkey: $LINK_SEED                    # seed of the leaf user, from the environment",
            f'    first_info_timeout: "{INFO_TIMEOUT}s"',
            f"    tls {{ {tls_files(member)}, timeout: {TLS_TIMEOUT} }}",
        ]
    return [*found, "  } ]"]


def server_part(name: str, domain: str, server: Server, stored: int) -> list[str]:
    """Return the part that every server has.

    `stored`: the most bytes of this server's streams; it refuses a stream without space.
    """
    extra = [("pid_file", server.pid_file), ("ports_file_dir", server.ports_dir), ("log_file", server.log_file)]
    return [
        f"server_name: {name}",
        f"listen: {quoted(server.client)}",
        *_monitor_and_tls(server),
        "max_payload: 1MB",
        f'ping_interval: "{PING_INTERVAL}s"',
        f"ping_max: {PING_MAX}",
        *(f"{key}: {quoted(value)}" for key, value in extra if value),
        *([f"log_size_limit: {LOG_MB}MB", f"log_max_num: {LOG_FILES}"] if server.log_file else []),
        "jetstream {",
        f"  store_dir: {quoted(server.store_dir)}",
        f"  domain: {domain}",
        "  strict: true",
        "  max_memory_store: 64MB",
        f"  max_file_store: {max(STORE_MB, stored // ingest.MIB + SPARE_MB)}MB",
        f"  sync_interval: {server.sync_interval}",
        "  cipher: aes",
        "  key: $JS_KEY                        # from the environment",
        "}",
    ]


def _monitor_and_tls(server: Server) -> list[str]:
    """Return where the monitor listens, and what the server's users need to connect from other machines."""
    files = server.client_tls if isinstance(server, Member) else None
    host = server.monitor_host if isinstance(server, Member) else ""
    if files is None or not host:
        lines = [f'http: "127.0.0.1:{server.monitor_port}"                   # monitor, has no login: loopback only']
    else:
        lines = [f'https: "{host}:{server.monitor_port}"   # monitor, has no login: let the firewall know who may ask']
    if files is not None:
        lines.append(f"tls {{ cert_file: {quoted(files.cert_file)}, key_file: {quoted(files.key_file)} }}")
    return lines


def _link(low: str, link: HubLink) -> list[str]:
    up, down = low.upper(), link.down(low)
    reset = f"CONSUMER.RESET.OUTBOX_{up}.{link.up}"
    return [
        f"  {link.account} {{                              # no JetStream, no users: only the leaf link lives here",
        f"    {may.LINK_LIMITS}",
        "    exports [",
        f'      {{ stream: "{link.down_subject(low)}", accounts: [TIP] }}',
        f'      {{ service: "{link.hub_api}.CONSUMER.RESET.REGION.{down}", accounts: [TIP] }}',
        f'      {{ service: "$JS.FC.REGION.{down}.*", accounts: [TIP] }}',
        "    ]",
        "    imports [",
        f'      {{ stream: {{ account: TIP, subject: "{link.up_subject(low)}" }} }}',
        f'      {{ service: {{ account: TIP, subject: "$JS.API.{reset}" }}, to: "fed.ctl.{low}.{reset}" }}',
        f'      {{ service: {{ account: TIP, subject: "$JS.FC.OUTBOX_{up}.{link.up}.*" }} }}',
        "    ]",
        "  }",
    ]


def _tip(member: Member, links: Sequence[HubLink]) -> list[str]:
    up = member.code
    return [
        "  TIP {",
        "    jetstream: enabled",
        "    users [",
        f"      {{ nkey: {member.admin} }}",
        *_user(member.gateway, may.gateway_publish(up, links), may.GATEWAY_INBOX),
        "    ]",
        "    exports [",
        *(text for link in links for text in _to_link(member, link)),
        *(f'      {{ service: "{each}", accounts: [{WATCH_ACCOUNT}] }}' for each in may.watch_services(up, links)),
        "    ]",
        "    imports [",
        *(text for link in links for text in _from_link(member, link)),
        "    ]",
        "  }",
    ]


def _watch(member: Member, links: Sequence[HubLink]) -> list[str]:
    """The watchdog's account: its requests to JetStream are mapped to services that are imported from TIP.

    As for agencies: in TIP, a reply subject would write the answer into OUTBOX, or into ANCHOR. They are mapped because
    in an account without JetStream the server itself answers `$JS.API.>`; it checks the right to publish after the
    mapping.
    """
    services, names = may.watch_services(member.code, links), may.watch_publish(member.code, links)
    pairs = list(zip(services, names, strict=True))
    return [
        f"  {WATCH_ACCOUNT} {{                             # no JetStream: only these requests reach TIP",
        "    users [",
        *_user(member.watch, names, may.WATCH_INBOX),
        "    ]",
        f"    mappings {{ {', '.join(f'{quoted(each)}: {quoted(name)}' for each, name in pairs)} }}",
        "    imports [",
        *(f'      {{ service: {{ account: TIP, subject: "{each}" }}, to: "{name}" }}' for each, name in pairs),
        "    ]",
        "  }",
    ]


def _to_link(member: Member, link: HubLink) -> list[str]:
    up, only = member.code, f"accounts: [{link.account}]"
    return [
        f'      {{ stream: "{link.up_subject(up)}", {only} }}',
        f'      {{ service: "$JS.API.CONSUMER.RESET.OUTBOX_{up}.{link.up}", {only} }}',
        f'      {{ service: "$JS.FC.OUTBOX_{up}.{link.up}.*", {only} }}',
    ]


def _from_link(member: Member, link: HubLink) -> list[str]:
    account, down = f"account: {link.account}", link.down(member.low)
    return [
        f'      {{ stream: {{ {account}, subject: "{link.down_subject(member.low)}" }} }}',
        f'      {{ service: {{ {account}, subject: "{link.hub_api}.CONSUMER.RESET.REGION.{down}" }} }}',
        f'      {{ service: {{ {account}, subject: "$JS.FC.REGION.{down}.*" }} }}',
    ]


def _agencies(member: Member) -> list[str]:
    """Return the account with FEED, and an account of its own for each agency.

    A server answers on the reply subject of a request, whatever its sender may publish. So no agency's user is in the
    account of the stream: there, a reply subject would write events, or delete the stream.
    """
    if member.feed_admin is None or member.feed is None:
        return []
    feed = _user(member.feed, may.feed_publish(member.code), may.FEED_INBOX)
    lines = ["  AGENCIES {", "    jetstream: enabled", "    users [", f"      {{ nkey: {member.feed_admin} }}", *feed]
    exports = [line for each in member.agencies for line in _agency_exports(member, each)]
    lines += ["    ]", *(["    exports [", *exports, "    ]"] if exports else []), "  }"]
    return lines + [line for each in member.agencies for line in _agency(member, each)]


def _agency_exports(member: Member, agency: Agency) -> list[str]:
    next_, info, ack = may.agency_services(member.code, agency.name)
    only = f"accounts: [{_account(agency)}]"
    return [
        f'      {{ service: "{next_}", response_type: stream, {only} }}',
        f'      {{ service: "{info}", {only} }}',
        f'      {{ service: "{ack}", {only} }}',
    ]


def _agency(member: Member, agency: Agency) -> list[str]:
    names = zip(
        may.agency_services(member.code, agency.name), may.agency_publish(member.code, agency.name), strict=True
    )
    return [
        f"  {_account(agency)} {{                # no JetStream: only its own consumer can be reached",
        f"    limits {{ max_connections: {may.AGENCY_CONNECTIONS}, max_subscriptions: {may.AGENCY_SUBSCRIPTIONS},"
        f" max_payload: {may.AGENCY_REQUEST_BYTES} }}",
        "    users [",
        *_user(agency.nkey, may.agency_publish(member.code, agency.name), f"_INBOX_{agency.name}"),
        "    ]",
        "    imports [",
        *(f'      {{ service: {{ account: AGENCIES, subject: "{there}" }}, to: "{here}" }}' for there, here in names),
        "    ]",
        "  }",
    ]


def _account(agency: Agency) -> str:
    return f"AGENCY_{agency.name}"


def _user(nkey: str, publish: list[str], inbox: str) -> list[str]:
    return [
        f"      {{ nkey: {nkey}, permissions {{",
        f"        publish {{ allow: {listed(publish)} }}",
        f"        subscribe {{ allow: {listed([inbox + '.>'])} }} }} }}",
    ]


def tls_files(server: Hub | Member | Cluster) -> str:
    """Return the files of a link."""
    files = server.tls
    return f"cert_file: {quoted(files.cert_file)}, key_file: {quoted(files.key_file)}, ca_file: {quoted(files.ca_file)}"


def listed(subjects: list[str]) -> str:
    """Return a list of subjects."""
    return "[" + ", ".join(map(quoted, subjects)) + "]"


def quoted(text: str) -> str:
    """Return a text in quotes."""
    return f'"{text}"'
