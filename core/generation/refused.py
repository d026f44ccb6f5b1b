"""Why a generation is not begun, where its person can do something about it."""

from __future__ import annotations

from core.errors import UserFacingError
from core.generation.model import Quote
from core.generation.prices import Facts


class PriceChanged(UserFacingError):
    """The price is another now than it was when it was shown. `quote` has the new one."""

    def __init__(self, quote: Quote, *, was: int) -> None:
        super().__init__("price-changed", was=was, now=quote.stars)
        self.quote = quote


class NotFreeAnyMore(PriceChanged):
    """What was free when it was shown is not any more: the allowance was used up, or its day is over."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(quote, was=0)
        self.key = "not-free-any-more"


class FreeNow(PriceChanged):
    """What was to be paid for when it was shown is free now."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(quote, was=quote.stars)
        self.key = "free-now"


class TooManyActive(UserFacingError):
    """The person has as many generations as they may: `limit` that run, and `queued` that wait for them."""

    def __init__(self, limit: int, queued: int = 0) -> None:
        if queued:
            super().__init__("queue-full", queued=queued)
        else:
            super().__init__("too-many-active", limit=limit)
        self.limit = limit
        self.queued = queued


class DryRun(UserFacingError):
    """Everything was checked, and nothing was held or sent, because the operator set DRY_RUN."""

    def __init__(self, quote: Quote, facts: Facts, *, title: str, provider: str) -> None:
        """`facts` are those of the prompt and the files, `provider` is who would be asked."""
        options = ", ".join(f"{name} = {value}" for name, value in quote.options.items())
        super().__init__(
            "dry-run",
            model=title,
            provider=provider,
            options=options or "–",
            length=facts.characters,
            files=sum(facts.counts.values()),
            inputs=", ".join(f"{field}: {count}" for field, count in facts.counts.items()) or "–",
            price=quote.stars,
            usd=str(quote.usd),
        )
