"""A generation that waits for its payment, as its order keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.generation.model import Quote


@dataclass(frozen=True, slots=True)
class GenerationDraft:
    """What is to be generated, of which files, at which price, and under which request.

    `inputs` are as `core.media.given.GivenFile.kept` has them; the quote carries the facts of its price.
    """

    quote: Quote
    prompt: str
    request_id: str
    inputs: tuple[Mapping[str, Any], ...] = ()


def draft_of(
    quote: Quote, prompt: str, request_id: str, inputs: Sequence[Mapping[str, Any]] = ()
) -> Mapping[str, Any]:
    """The draft as an order keeps it."""
    return {
        "quote": quote.model_dump(),
        "prompt": prompt,
        "request_id": request_id,
        "inputs": [dict(given) for given in inputs],
    }


def draft_from(kept: Mapping[str, Any]) -> GenerationDraft:
    """The draft that `draft_of` made."""
    quote = Quote.model_validate(kept["quote"])
    return GenerationDraft(quote, kept["prompt"], kept["request_id"], tuple(kept.get("inputs", ())))
