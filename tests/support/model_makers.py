"""Models made for one test, and registries of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from core.billing.pricing import Pricing
from core.clock import Clock
from core.generation.model import Model, ModelList, RetiredModel
from core.generation.registry import Registry

PRICING = Pricing(markup=Decimal(2), star_usd=Decimal("0.013"))

_TABLE: dict[str, Any] = {
    "provider": "here",
    "category": "video",
    "title": {"en": "One", "ru": "Одна"},
    "price": {"rule": "flat", "usd": "0.065"},
    "price_source": "list",
    "price_date": "2026-01-01",
}


def made(model_id: str = "one", **changes: Any) -> Model:
    """A model as a table of `models.toml` with these fields would have it."""
    return Model.model_validate({**_TABLE, "id": model_id, **changes})


def picture(field: str, role: str = "image", **changes: Any) -> dict[str, Any]:
    """A media input for pictures."""
    return {"field": field, "kind": "image", "role": role, "formats": ["png"], **changes}


def clip(field: str, role: str = "video", **changes: Any) -> dict[str, Any]:
    """A media input for videos."""
    return {"field": field, "kind": "video", "role": role, "formats": ["mp4"], **changes}


def registry_of(
    *models: Model,
    pricing: Pricing = PRICING,
    clock: Clock | None = None,
    retired: Sequence[RetiredModel] = (),
) -> Registry:
    """The models, each of the provider that it names."""
    registry = Registry(pricing, clock=clock)
    for provider in dict.fromkeys(each.provider for each in models):
        own = tuple(each for each in models if each.provider == provider)
        registry.add_list(provider, ModelList(own, retired=tuple(retired)))
        retired = ()
    return registry
