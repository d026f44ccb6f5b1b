"""What to offer somebody whose balance does not cover a generation: what is missing, or a package."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.billing.drafts import draft_of
from core.billing.ledger import LedgerView
from core.billing.orders import Order, OrderKind, Orders
from core.generation.job import job_id_of
from core.generation.model import Quote
from core.generation.sources import Source
from core.i18n import Translator
from core.users import User


@dataclass(frozen=True, slots=True)
class Offer:
    """Two ways to pay for one generation, which begins by itself once either is paid.

    `exact` asks for what is missing; `package` for the smallest package that covers it, and is None where
    none does, or none that is another amount.
    """

    exact: Order
    package: Order | None = None


class Offers:
    """Makes offers. `packages` are Stars; `title` names a model in a language."""

    def __init__(
        self,
        *,
        orders: Orders,
        ledger: LedgerView,
        packages: Sequence[int],
        title: Callable[[str, str], str],
        translator: Callable[[User], Translator],
    ) -> None:
        self._orders = orders
        self._ledger = ledger
        self._packages = sorted(packages)
        self._title = title
        self._translator = translator

    async def for_generation(
        self,
        user: User,
        chat_id: int,
        quote: Quote,
        prompt: str,
        request_id: str,
        *,
        inputs: Sequence[Mapping[str, Any]] = (),
        source: Source | None = None,
        plugin: str = "generate",
    ) -> Offer:
        """Orders for one generation; the same `request_id` asks for the same ones while they can be paid.

        `inputs` are the files that the person gave for it, `source` is the result that it goes on from.

        What the person owes is part of what is missing: it is repaid first.

        Raises:
            UserFacingError: `order-amount`: more is missing than one payment may have.
            DatabaseAway: the orders could not be kept.

        """
        balance = await self._ledger.balance(user.id)
        missing = max(1, quote.stars - balance.available + balance.owed)
        title = self._title(quote.model_id, self._translator(user).language)

        async def place(stars: int) -> Order:
            return await self._orders.place(
                key=f"generation:{request_id}:{stars}",
                user=user,
                chat_id=chat_id,
                plugin=plugin,
                kind=OrderKind.GENERATION,
                stars=stars,
                title=title,
                draft=draft_of(quote, prompt, request_id, inputs, source),
                job_id=job_id_of(user.id, request_id),
            )

        exact = await place(missing)
        larger = next((stars for stars in self._packages if stars >= missing), missing)
        return Offer(exact, await place(larger) if larger != missing else None)
