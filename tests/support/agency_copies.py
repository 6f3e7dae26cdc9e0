"""What an agency holds by the events that it was given, and what it is to hold by the rules of docs/policy.md.

Plain JSON and rules of its own: no code of the gateway is imported, so a fault there is not repeated here.
"""

from datetime import datetime
from typing import Any, NamedTuple

CEILINGS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
ENFORCEMENT = {"law-enforcement", "border-immigration", "justice-prosecution"}
PROTECTION = {
    "health", "social-welfare", "womens-empowerment", "children", "foreign-affairs-consular", "civil-society",
    "survivor-group", "international-organisation",
}  # fmt: skip
SOCIETY = {"civil-society", "survivor-group"}
SECTORS = sorted(ENFORCEMENT | PROTECTION | {"labour"})
LABELS = (
    "originator-consent", "law-enforcement-only", "protection-only", "no-civil-society", "no-media", "no-onward-state",
    "no-automated-decision",
)  # fmt: skip
TEXTS = ("suar.message.new", "suar.message.update")
ENDS = ("suar.message.cancel", "suar.message.expire", "suar.message.withdraw")


class Scope(NamedTuple):
    """A registration, as it is sent to the gateway."""

    name: str
    sector: str
    kinds: tuple[str, ...]
    max_tlp: str
    realm: str
    is_automated: bool

    @property
    def document(self) -> dict[str, Any]:
        """The body of POST /v1/agencies."""
        return {
            "name": self.name, "sector": self.sector, "kinds": list(self.kinds), "max_tlp": self.max_tlp,
            "realm": self.realm, "automated": self.is_automated,
        }  # fmt: skip


class Revision(NamedTuple):
    """A revision that a gateway published: the draft, and what the gateway added to it."""

    id: str
    rev: int
    realm: str
    draft: dict[str, Any]

    @property
    def is_cancel(self) -> bool:
        return bool(self.draft["action"] == "cancel")

    def is_over(self, now: float) -> bool:
        """Whether it has expired (seconds since 1970)."""
        return datetime.fromisoformat(self.draft["expires"]).timestamp() <= now


def forbidding(scope: Scope, revision: Revision) -> str:
    """The rule that forbids the agency this revision, its expiry aside; empty where none does."""
    draft, sector = revision.draft, scope.sector
    handling, sectors = {*draft.get("handling", ())}, draft["audience"].get("sectors")
    ceiling = CEILINGS.index(draft["tlp"])
    rules = {
        "P4": scope.realm not in ("all", revision.realm),
        "P6": draft["kind"] not in scope.kinds,
        "P8": sectors is not None and sector not in sectors,
        "P10": ceiling > CEILINGS.index(scope.max_tlp),
        "P11": "originator-consent" in handling,
        "P12": "law-enforcement-only" in handling and sector not in ENFORCEMENT,
        "P13": "protection-only" in handling and sector not in PROTECTION,
        "P14": "no-civil-society" in handling and sector in SOCIETY,
        "P17": "no-automated-decision" in handling and scope.is_automated,
        "P19": ceiling > CEILINGS.index("AMBER"),
    }
    return next((rule for rule, is_forbidden in rules.items() if is_forbidden), "")


class History:
    """Every revision, by id in the order of its revisions."""

    def __init__(self) -> None:
        self.revisions = dict[str, list[Revision]]()

    def add(self, revision: Revision) -> None:
        self.revisions.setdefault(revision.id, []).append(revision)

    @property
    def newest(self) -> list[Revision]:
        return [found[-1] for found in self.revisions.values()]

    def held(self, scope: Scope, now: float) -> dict[str, int]:
        """What the agency is to hold: the newest revision of each message in force that it may read."""
        return {
            each.id: each.rev
            for each in self.newest
            if not each.is_cancel and not each.is_over(now) and not forbidding(scope, each)
        }

    def find(self, id_: str, rev: int) -> Revision:
        return next(each for each in self.revisions[id_] if each.rev == rev)


class Copy:
    """What one door gave an agency, event by event."""

    def __init__(self, scope: Scope, door: str) -> None:
        self.scope, self.door = scope, door
        self.held, self.ids = dict[str, int](), list[str]()
        self._latest = dict[str, int]()
        self.texts = list[dict[str, Any]]()

    def apply(self, event: dict[str, Any]) -> None:
        """Store or destroy, as docs/agencies.md has it; an id that was handled is passed over."""
        if event["id"] in self.ids:
            self.ids.append(event["id"])
            return
        self.ids.append(event["id"])
        about, rev = event["subject"], event["data"]["rev"]
        assert event["type"] in (*TEXTS, *ENDS), event
        if event["type"] in ENDS:
            assert event["data"]["message"] is None, event
            self.held.pop(about, None)
            return
        assert rev > self._latest.get(about, 0), f"{self}: {event['id']} follows a later one"
        self._latest[about] = self.held[about] = rev
        self.texts.append(event["data"]["message"])

    def check_texts(self, history: History) -> None:
        """Each text is one that was published, unchanged, and that the agency may read."""
        for tree in self.texts:
            published = history.find(tree["id"], tree["rev"])
            assert not forbidding(self.scope, published), f"{self}: {published}"
            assert tree["status"] == published.realm
            for field in ("kind", "tlp", "expires"):
                assert tree[field] == published.draft[field], f"{self}: {published}"
            assert {*tree.get("handling", ())} == {*published.draft.get("handling", ())}
            assert tree["audience"] == published.draft["audience"]
            assert tree["text"][0]["title"] == published.draft["text"][0]["title"]

    @property
    def doubled(self) -> set[str]:
        """The ids that came more than once."""
        return {each for each in self.ids if self.ids.count(each) > 1}

    def __str__(self) -> str:
        return f"{self.scope.name} by {self.door}"
