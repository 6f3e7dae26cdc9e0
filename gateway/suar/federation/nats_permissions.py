"""What each user of a NATS server may publish and subscribe to: the link at the hub, the others at their member.

Six subjects cross between hub and member; everything else stays on one side of the leaf link.
"""

from collections.abc import Callable, Sequence

from suar.bus.streams import AGENCY_DOMAIN, ANCHOR_SUBJECT, FEED_LISTING
from suar.protocol.base.link_names import ONE_HUB, ONLY_HUB, HubLink
from suar.protocol.base.subjects import AT_HOME

GATEWAY_INBOX = "_INBOX_gw"
WATCH_INBOX = "_INBOX_watch"
FEED_INBOX = "_INBOX_feed"
ADMIN_INBOX = "_INBOX"
AGENCY_API = f"$JS.{AGENCY_DOMAIN}.API"
"""JetStream's API as an agency calls it."""
AGENCY_CONNECTIONS = 16
"""Connections of one agency's user at a time."""
AGENCY_SUBSCRIPTIONS = 64
"""Subscriptions of one such connection; a request for events has one."""
AGENCY_REQUEST_BYTES = 4096
"""Bytes of what an agency's user publishes: requests and acknowledgements."""
LINKS = 16
"""Links of one member or hub at a time: a server each, and those that ended and are not noticed yet."""
LINK_SUBSCRIPTIONS = 256
"""Subscriptions of one such link; a server has about ten."""
LINK_LIMITS = f"limits {{ max_leafnodes: {LINKS}, max_subscriptions: {LINK_SUBSCRIPTIONS} }}"


def link_publish(low: str, link: HubLink = ONLY_HUB) -> list[str]:
    """Return what a member's link may publish at the hub."""
    reset = f"{link.hub_api}.CONSUMER.RESET.REGION.{link.down(low)}"
    return [link.up_subject(low), "$JSC.R.*", "_R_.>", reset, f"$JS.FC.REGION.{link.down(low)}.*"]


def link_subscribe(low: str, link: HubLink = ONLY_HUB) -> list[str]:
    """Return what a member's link may subscribe to at the hub."""
    up = low.upper()
    reset = f"fed.ctl.{low}.CONSUMER.RESET.OUTBOX_{up}.{link.up}"
    return [link.down_subject(low), "$JSC.R.*", "_R_.>", reset, f"$JS.FC.OUTBOX_{up}.{link.up}.*"]


def gateway_publish(cc: str, links: Sequence[HubLink] = ONE_HUB) -> list[str]:
    """Return what a gateway may publish at its own server: to publish, pull and read, and to delete single messages of
    INBOX, as a recall requires; not to create, change or purge.
    """
    return [
        *AT_HOME,
        *_each(links, lambda link: f"$JS.API.CONSUMER.MSG.NEXT.{link.inbox(cc)}.gw"),
        *_each(links, lambda link: f"$JS.ACK.{link.inbox(cc)}.gw.>"),
        *_each(links, lambda link: f"$JS.API.CONSUMER.INFO.{link.inbox(cc)}.gw"),
        *_each(links, lambda link: f"$JS.API.CONSUMER.INFO.OUTBOX_{cc}.{link.up}"),
        f"$JS.API.STREAM.INFO.OUTBOX_{cc}",
        *_each(links, lambda link: f"$JS.API.STREAM.INFO.{link.inbox(cc)}"),
        f"$JS.API.DIRECT.GET.OUTBOX_{cc}",  # by sequence, to read back after a restore ([E12])
        *_each(links, lambda link: f"$JS.API.DIRECT.GET.{link.inbox(cc)}"),
        f"$JS.API.DIRECT.GET.OUTBOX_{cc}.>",
        *_each(links, lambda link: f"$JS.API.DIRECT.GET.{link.inbox(cc)}.>"),
        ANCHOR_SUBJECT,
        f"$JS.API.DIRECT.GET.ANCHOR_{cc}.{ANCHOR_SUBJECT}",
        *_each(links, lambda link: f"$JS.API.STREAM.MSG.DELETE.{link.inbox(cc)}"),  # frames of recalled messages
    ]


def watch_services(cc: str, links: Sequence[HubLink] = ONE_HUB) -> list[str]:
    """Return what the streams' account lets the watchdog's account call: to read.

    A right to update INBOX would allow emptying it, and one to reset the hub's consumer to have it deliver nothing.
    """
    return [
        *_each(links, lambda link: f"$JS.API.STREAM.INFO.{link.inbox(cc)}"),
        *_each(links, lambda link: f"$JS.API.CONSUMER.INFO.OUTBOX_{cc}.{link.up}"),
    ]


def watch_publish(cc: str, links: Sequence[HubLink] = ONE_HUB) -> list[str]:
    """Return what a member's watchdog may publish: the same, under the names to which its account maps them."""
    return [each.replace("$JS.API.", "watch.") for each in watch_services(cc, links)]


def _each(links: Sequence[HubLink], name: Callable[[HubLink], str]) -> list[str]:
    return [name(link) for link in links]


def feed_publish(cc: str) -> list[str]:
    """Return what the gateway's feed user may do in the agencies' account: write the stream and read what it holds,
    erase single messages and purge an agency's, and open and close consumers; not change the stream.
    """
    return [
        "feed.>",
        f"$JS.API.CONSUMER.CREATE.FEED_{cc}.>",
        f"$JS.API.CONSUMER.INFO.FEED_{cc}.*",
        f"$JS.API.CONSUMER.DELETE.FEED_{cc}.*",
        f"$JS.API.CONSUMER.MSG.NEXT.FEED_{cc}.{FEED_LISTING}",
        f"$JS.API.STREAM.INFO.FEED_{cc}",
        f"$JS.API.STREAM.MSG.DELETE.FEED_{cc}",  # texts that were recalled, withdrawn or replaced
        f"$JS.API.STREAM.PURGE.FEED_{cc}",  # what a suspended agency has not read
    ]


def agency_services(cc: str, name: str) -> tuple[str, str, str]:
    """Return what the agencies' account lets one agency's account call: MSG.NEXT, INFO and ACK of its consumer."""
    return (
        f"$JS.API.CONSUMER.MSG.NEXT.FEED_{cc}.{name}",
        f"$JS.API.CONSUMER.INFO.FEED_{cc}.{name}",
        f"$JS.ACK.FEED_{cc}.{name}.>",
    )


def agency_publish(cc: str, name: str) -> list[str]:
    """Return what one agency's user may publish: the same, under the names of JetStream's domain for agencies."""
    return [each.replace("$JS.API.", f"{AGENCY_API}.") for each in agency_services(cc, name)]
