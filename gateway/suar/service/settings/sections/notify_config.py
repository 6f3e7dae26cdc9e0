"""[notify] of suar.toml: notification channels, people, and quiet hours.

A channel is a command, a webhook or mail, each under a name of its own: [notify.command.pager], [notify.webhook.desk],
[notify.mail.office]. A person names channels: [notify.person.duty]. Notices contain ids and codes only. Secrets and
passwords are kept in files of mode 0600 that are named here.
"""

import re
import stat
from datetime import time
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from suar.files import read
from suar.protocol.base.codelists import codes
from suar.protocol.base.errors import Fault
from suar.service.settings.escalation import ROLES
from suar.service.settings.sections.addresses import require_address, require_web_address
from suar.service.settings.sources import RawSettings, shown

EVENTS: Final = ("alert", "deadline", "escalation", "held", "released-alone", "recovered", "proposal")
SECRET_BYTES_MAX: Final = 4096  # more is the wrong file
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PEOPLE_MAX: Final = 200  # each is served by a task of its own
_QUIET: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])")

ChannelName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z", description="names of channels")]
Argument = Annotated[str, Meta(pattern=r"^[^\x00]*\Z", max_length=4096, description="texts without a zero byte")]
Argv = Annotated[list[Argument], Meta(min_length=1, max_length=64)]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s/@?#]+(/[^\s#]*)?\Z", max_length=1000,
        description="https://HOST[:PORT]/PATH, or http:// on this machine, without user or password",
    ),
]  # fmt: skip
SecretFile = Annotated[
    str, Meta(pattern=r"^[^\x00]+\Z", description="a file of mode 0600, relative to the state folder")
]
OptionalFile = Annotated[
    str, Meta(pattern=r"^[^\x00]*\Z", description="a file, relative to the state folder, or nothing")
]
Timeout = Annotated[float, Meta(ge=0.1, le=120, description="a number of seconds from 0.1 to 120")]
HostName = Annotated[str, Meta(pattern=r"^[^\s/@]{1,253}\Z", description="a host's name or address, without port")]
Port = Annotated[int, Meta(ge=1, le=65_535, description="a port from 1 to 65535")]
Tls = Annotated[str, Meta(pattern=r"^(starttls|tls|none)\Z", description="starttls, tls, or none on this machine")]
_ADDRESS: Final = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,189}"
Address = Annotated[str, Meta(pattern=rf"^{_ADDRESS}\Z", description="a mail address such as desk@example.org")]
OptionalAddress = Annotated[str, Meta(pattern=rf"^({_ADDRESS})?\Z", description="a mail address, or nothing")]
User = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=254, description="a user's name, or nothing")]
Event = Annotated[str, Meta(pattern=rf"^({'|'.join(EVENTS)})\Z", description=f"{', '.join(EVENTS)}")]
Role = Annotated[str, Meta(pattern=rf"^({'|'.join(ROLES)})\Z", description=f"{', '.join(ROLES)}")]
Sector = Annotated[str, Meta(pattern=rf"^({'|'.join(codes('sector'))})\Z", description="codes of the list sector")]
Quiet = Annotated[str, Meta(pattern=rf"^({_QUIET.pattern})?\Z", description="HH:MM-HH:MM, or nothing")]
Zone = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9_+/-]*\Z", max_length=64, description="a time zone such as Asia/Bangkok")
]
Tag = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{2,35}\Z", description="a language of docs/languages.md, such as th")]
Link = Annotated[
    str,
    Meta(
        pattern=r"^(|https?://[^\s{}]*\{id\}[^\s{}]*)\Z", max_length=1000,
        description="an address with {id} in it, or nothing for the gateway's own",
    ),
]  # fmt: skip
Above = Annotated[int, Meta(ge=1, le=1000, description="a number from 1 to 1000")]
Pause = Annotated[float, Meta(ge=0.1, le=86_400, description="a number of seconds from 0.1 to 86400")]
Hours = Annotated[int, Meta(ge=1, le=720, description="hours from 1 to 720")]


class CommandChannel(Struct, frozen=True):
    """A program, never through a shell; it gets the notice as JSON on its standard input and must end with 0."""

    argv: Argv
    timeout_seconds: Timeout = 10.0


class WebhookChannel(Struct, frozen=True):
    """A POST of the notice as JSON, signed by the scheme of Standard Webhooks."""

    url: Url
    secret_file: SecretFile
    ca_file: OptionalFile = ""
    timeout_seconds: Timeout = 10.0


class MailChannel(Struct, frozen=True):
    """An SMTP server that accepts mail from this gateway."""

    host: HostName
    sender: Address
    port: Port = 587
    tls: Tls = "starttls"
    username: User = ""
    password_file: OptionalFile = ""
    ca_file: OptionalFile = ""
    timeout_seconds: Timeout = 30.0


class Person(Struct, frozen=True):
    """A person who is notified, by every one of `channels`.

    `tells`: about what. `roles`: whose steps of a deadline. `sectors`: alerts that those may read; none: what the focal
    point may. `quiet` in `timezone`: hours in which only immediate notices are sent.
    """

    channels: list[ChannelName]
    mail: OptionalAddress = ""
    tells: list[Event] = field(default_factory=lambda: list(EVENTS))
    roles: list[Role] = field(default_factory=lambda: [ROLES[0]])
    sectors: list[Sector] = []
    exercises: bool = True
    quiet: Quiet = ""
    timezone: Zone = ""
    language: Tag = "en"


