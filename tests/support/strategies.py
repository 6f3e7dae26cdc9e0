"""Hypothesis strategies of valid messages, made from the types themselves, so that a new field is drawn at once.

`trees(kind)` draws a whole message as a JSON tree, `drafts(kind)` what a publisher hands in, both without any
contradiction (F8 and F9 hold). What F9 compares is put right by `settle` after drawing, rule by rule.
"""

from datetime import timedelta
from functools import cache
from typing import Any
from unicodedata import normalize

from hypothesis import strategies as st

from suar.protocol.authoring.blank import is_blank
from suar.protocol.base.codelists import codes
from suar.protocol.base.instants import instant_of, moment
from suar.protocol.message import rules
from suar.protocol.message.fields import END
from suar.protocol.message.jsonform import is_assigned
from suar.protocol.message.kind import trend
from suar.protocol.message.kind.declaration import LIFETIME_DAYS_OTHERS
from suar.protocol.message.kinds import DIMENSIONS, ENTRY_FORMS, KINDS
from suar.protocol.message.spec import Spec, fields_of

MOST_ITEMS = 4
"""Items drawn of a list that may be longer: enough for duplicates and order to matter."""
COUNTRIES = ("TH", "VN", "MM", "SG", "BN", "XA")
WRITTEN = ("schema", "id", "rev", "status", "sent", "privacy")
_TEXT = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"])


