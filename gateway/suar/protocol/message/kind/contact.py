"""Contact: a service or focal point that can be called."""

from typing import Annotated, Final, Literal

from msgspec import UNSET, UnsetType

from suar.protocol.base import codelists as lists
from suar.protocol.message import fields as f
from suar.protocol.message.head import Head
from suar.protocol.message.kind import phrases
from suar.protocol.message.kind.declaration import English, Kind, Words


class Contact(Head, frozen=True, kw_only=True, tag="contact"):
    """A service or focal point that can be called; the only kind with telephone and mail, and an institution's only."""

    schema: Literal["contact/1.0"]
    id: Annotated[str, f.id_of("contact")]
    service: Annotated[tuple[lists.Service, ...], f.Some]
    body: f.Body
    sector: lists.Sector
    coverage: f.Area
    languages: Annotated[tuple[f.Language, ...], f.Some]
    hours: lists.ContactHours
    serves: Annotated[tuple[lists.Serves, ...], f.Some]
    capacity: lists.Capacity | UnsetType = UNSET
    phone: Annotated[tuple[f.Phone, ...], f.Some] | UnsetType = UNSET
    email: Annotated[tuple[f.Email, ...], f.Some] | UnsetType = UNSET


WORDS: Final[Words] = {
    "Contact": {
        "service": ("Service", "which services it gives"),
        "body": ("Body", "the body"),
        "sector": ("Sector", "the sector of that body"),
        "coverage": ("Area covered", "where it serves"),
        "languages": ("Languages spoken", "in which languages it answers"),
        "hours": ("Hours", "when it answers"),
        "serves": ("Serves", "whom it serves"),
        "capacity": ("Capacity", "whether it has room"),
        "phone": ("Telephone", "telephone numbers of the institution; they stand in no other kind"),
        "email": ("E-mail", "mail addresses of the institution"),
    },
}


def _contact(contact: Contact) -> English:
    services = phrases.names("service", contact.service)
    capacity = [f"Capacity: {phrases.name('capacity', contact.capacity)}."] if isinstance(contact.capacity, str) else []
    return f"Contact: {services}, {phrases.area(contact.coverage)}", [
        f"Sector {phrases.name('sector', contact.sector)}, for {phrases.area(contact.coverage)}.",
        f"Services: {services}.",
        f"For: {phrases.names('serves', contact.serves)}.",
        f"Languages: {', '.join(contact.languages)}.",
        f"Hours: {phrases.name('contact-hours', contact.hours)}.",
        *capacity,
    ]


KIND: Final = Kind(
    shape=Contact,
    about="A service or focal point that can be called.",
    use="give a service or desk that can be called: hotline, shelter line, repatriation",
    readers="everybody who helps a victim",
    words=WORDS,
    english=_contact,
    lifetime_days=365,
)