class Notify(Struct, frozen=True):
    """Who is notified, how, and how much at once.

    `digest_above` notices at once for one person become one digest, at most one in `digest_seconds`; failed deliveries
    are repeated from `retry_seconds` on, for `give_up_hours`.
    """

    command: dict[str, CommandChannel] = {}
    webhook: dict[str, WebhookChannel] = {}
    mail: dict[str, MailChannel] = {}
    person: dict[str, Person] = {}
    link: Link = ""
    timezone: Zone = "UTC"
    digest_above: Above = 5
    digest_seconds: Pause = 600.0
    retry_seconds: Pause = 5.0
    give_up_hours: Hours = 72

    @property
    def channels(self) -> dict[str, CommandChannel | WebhookChannel | MailChannel]:
        """Every channel by its name."""
        return {**self.command, **self.webhook, **self.mail}

    def zone(self, person: Person) -> ZoneInfo:
        """The time zone of a person's quiet hours."""
        return ZoneInfo(person.timezone or self.timezone)


def quiet_hours(text: str) -> tuple[time, time] | None:
    """From when to when (local time); they may go over midnight."""
    found = _QUIET.fullmatch(text)
    if found is None:
        return None
    hour, minute, to_hour, to_minute = map(int, found.groups())
    return time(hour, minute), time(to_hour, to_minute)


# -- checks of several values together


def check(notify: Notify, raw: RawSettings) -> None:
    """Raise a Fault for the first thing that does not fit together."""
    _check_channels(notify, raw)
    require_address(raw, "notify", "link", notify.link)
    _check_zone(notify.timezone, "notify", raw)
    if len(notify.person) > PEOPLE_MAX:
        raise raw.fault("notify", "person", f"{len(notify.person)} people", f"at most {PEOPLE_MAX}")
    for name, person in notify.person.items():
        _check_person(notify, f"notify.person.{name}", person, raw)


def _check_channels(notify: Notify, raw: RawSettings) -> None:
    taken: dict[str, str] = {}
    for sort in ("command", "webhook", "mail"):
        for name in getattr(notify, sort):
            if name in taken:
                allowed = f"another name: [notify.{taken[name]}.{name}] has it"
                raise raw.fault(f"notify.{sort}", name, "a name that is taken", allowed)
            taken[name] = sort
    for name, command in notify.command.items():
        if not command.argv[0].startswith("/"):
            raise raw.fault(f"notify.command.{name}", "argv", shown(command.argv), "a program by its whole path first")
    for name, webhook in notify.webhook.items():
        require_web_address(raw, f"notify.webhook.{name}", "url", webhook.url)
        if webhook.url.startswith("http://") and not is_here(urlsplit(webhook.url).hostname):
            raise raw.fault(f"notify.webhook.{name}", "url", shown(webhook.url), "https:// beyond this machine")
    for name, mail in notify.mail.items():
        if mail.tls == "none" and not is_here(mail.host):
            raise raw.fault(f"notify.mail.{name}", "tls", '"none"', "starttls or tls beyond this machine")
        if bool(mail.username) != bool(mail.password_file):
            missing = "password_file" if mail.username else "username"
            raise raw.fault(f"notify.mail.{name}", missing, "nothing", "a value: user and password go together")


def _check_person(notify: Notify, path: str, person: Person, raw: RawSettings) -> None:
    if not person.channels:
        raise raw.fault(path, "channels", "[]", "at least one name of a channel")
    for name in person.channels:
        if name not in notify.channels:
            known = ", ".join(notify.channels) or "none is set up"
            raise raw.fault(path, "channels", shown(name), f"the channels of [notify]: {known}")
        if name in notify.mail and not person.mail:
            raise raw.fault(path, "mail", "nothing", f"a mail address, since {name} sends mail")
    _check_zone(person.timezone, path, raw)
    hours = quiet_hours(person.quiet)
    if hours is not None and hours[0] == hours[1]:
        raise raw.fault(path, "quiet", shown(person.quiet), "HH:MM-HH:MM with two different times")
    from suar.languages.tags import choose

    try:
        choose(person.language)
    except Fault as fault:
        raise raw.fault(path, "language", shown(person.language), fault.hint) from None


def _check_zone(name: str, path: str, raw: RawSettings) -> None:
    try:
        ZoneInfo(name or "UTC")
    except (OSError, ValueError, KeyError):  # not found is a KeyError, a folder of the database an OSError
        allowed = "a time zone of this machine's tz database (package tzdata), such as Asia/Bangkok"
        raise raw.fault(path, "timezone", shown(name), allowed) from None


def is_here(host: str | None) -> bool:
    """Whether only this machine can receive it."""
    return host in LOOPBACK


def secret(folder: Path, file: str) -> bytes:
    """What a file of mode 0600 holds, without the white space around it. Fault when others could read it."""
    path = folder / file
    data = read(path, "the secret file")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Fault(f"others may read the secret file {path}", f"chmod 600 {path}, and use a new secret")
    if not 0 < len(data.strip()) <= SECRET_BYTES_MAX:
        raise Fault(
            f"the secret file {path} is empty, or larger than {SECRET_BYTES_MAX} bytes", "write the secret anew"
        )
    return data.strip()
