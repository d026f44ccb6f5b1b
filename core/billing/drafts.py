"""A generation that waits for its payment, as its order keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.generation.model import Quote
from core.generation.sources import Source


@dataclass(frozen=True, slots=True)
class GenerationDraft:
    """What is to be generated, of which files, at which price, and under which request.

    `inputs` are as `core.media.given.GivenFile.kept` has them; the quote carries the facts of its price.
    `source` is the earlier result that it goes on from, if it does.
    """

    quote: Quote
    prompt: str
    request_id: str
    inputs: tuple[Mapping[str, Any], ...] = ()
    source: Source | None = None


def draft_of(
    quote: Quote,
    prompt: str,
    request_id: str,
    inputs: Sequence[Mapping[str, Any]] = (),
    source: Source | None = None,
) -> Mapping[str, Any]:
    """The draft as an order keeps it."""
    return {
        "quote": quote.model_dump(),
        "prompt": prompt,
        "request_id": request_id,
        "inputs": [dict(given) for given in inputs],
        "source": asdict(source) if source else None,
    }


def draft_from(kept: Mapping[str, Any]) -> GenerationDraft:
    """The draft that `draft_of` made."""
    quote = Quote.model_validate(kept["quote"])
    source = Source(**kept["source"]) if kept.get("source") else None
    return GenerationDraft(quote, kept["prompt"], kept["request_id"], tuple(kept.get("inputs", ())), source)
