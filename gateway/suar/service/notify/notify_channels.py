"""The three channels: command, webhook and mail. Each delivers one notice or raises DeliveryFailed with a short reason.

An answer of a receiver is not trusted: it is read only as far as needed, never logged, and redirects are not followed.
One time limit covers a whole attempt.
"""

import asyncio
import contextlib
import os
import signal
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

import aiosmtplib
import httpx

from suar.protocol.base.errors import Fault
from suar.service.notify import standard_webhooks
from suar.service.notify.notify_words import Notice, mail, payload
from suar.service.notify.standard_webhooks import SECRET_BYTES, signature_headers
from suar.service.settings.config import CONFIG, Config
from suar.service.settings.sections.notify_config import (
    CommandChannel,
    MailChannel,
    Notify,
    Person,
    WebhookChannel,
    secret,
)
from suar.service.settings.sources import SEE

ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}  # not ours: it may hold secrets

Clock = Callable[[], int]


class DeliveryFailed(Exception):  # noqa: N818 - it is an outcome, and says so
    """A delivery failed; `why` is a short reason for the log, such as `timeout`, `status 500` or `exit 3`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Channels:
    """All channels of the settings. Creating it raises Fault for a file that is missing or that others may read."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self.settings, self.member = config.notify, config.member.code
        self._folder, self._clock = config.folder, clock
        self._tls: dict[str, ssl.SSLContext] = {}
        for name, channel in self.settings.channels.items():
            if isinstance(channel, WebhookChannel):
                signing_secret(self._folder, channel)
            if isinstance(channel, MailChannel) and channel.password_file:
                secret(self._folder, channel.password_file)
            if not isinstance(channel, CommandChannel):
                self._tls[name] = _tls(self._folder, name, channel)

    async def deliver(self, name: str, person: Person, notice: Notice) -> None:
        """Deliver the notice to the person over the channel `name`. Raises DeliveryFailed."""
        channel = self.settings.channels[name]
        try:
            async with asyncio.timeout(channel.timeout_seconds):
                if isinstance(channel, CommandChannel):
                    await run_command(channel, notice)
                elif isinstance(channel, WebhookChannel):
                    await post_webhook(
                        channel, signing_secret(self._folder, channel), self._tls[name], notice, self._clock()
                    )
                else:
                    await self._mail(channel, self._tls[name], person, notice)
        except TimeoutError:
            raise DeliveryFailed("timeout") from None
        except Fault:  # a secret file that was removed since the start
            raise DeliveryFailed("secret file") from None
        except OSError as error:
            raise DeliveryFailed(type(error).__name__) from None

    async def _mail(self, channel: MailChannel, tls: ssl.SSLContext, person: Person, notice: Notice) -> None:
        password = secret(self._folder, channel.password_file).decode() if channel.password_file else None
        client = aiosmtplib.SMTP(
            hostname=channel.host, port=channel.port, timeout=channel.timeout_seconds,
            username=channel.username or None, password=password,
            use_tls=channel.tls == "tls", start_tls=channel.tls == "starttls",
            tls_context=tls if channel.tls != "none" else None, local_hostname="localhost",
        )  # fmt: skip
        try:
            made = mail(notice, channel.sender, person.mail, person.language, self._clock())
            async with client:
                await client.sendmail(channel.sender, [person.mail], made.as_bytes())  # folded as we fold it
        except aiosmtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"smtp {error.code}") from None
        except (aiosmtplib.SMTPException, ValueError) as error:  # the text may be the server's
            raise DeliveryFailed(type(error).__name__) from None


async def run_command(channel: CommandChannel, notice: Notice) -> None:
    """Run the channel's program with the notice as JSON on its standard input.

    Raises DeliveryFailed for a non-zero exit.

    The program runs in its own process group, with the environment `ENVIRONMENT`, and its output is discarded. When the
    caller's time limit ends, the whole process group is killed.
    """
    process = await asyncio.create_subprocess_exec(
        *channel.argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL, env=ENVIRONMENT, cwd="/", start_new_session=True,
    )  # fmt: skip
    try:
        await process.communicate(payload(notice) + b"\n")
    finally:
        if process.returncode is None:
            _end(process.pid)
            await process.wait()
    if process.returncode:
        raise DeliveryFailed(f"exit {process.returncode}")


def _end(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


async def post_webhook(channel: WebhookChannel, key: bytes, tls: ssl.SSLContext, notice: Notice, now: int) -> None:
    """Send the notice in one POST request. Raises DeliveryFailed unless the status is 2xx; a redirect is a failure.

    `now` is in ms. The body of the answer is not read.
    """
    body = payload(notice)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "suar",
        **signature_headers([key], notice.key, now // 1000, body),
    }
    try:
        async with (
            httpx.AsyncClient(verify=tls, trust_env=False, timeout=channel.timeout_seconds) as client,
            client.stream("POST", channel.url, content=body, headers=headers, follow_redirects=False) as response,
        ):
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(type(error).__name__) from None
    if not 200 <= status < 300:
        raise DeliveryFailed(f"status {status}")


def signing_secret(folder: Path, channel: WebhookChannel) -> bytes:
    """Return the key that a webhook is signed with, from its file: `whsec_` and base64 of 24 to 64 bytes.

    Raises Fault when the file cannot be used.
    """
    text = secret(folder, channel.secret_file)
    key = standard_webhooks.key_of(text)
    if key is None:
        (least, most), path = SECRET_BYTES, folder / channel.secret_file
        what = f"{path} is no webhook secret: whsec_ and base64 of {least} to {most} bytes"
        raise Fault(what, "`suar notify secret -o FILE` makes one; the receiver needs the same")
    return key


def new_secret() -> bytes:
    """Return a new random webhook secret in the form of its file."""
    return standard_webhooks.new_secret() + b"\n"


def _tls(folder: Path, name: str, channel: WebhookChannel | MailChannel) -> ssl.SSLContext:
    """Return a TLS context that checks names, with the system's certificate authorities or those of `ca_file`."""
    try:
        return ssl.create_default_context(cafile=str(folder / channel.ca_file) if channel.ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise Fault(f"{folder / CONFIG}: ca_file of the channel {name} does not serve: {error}", SEE) from None


def resolve_name(settings: Notify, name: str) -> list[tuple[str, str]]:
    """Return the (person, channel) pairs of a name: a person with all channels, or a channel with its first person.

    Raises Fault for an unknown name, and for a channel that nobody uses.
    """
    if name in settings.person:
        return [(name, channel) for channel in dict.fromkeys(settings.person[name].channels)]
    people = [who for who, person in settings.person.items() if name in person.channels]
    if name in settings.channels and people:
        return [(people[0], name)]
    if name in settings.channels:
        raise Fault(f"nobody is told by the channel {name}", f"name it in channels of a [notify.person.NAME]; {SEE}")
    known = ", ".join([*settings.channels, *settings.person]) or "none: [notify] of suar.toml is empty"
    raise Fault(f"there is no channel and no person {name}", f"there are {known}; {SEE}")
