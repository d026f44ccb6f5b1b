"""A generation that waits for its payment, as its order keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.generation.model import Quote


@dataclass(frozen=True, slots=True)
class GenerationDraft:
    """What is to be generated, at which price, and under which request."""

    quote: Quote
    prompt: str
    request_id: str


def draft_of(quote: Quote, prompt: str, request_id: str) -> Mapping[str, Any]:
    """The draft as an order keeps it."""
    return {"quote": quote.model_dump(), "prompt": prompt, "request_id": request_id}


def draft_from(kept: Mapping[str, Any]) -> GenerationDraft:
    """The draft that `draft_of` made."""
    return GenerationDraft(Quote.model_validate(kept["quote"]), kept["prompt"], kept["request_id"])