def trees(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """A valid message of a kind, as its JSON tree in the order in which it is written."""
    return _object(KINDS[kind]).map(lambda tree: settle({"kind": kind, **tree}))


def messages() -> st.SearchStrategy[dict[str, Any]]:
    """A valid message of any kind."""
    return st.sampled_from(sorted(KINDS)).flatmap(trees)


def drafts(kind: str, member: str) -> st.SearchStrategy[dict[str, Any]]:
    """What a publisher of `member` hands in: a valid message, with words to see, without what the gateway writes."""
    return trees(kind).map(lambda tree: _draft(tree | {"text": list(map(_seen, tree["text"]))}, member))


def _seen(text: dict[str, Any]) -> dict[str, Any]:
    """The same, with a word where nothing of a title or summary can be seen."""
    return text | {key: "News" for key in ("title", "summary") if is_blank(text[key])}


@cache
def _object(shape: Any) -> st.SearchStrategy[dict[str, Any]]:
    if shape.__name__ == "Entry":
        return st.sampled_from(ENTRY_FORMS).flatmap(lambda form: _fields(shape, form[0], form[0] | form[1]))
    required = {key for key, (_, _, needed) in fields_of(shape).items() if needed}
    return _fields(shape, required, set(fields_of(shape)))


def _fields(shape: Any, required: Any, allowed: Any) -> st.SearchStrategy[dict[str, Any]]:
    strategies = {key: _value(spec) for key, (_, spec, _) in fields_of(shape).items() if key in allowed}
    must = {key: value for key, value in strategies.items() if key in required}
    may = {key: value for key, value in strategies.items() if key not in required}
    drawn = st.fixed_dictionaries(must, optional=may)
    return drawn.map(lambda tree: {key: tree[key] for key in fields_of(shape) if key in tree})


def _value(spec: Spec) -> st.SearchStrategy[Any]:
    options: list[st.SearchStrategy[Any]] = [st.none()] if spec.is_nullable else []
    if spec.codes:
        options.append(st.sampled_from(spec.codes))
    if spec.struct:
        options.append(_object(spec.struct))
    elif spec.item:
        options.append(_list(spec))
    elif not spec.codes:
        options.append(_scalar(spec))
    return st.one_of(options)


def _list(spec: Spec) -> st.SearchStrategy[list[Any]]:
    assert spec.item
    most = min((meta.max_length for meta in spec.metas if meta.max_length is not None), default=MOST_ITEMS)
    return st.lists(_value(spec.item), min_size=1, max_size=min(most, MOST_ITEMS), unique_by=repr)


def _scalar(spec: Spec) -> st.SearchStrategy[Any]:
    kind = spec.type.__origin__ if hasattr(spec.type, "__origin__") else spec.type
    names = ("ge", "le", "min_length", "max_length")
    bounds = dict.fromkeys(names) | {
        name: at for meta in spec.metas for name in names if (at := getattr(meta, name)) is not None
    }
    if kind is bool:
        return st.just(True) if spec.own else st.booleans()
    if kind is int:
        return st.integers(bounds["ge"], bounds["le"])
    pattern = next((meta.pattern for meta in spec.metas if meta.pattern), None)
    if pattern is None:
        return _text(bounds.get("min_length") or 0, bounds["max_length"])
    if spec.iso in ("country", "citizenship"):
        return st.sampled_from(COUNTRIES)
    if spec.iso:
        return st.sampled_from(codes(spec.iso)[:20])
    return _matching(pattern, bounds["max_length"])


@cache
def _text(least: int, most: int) -> st.SearchStrategy[str]:
    drawn = st.text(_TEXT, min_size=least, max_size=most).map(lambda text: normalize("NFC", text)).filter(is_assigned)
    return drawn.filter(lambda text: least <= len(text) <= most)


@cache
def _matching(pattern: str, most: int) -> st.SearchStrategy[str]:
    plain = pattern.removeprefix("^").removesuffix(END).replace("(?!0000)", "")
    return st.from_regex(plain, fullmatch=True, alphabet=st.characters(codec="ascii")).filter(
        lambda text: len(text) <= most and not text.startswith("0000")
    )


def settle(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with whatever two of its fields contradicted put right."""
    if tree["kind"] == "receipt":
        return _receipt(tree)
    _head(tree)
    {"alert": _alert, "trend": _trend, "pattern": _pattern, "legislation": _legislation}.get(tree["kind"], id)(tree)
    return tree


def _head(tree: dict[str, Any]) -> None:
    tree["rev"] = 1 if tree["action"] == "new" else max(2, tree["rev"])
    if tree["action"] == "cancel":
        _put(tree, "reason", tree.get("reason", "no longer so"))
    if tree["tlp"] == "WHITE":
        tree["tlp"] = "CLEAR"
    if tree["tlp"] == "RED" and tree["audience"]["members"] == "all":
        tree["audience"]["members"] = ["TH"]
    if tree["source"]["reliability"] == "F" or tree["source"]["credibility"] == 6:
        tree["source"].pop("confidence", None)
    days = rules.LIFETIME_DAYS.get(tree["kind"], LIFETIME_DAYS_OTHERS)
    year = min(max(int(tree["sent"][:4]), 1), 9990)  # so that no time leaves the calendar
    sent = moment(f"{year:04d}{tree['sent'][4:].replace('-02-29', '-02-28')}")
    length = int(tree["expires"][17:19]) % days + 1
    tree["sent"], tree["expires"] = instant_of(sent), instant_of(sent + timedelta(days=length))
    by_language = {text["lang"].lower(): text for text in tree["text"]}
    by_language["en"] = {**by_language.get("en", tree["text"][0]), "lang": "en"}
    tree["text"] = list(by_language.values())


def _put(tree: dict[str, Any], key: str, value: Any) -> None:
    """Set a field where it is written, so that the order of the keys stays the types'."""
    changed = {**tree, key: value}
    tree.clear()
    tree |= {name: changed[name] for name in ("kind", *fields_of(KINDS[changed["kind"]])) if name in changed}


def _alert(tree: dict[str, Any]) -> None:
    if tree["urgency"] == "immediate":
        _put(tree, "ack_within", tree.get("ack_within", 24))


def _trend(tree: dict[str, Any]) -> None:
    dims = tree.get("dims", [])
    cells: dict[str, dict[str, Any]] = {}
    for cell in tree["obs"]:
        codes = {name: cell["dims"].get(name, _ANY_CODE[name]) for name in DIMENSIONS if name in dims}
        if not tree["margins"]:
            codes = {name: _ANY_CODE[name] if code == "total" else code for name, code in codes.items()}
        is_national = tree["coverage"]["scope"] == "national" and not {"admin1", "locode"} & set(cell["place"])
        if codes.get("age") in trend.NATIONAL_AGES and not is_national:
            codes["age"] = "18+"
        cell["dims"] = codes
        if (cell["value"] is None) != (cell["status"] in trend.NO_VALUE):
            cell["status"] = "S" if cell["value"] is None else "A"
        cells[repr((cell["period"], cell["place"], codes))] = cell
    tree["obs"] = list(cells.values())


_ANY_CODE = {
    "sex": "female",
    "age": "0-17",
    "citizenship": "TH",
    "exploitation": "forced-labour",
    "industry": "A",
    "means": "threats",
    "recruiter": "friend",
    "transport": "rail",
}


def _pattern(tree: dict[str, Any]) -> None:
    if "means" not in tree:
        tree["child_only"] = True
    for number, leg in enumerate(tree.get("legs", []), 1):
        leg["seq"] = number
    for money in tree.get("money", []):
        money["low"], money["high"] = sorted((money["low"], money["high"]))
    tree["first_seen"], tree["last_seen"] = sorted((tree["first_seen"], tree["last_seen"]))
    for name in ("legs", "money"):
        if name in tree:
            tree[name] = list({repr(item): item for item in tree[name]}.values())


def _legislation(tree: dict[str, Any]) -> None:
    if "penalty" in tree:
        years = sorted(tree["penalty"].values())
        tree["penalty"] = {"min_years": years[0], "max_years": years[1]}
    if "repealed" in tree:
        tree["repealed"] = max(tree[day] for day in ("enacted", "in_force", "repealed") if day in tree)


def _receipt(tree: dict[str, Any]) -> dict[str, Any]:
    if tree["stage"] == "held-by-law" or "exports" in tree:
        tree["schema"] = "receipt/1.1"
    if tree["stage"] == "refused":
        _put(tree, "code", tree.get("code", "E-LATE"))
    if tree["stage"] != "missing" and any("frame" not in entry for entry in tree["of"]):
        tree["of"] = [{"frame": "5e" * 32}]
    for entry in tree["of"]:
        if "first" in entry:
            entry["first"], entry["last"] = sorted((entry["first"], entry["last"]))
    tree["of"] = list({repr(entry): entry for entry in tree["of"]}.values())
    return tree


def _draft(tree: dict[str, Any], member: str) -> dict[str, Any]:
    tree = {key: value for key, value in tree.items() if key not in WRITTEN}
    tree["issuer"] = {**tree["issuer"], "member": member}
    tree["text"] = [{key: text[key] for key in text if key != "generated"} for text in tree["text"]]
    if tree["action"] != "new":
        tree["id"] = f"{member}-{tree['kind'].upper()}-2026-000007"
    return _dated(tree)


_PASSED = ("valid_from", "checked_on", "enacted", "in_force", "repealed", "first_seen", "last_seen", "onset")


def _dated(tree: dict[str, Any]) -> dict[str, Any]:
    """Its dates in years of this century that have passed: others leave no gateway, though every reader takes them."""
    for name in _PASSED:
        if name in tree:
            tree[name] = _year_passed(tree[name])
    if tree["kind"] == "pattern":
        tree["first_seen"], tree["last_seen"] = sorted((tree["first_seen"], tree["last_seen"]))
    if "repealed" in tree:
        tree["repealed"] = max(tree[name] for name in ("enacted", "in_force", "repealed") if name in tree)
    if tree["kind"] == "trend":
        cells = [{**cell, "period": _year_passed(cell["period"])} for cell in tree["obs"]]
        tree["obs"] = list({repr((cell["period"], cell["place"], cell["dims"])): cell for cell in cells}.values())
    return tree


def _year_passed(date: str) -> str:
    year = 2000 + int(date[:4]) % 26
    leap = date[4:10] == "-02-29" and year % 4 != 0
    return f"{year}{'-02-28' + date[10:] if leap else date[4:]}"
