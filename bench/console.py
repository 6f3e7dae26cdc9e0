"""What the console weighs and costs: `python bench/console.py [SECONDS [REPEATS [RATE [PEOPLE]]]]`.

A real federation of a sender and two receivers, with PEOPLE (20) who have joined and signed in at the first one. First
each page: its bytes, bytes and number of everything that it loads, and foreign addresses. Then, in each repeat, RATE
messages (100) a second for SECONDS (10) twice: once while nobody clicks, once while each person opens a page a second;
which comes first turns. From each message's turn to be sent until it is committed at the receiver: percentiles in ms.
The p99 there is divided by that of a second receiver, which has no people, for the same messages (docs/adr/0083), then
the median of the repeats (5) is taken; it must not be above 1.2. The people are a process of their own, which yields to
the others (nice 10): people click on machines of their own, and what their programs compute is no cost of the console.
"""

import asyncio
import contextlib
import json
import os
import random
import re
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from statistics import median

import httpx

from beside import YIELDING, measured, ratio_with_work, workplace
from suar.bench.arena.arena import arena
from suar.bench.measure import print_progress
from suar.demo.embedded.nursery import Nursery
from suar.service.people.credentials import STEP, totp_code

RATIO_MOST, P95_MOST = 1.2, 50.0
PAGE_MOST, REQUESTS_MOST = 150_000, 6
PASSWORD = "harbour lantern compass"
PATHS = ("/console", "/console/inbox", "/console/sent", "/console/me")
_NOTE = re.compile(r'name="note" value="([^"]+)"')
_SECRET = re.compile(r'id="secret">([A-Z2-7 ]+)<')
_LOADED = re.compile(r'<(?:script|img|image|link|source)\b[^>]*\b(?:src|href)="([^"]+)"')
_MESSAGE = re.compile(r'href="(/console/m/[A-Z]{2}-[A-Z]+-\d+-\d+)"')


# -- people


async def joined(url: str, local: str, user: str) -> str:
    """Invite a person, join and sign in for them; the cookie of their session."""
    headers = {"Origin": url}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
        made = await client.post(
            "/v1/console/people", headers={"Authorization": f"Bearer {local}"},
            json={"id": user, "name": user.title(), "roles": ["reader"], "lang": "en"},
        )  # fmt: skip
        made.raise_for_status()
        path = f"/console/join/{made.json()['link'].rpartition('/')[2]}"
        page = (await client.post(path, data={"password": PASSWORD, "repeated": PASSWORD})).text
        secret, note = (found[1] for each in (_SECRET, _NOTE) if (found := each.search(page)))
        secret, step = secret.replace(" ", ""), await step_that_lasts()
        await client.post(path, data={"note": note, "code": totp_code(secret, step - 1)})
        page = (await client.post("/console/sign-in", data={"user": user, "password": PASSWORD})).text
        found = _NOTE.search(page)
        assert found is not None, page
        await client.post("/console/sign-in", data={"note": found[1], "code": totp_code(secret, step)})
        (cookie,) = client.cookies.jar
        return f"{cookie.name}={cookie.value}"


async def step_that_lasts() -> int:
    """The step of TOTP, a new one where this one ends within some seconds."""
    left = STEP - time.time_ns() // 1_000_000 % STEP
    if left < 5_000:
        await asyncio.sleep(left / 1_000 + 0.1)
    return time.time_ns() // 1_000_000 // STEP


async def person(url: str, cookie: str, stop: asyncio.Event, took: list[float], failed: list[str]) -> None:
    """Open a page a second, from a random moment on: lists, and a message of the inbox."""
    headers = {"Cookie": cookie}
    messages: list[str] = []
    chosen = random.Random(cookie)
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False, timeout=60) as client:
        await asyncio.sleep(chosen.random())
        while not stop.is_set():
            path = chosen.choice((*PATHS, *(messages[:3] or PATHS[:1])))
            begin = time.perf_counter()
            answer = await client.get(path)
            took.append((time.perf_counter() - begin) * 1e3)
            if answer.status_code != 200:
                failed.append(f"{answer.status_code} {path}")
            messages = _MESSAGE.findall(answer.text) or messages
            await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - begin)))


