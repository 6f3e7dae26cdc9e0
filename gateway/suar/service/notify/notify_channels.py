"""The three ways to tell somebody. Each takes a notice and returns, or raises DeliveryFailed with a closed word why.

What a receiver answers is never read further than needed, never logged and never followed: it may be anybody's. A
whole attempt has one time limit, whatever the other side does in between.
"""

import asyncio
import base64
import contextlib
import hmac
import os
import signal
import ssl
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

import aiosmtplib
import httpx

from suar.protocol.base.errors import Fault
from suar.service.notify.notify_words import Notice, mail, payload
from suar.service.settings.config import CONFIG, Config
from suar.service.settings.notify_config import CommandChannel, MailChannel, Notify, Person, WebhookChannel, secret
from suar.service.settings.sources import SEE

SECRET_PREFIX: Final = b"whsec_"
SECRET_BYTES: Final = (24, 64)  # of a webhook's secret, as Standard Webhooks has it
ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}  # ours may hold secrets

Clock = Callable[[], int]


class DeliveryFailed(Exception):  # noqa: N818 - it is an outcome, and says so
    """It could not be told now; `why` is a word or two for the log: `timeout`, `status 500`, `exit 3`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Channels:
    """Every channel of the settings. Raises Fault at once for a file that is not there or that others may read."""

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
        """Tell by the channel `name`. Raises DeliveryFailed."""
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
        except Fault:  # a secret file that went away since the start
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
    """A process of its own group, without our environment, its output unread; killed with its children when late."""
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
    """One POST. A redirect is a failure: it leads where nobody configured it. The answer's body stays unread."""
    body = payload(notice)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "suar",
        **signature_headers(key, notice.key, now // 1000, body),
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


def signature_headers(key: bytes, id_: str, seconds: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks: the id stays over repetitions, the time is the attempt's."""
    tag = hmac.new(key, f"{id_}.{seconds}.".encode() + body, sha256).digest()
    signature = f"v1,{base64.b64encode(tag).decode()}"
    return {"webhook-id": id_, "webhook-timestamp": str(seconds), "webhook-signature": signature}


def signing_secret(folder: Path, channel: WebhookChannel) -> bytes:
    """The bytes that a webhook is signed with: `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks has it."""
    text = secret(folder, channel.secret_file)
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError:
        key = b""
    least, most = SECRET_BYTES
    if not text.startswith(SECRET_PREFIX) or not least <= len(key) <= most:
        path = folder / channel.secret_file
        what = f"{path} is no webhook secret: whsec_ and base64 of {least} to {most} bytes"
        raise Fault(what, "`suar notify secret -o FILE` makes one; the receiver needs the same")
    return key


def new_secret() -> bytes:
    """A webhook's secret as its file holds it."""
    return SECRET_PREFIX + base64.b64encode(os.urandom(32)) + b"\n"


def _tls(folder: Path, name: str, channel: WebhookChannel | MailChannel) -> ssl.SSLContext:
    """TLS that checks names, by the machine's authorities or by those of `ca_file`."""
    try:
        return ssl.create_default_context(cafile=str(folder / channel.ca_file) if channel.ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise Fault(f"{folder / CONFIG}: ca_file of the channel {name} does not serve: {error}", SEE) from None


def resolve_name(settings: Notify, name: str) -> list[tuple[str, str]]:
    """(person, channel) that a name stands for: a channel with the first person on it, or a person with all of theirs.

    Fault for a name that is neither.
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
