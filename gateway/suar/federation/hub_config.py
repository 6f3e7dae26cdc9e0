"""Renders the configuration of a hub: for each member a DMZ account and an account of its IN, then REGION and SYS.

A server answers on the reply subject that a message names, with its own rights in the account where the message
arrives. What a member sends arrives in the account of its own IN and in no other, so it reaches nothing of other
members.
"""

from suar.bus import ingest
from suar.federation import nats_permissions as may
from suar.federation.nats_config import HEAD, TLS_TIMEOUT, listed, quoted, server_part, tls_files
from suar.federation.plan import Member, Plan
from suar.protocol.base.link_names import HubLink


def hub_config(plan: Plan) -> str:
    """Return the hub's configuration."""
    hub = plan.hub
    lines = [
        HEAD.format(secrets="JS_KEY"),
        *server_part(hub.name, plan.link.entity, hub, hub.stream_bytes + hub.members_max * hub.ingest_bytes),
        "leafnodes {",
        f"  listen: {quoted(hub.leaf)}",
        "  isolate_leafnode_interest: true",
        '  min_version: "2.15.0"',
        f"  tls {{ {tls_files(hub)}, verify: true, timeout: {TLS_TIMEOUT} }}",
        "}",
        *_cluster(plan),
        "system_account: SYS",
        "accounts {",
        f"  SYS {{ users [ {{ nkey: {hub.sys} }} ] }}",
    ]
    for member in plan.members:
        lines += [*_dmz(member, plan.link), *_in_account(member, plan.link)]
    return "\n".join([*lines, *_region(plan), "}"]) + "\n"


def _cluster(plan: Plan) -> list[str]:
    """Return how this server and the others of the hub reach each other; nothing where it is one server."""
    cluster = plan.hub.cluster
    if cluster is None:
        return []
    return [
        "cluster {",
        f"  name: {plan.link.entity}",
        f"  listen: {quoted(cluster.listen)}",
        f"  routes: {listed(['tls://' + address for address in cluster.routes])}",
        f"  tls {{ {tls_files(cluster)}, verify: true, timeout: {TLS_TIMEOUT} }}",
        "}",
    ]


def _dmz(member: Member, link: HubLink) -> list[str]:
    low, down = member.low, link.down(member.low)
    up_subject, reset, flow = _from_link(member, link)
    account = ingest.account(member.code)
    if member.status == "active":
        users = [
            f"    users [ {{ nkey: {member.link}, permissions {{",
            f"      publish   {{ allow: {listed(may.link_publish(low, link))} }}",
            f"      subscribe {{ allow: {listed(may.link_subscribe(low, link))} }} }} }} ]",
        ]
    else:
        users = ["    users []                            # suspended"]
    return [
        f"  DMZ_{member.code} {{                            # no JetStream",
        f"    {may.LINK_LIMITS}",
        *users,
        "    exports [",
        f'      {{ stream: "{up_subject}", accounts: [{account}] }}',
        f'      {{ service: "{reset}", accounts: [{account}] }}',
        f'      {{ service: "{flow}", accounts: [{account}] }}',
        "    ]",
        "    imports [",
        f'      {{ stream: {{ account: REGION, subject: "{link.down_subject(low)}" }} }}',
        f'      {{ service: {{ account: REGION, subject: "$JS.API.CONSUMER.RESET.REGION.{down}" }},'
        f' to: "{link.hub_api}.CONSUMER.RESET.REGION.{down}" }}',
        f'      {{ service: {{ account: REGION, subject: "$JS.FC.REGION.{down}.*" }} }}',
        "    ]",
        "  }",
    ]


def _in_account(member: Member, link: HubLink) -> list[str]:
    """Return the account of a member's IN, the only one in which the member's messages arrive.

    REGION sources it and sends requests to it.
    """
    dmz = f"account: DMZ_{member.code}"
    up_subject, reset, flow = _from_link(member, link)
    api, taken, taken_flow = _from_in(member)
    return [
        f"  {ingest.account(member.code)} {{                             # no users: the hub operator asks from REGION",
        "    jetstream: enabled",
        "    exports [",
        f'      {{ service: "{api}", response_type: stream, accounts: [REGION] }}',
        f'      {{ service: "{reset}", accounts: [REGION] }}',
        f'      {{ stream: "{taken}", accounts: [REGION] }}',
        f'      {{ service: "{taken_flow}", accounts: [REGION] }}',
        "    ]",
        "    imports [",
        f'      {{ stream: {{ {dmz}, subject: "{up_subject}" }} }}',
        f'      {{ service: {{ {dmz}, subject: "{reset}" }} }}',
        f'      {{ service: {{ {dmz}, subject: "{flow}" }} }}',
        "    ]",
        "  }",
    ]


def _region(plan: Plan) -> list[str]:
    lines = ["  REGION {", "    jetstream: enabled", f"    users [ {{ nkey: {plan.hub.admin} }} ]      # hub operator"]
    exports, imports, link = [], [], plan.link
    for member in plan.members:
        low, down, only = member.low, link.down(member.low), f"accounts: [DMZ_{member.code}]"
        account = f"account: {ingest.account(member.code)}"
        api, taken, taken_flow = _from_in(member)
        exports += [
            f'      {{ stream: "{link.down_subject(low)}", {only} }}',
            f'      {{ service: "$JS.API.CONSUMER.RESET.REGION.{down}", {only} }}',
            f'      {{ service: "$JS.FC.REGION.{down}.*", {only} }}',
        ]
        imports += [
            f'      {{ service: {{ {account}, subject: "{api}" }}, to: "{ingest.api(member.code)}.>" }}',
            f'      {{ service: {{ {account}, subject: "{_from_link(member, link)[1]}" }} }}',
            f'      {{ stream: {{ {account}, subject: "{taken}" }} }}',
            f'      {{ service: {{ {account}, subject: "{taken_flow}" }} }}',
        ]
    return [*lines, "    exports [", *exports, "    ]", "    imports [", *imports, "    ]", "  }"]


def _from_link(member: Member, link: HubLink) -> tuple[str, str, str]:
    """Return the exports of a member's link to its IN: what it sends, the request to start over, flow control."""
    outbox = f"OUTBOX_{member.code}.{link.up}"
    return link.up_subject(member.low), f"fed.ctl.{member.low}.CONSUMER.RESET.{outbox}", f"$JS.FC.{outbox}.*"


def _from_in(member: Member) -> tuple[str, str, str]:
    """Return the exports of a member's IN to REGION: requests, what IN delivers, flow control."""
    return "$JS.API.>", f"{ingest.deliver(member.code)}.>", f"$JS.FC.{ingest.account(member.code)}.>"