async def people(url: str) -> None:
    """The process of the people: cookies on the first line, stop on the second; what they did, when it stops."""
    cookies: list[str] = json.loads(await asyncio.to_thread(sys.stdin.readline))
    took, failed, stop = list[float](), list[str](), asyncio.Event()
    everybody = asyncio.gather(*(person(url, cookie, stop, took, failed) for cookie in cookies))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    stop.set()
    await everybody
    print(json.dumps({"took": took, "failed": failed}), flush=True)


@contextlib.asynccontextmanager
async def clicking(url: str, cookies: list[str], took: list[float]) -> AsyncIterator[None]:
    """The people click until the block ends; how long each page took is added to `took`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--people", url,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(cookies).encode() + b"\n")
    await process.stdout.readline()
    try:
        yield
    finally:
        process.stdin.write(b"stop\n")
        result = json.loads(await process.stdout.readline())
        await process.wait()
        took += result["took"]
        assert not result["failed"], result["failed"][:5]


# -- measures


async def weighed(url: str, cookie: str) -> bool:
    """Print what each page weighs and loads; whether all stay within the bounds."""
    good = True
    async with httpx.AsyncClient(base_url=url, headers={"Cookie": cookie}, trust_env=False, timeout=60) as client:
        inbox = (await client.get("/console/inbox")).text
        for path in (*PATHS, *_MESSAGE.findall(inbox)[:1]):
            page = await client.get(path)
            loaded = sorted(set(_LOADED.findall(page.text)))
            foreign = [each for each in loaded if not each.startswith("/console/")]
            weight = sum([len((await client.get(each)).content) for each in loaded if each not in foreign])
            total, requests = len(page.content) + weight, 1 + len(loaded)
            is_good = total <= PAGE_MOST and requests <= REQUESTS_MOST and not foreign
            good = good and is_good
            print(f"{path}: page {len(page.content)} B, with what it loads {total} B, {requests} requests"
                  f"{'' if is_good else ', too much'}")  # fmt: skip
    return good


async def run(folder: Path, nursery: Nursery, seconds: float, repeats: int, rate: float, number: int) -> bool:
    """Whether everything is within its bounds."""
    async with arena(folder / "arena", nursery, 2, "always", print_progress) as running:
        receiver = running.federation.gateways[running.receivers[0]]
        local = json.loads((receiver.state / "gateway.json").read_bytes())["token"]
        print_progress(f"{number} people join")
        cookies = [await joined(receiver.desk.url, local, f"person{at}") for at in range(number)]
        count = int(rate * seconds)
        await measured(running, 1, rate, count)  # everything is warm
        good = await weighed(receiver.desk.url, cookies[0])
        took = list[float]()
        work = partial(clicking, receiver.desk.url, cookies, took)
        ratio = await ratio_with_work(work, running, count + 1, rate, count, repeats)
    p95 = sorted(took)[int(len(took) * 0.95)]
    print(
        f"{rate:g} messages a second, {number} people, {len(took)} pages: server p50 {median(took):.1f} ms, "
        f"p95 {p95:.1f} ms (at most {P95_MOST:g}); receive to stored p99 {ratio:.2f}x (at most {RATIO_MOST}x)"
    )
    return good and p95 <= P95_MOST and ratio <= RATIO_MOST


def main() -> int:
    if sys.argv[1:2] == ["--people"]:
        os.nice(YIELDING)
        asyncio.run(people(sys.argv[2]))
        return 0
    values = [float(each) for each in sys.argv[1:]]
    seconds, repeats, rate, number = (*values, *(10.0, 5.0, 100.0, 20.0)[len(values) :])
    with workplace("console") as (folder, nursery):
        return not asyncio.run(run(folder, nursery, seconds, int(repeats), rate, int(number)))


if __name__ == "__main__":
    sys.exit(main())
