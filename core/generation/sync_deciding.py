"""What is to become of a model whose provider lists it differently: a rise at once, a drop with a word.

Gone: it is switched off, and on again when it is listed again. Unreadable: it is switched off and waits; an
admin may keep the old price. Risen: the new price is asked at once. Fallen: it waits for an admin, and the
old price stands meanwhile. Parts of the price risen and others fallen, or another rule: it is switched off
and waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from core.generation.prices import Price
from core.generation.sync_upstream import UpstreamOffer
from core.storage.catalogue import ModelState

_PRICE: TypeAdapter[Price] = TypeAdapter(Price)


class News(StrEnum):
    """What happened to a model, as admins are told."""

    GONE = "gone"
    BACK = "back"
    RISEN = "risen"
    FALLEN = "fallen"
    MIXED = "mixed"
    UNREADABLE = "unreadable"
    APPROVED = "approved"
    KEPT = "kept"


OFF_REASONS: Mapping[str, str] = {
    News.GONE: "its provider lists it no more",
    News.MIXED: "its price rose and fell at its provider: decide with /models_changes",
    News.UNREADABLE: "its price at its provider cannot be read exactly: decide with /models_changes",
}
"""Why a model is off, for operators."""


class Direction(StrEnum):
    """How one price compares with another, whatever is ordered."""

    SAME = "same"
    UP = "up"
    DOWN = "down"
    MIXED = "mixed"


def written(price: Price) -> str:
    """A price as it is stored."""
    return _PRICE.dump_json(price).decode()


def price_of(text: str) -> Price:
    """A stored price."""
    return _PRICE.validate_json(text)


def amounts(price: Price) -> dict[str, Decimal]:
    """The amounts of a price in USD by what they are for; one without parts is by the empty name."""
    data = price.model_dump()
    usd = data.get("usd")
    found: dict[str, Decimal] = (
        dict(usd) if isinstance(usd, Mapping) else {"": usd} if usd is not None else {}
    )
    if data["surcharge"] is not None:
        found["+"] = data["surcharge"]["usd"]
    return found


def direction(old: Price, new: Price) -> Direction:
    """Whether `new` is nowhere below `old`, nowhere above it, equal, or none of these.

    Two prices of one rule, with the same seconds, pieces and parts, grow with each of their amounts, so that
    the amounts tell it for everything that can be ordered. Others are not compared.
    """
    if _shape(old) != _shape(new):
        return Direction.MIXED
    before, after = amounts(old), amounts(new)
    risen = any(after[name] > before[name] for name in before)
    fallen = any(after[name] < before[name] for name in before)
    if risen and fallen:
        return Direction.MIXED
    return Direction.UP if risen else Direction.DOWN if fallen else Direction.SAME


def decide(
    state: ModelState, current: Price, offer: UpstreamOffer | None, *, today: str, source: str
) -> ModelState:
    """The state of a model after a look at its provider's list; the same one if nothing is new.

    `current` is the price that is asked now, `offer` what the provider lists, None if it lists it no more.
    """
    if offer is None:
        return state if state.off == News.GONE else _closed(state, off=News.GONE, news=News.GONE)
    if offer.price is None:
        return _unreadable(state, offer)
    return _readable(state, current, offer, offer.price, today=today, source=source)


def approved(state: ModelState, current: Price, by: int, *, today: str) -> ModelState:
    """The state after an admin has accepted the price that waits."""
    told = {"news": News.APPROVED, "news_old": written(current), "news_new": state.offered}
    return _closed(state, price=state.offered, price_at=today, by=by, **told)


def kept(state: ModelState, current: Price, by: int) -> ModelState:
    """The state after an admin has decided to go on with the price as it is."""
    told = {"news": News.KEPT, "news_old": written(current), "news_new": state.offered}
    return _closed(state, kept=state.mark, by=by, **told)


def mark_of(text: str) -> str:
    """Ten characters that are the same for the same change."""
    return hashlib.blake2b(text.encode(), digest_size=5).hexdigest()


def _readable(
    state: ModelState, current: Price, offer: UpstreamOffer, price: Price, *, today: str, source: str
) -> ModelState:
    new = written(price)
    compared = direction(current, price)
    if compared is Direction.SAME or mark_of(new) == state.kept:
        return _as_before(state)
    told = {"news_old": written(current), "news_new": new}
    if compared is Direction.UP:
        return _closed(state, price=new, price_at=today, source=source, news=News.RISEN, **told)
    kind = News.FALLEN if compared is Direction.DOWN else News.MIXED
    if state.waiting == kind and state.mark == mark_of(new):
        return state
    off = News.MIXED if kind is News.MIXED else ""
    return _closed(
        state, off=off, waiting=kind, mark=mark_of(new), offered=new, text=offer.text, news=kind, **told
    )


def _unreadable(state: ModelState, offer: UpstreamOffer) -> ModelState:
    mark = mark_of(f"{offer.problem}\n{offer.text}")
    if mark == state.kept:
        return _as_before(state)
    if state.off == News.UNREADABLE and state.mark == mark:
        return state
    return _closed(
        state,
        off=News.UNREADABLE,
        waiting=News.UNREADABLE,
        mark=mark,
        text=f"{offer.problem}: {offer.text}" if offer.text else offer.problem,
        news=News.UNREADABLE,
    )


def _as_before(state: ModelState) -> ModelState:
    return _closed(state, news=News.BACK) if state.off or state.waiting else state


def _closed(state: ModelState, **changes: Any) -> ModelState:
    """The state with nothing off and nothing waiting, and these changes."""
    empty = dict.fromkeys(("off", "waiting", "mark", "offered", "text", "news_old", "news_new"), "")
    values: dict[str, Any] = {**empty, **changes}
    for name, value in values.items():
        values[name] = str(value) if isinstance(value, StrEnum) else value
    return replace(state, **values)


def _shape(price: Price) -> dict[str, Any]:
    """A price without its amounts."""
    data = price.model_dump()
    usd = data.pop("usd", None)
    data["parts"] = sorted(usd) if isinstance(usd, Mapping) else None
    if data["surcharge"] is not None:
        data["surcharge"].pop("usd")
    return data
