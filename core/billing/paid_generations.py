"""The generation that somebody paid for in one go: it begins by itself, or the person hears why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from core.billing.drafts import GenerationDraft, draft_from
from core.billing.orders import Order, Orders
from core.billing.payment_letters import PaymentLetters
from core.errors import InsufficientStars, PersonUnreachable, UserFacingError
from core.generation.ending import BALANCE_SHORT
from core.generation.job import Job
from core.generation.model import Quote
from core.generation.refused import DryRun, FreeNow, PriceChanged, TooManyActive
from core.generation.sources import Source
from core.storage.payments import Paid
from core.telegram.types import Keyboard, MessageRef
from core.users import User

_log = structlog.stdlib.get_logger(__name__)


class Maker(Protocol):
    """The part of `core.generation.service.Generations` that begins generations."""

    async def create(
        self,
        *,
        request_id: str,
        user: User,
        chat_id: int,
        quote: Quote,
        prompt: str,
        inputs: Sequence[Mapping[str, Any]] = (),
        source: Source | None = None,
        progress_message_id: int | None = None,
    ) -> Job:
        """Begin a generation; the same request makes one job."""
        ...

    async def made_for(self, user_id: int, request_id: str) -> Job | None:
        """The job of a request, if there is one."""
        ...

    async def get(self, job_id: str) -> Job | None:
        """A job by its id."""
        ...


class DurableMessages(Protocol):
    """The part of the outbox that shows how a generation stands."""

    async def send_durable(self, key: str, chat_id: int, html: str, *, keyboard: Keyboard = ()) -> MessageRef:
        """Send a message once for each `key`."""
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message; one that is gone is no error."""
        ...


class PaidGenerations:
    """Begins the generations of orders. `maker` is asked for when one begins."""

    def __init__(
        self,
        *,
        orders: Orders,
        maker: Callable[[], Maker],
        messages: DurableMessages,
        letters: PaymentLetters,
    ) -> None:
        self._orders = orders
        self._maker = maker
        self._messages = messages
        self._letters = letters

    async def begin(self, user: User, order: Order, paid: Paid) -> None:
        """Begin the generation of an order that was paid; again after a crash without a second one.

        Raises:
            TelegramError: the person could not be told just now; begin again.
            DatabaseAway: likewise.

        """
        if order.finished:
            return
        if order.draft is None:
            await self._say_what_is_forgotten(user, order, paid)
        else:
            await self._make(user, order, paid, draft_from(order.draft))
        await self._orders.finish(order)

    async def _say_what_is_forgotten(self, user: User, order: Order, paid: Paid) -> None:
        """The person's words are gone: the generation was made in another way, or nobody paid in time."""
        made = await self._maker().get(order.job_id) if order.job_id else None
        await self._letters.write(user, paid, "payment-but-made" if made else "payment-but-late")

    async def _make(self, user: User, order: Order, paid: Paid, draft: GenerationDraft) -> None:
        shown = await self._show(user, order, paid)
        try:
            job = await self._create(user, order, draft, shown)
        except UserFacingError as error:
            await self._say_why_not(user, paid, error)
        else:
            if shown is None or job.progress_message_id == shown.message_id:
                if await self._letters.has_rest(user):
                    await self._letters.write(user, paid, "payment-with-rest")
                return
            # It was begun before by the button of its confirmation.
            await self._letters.write(user, paid, "payment-but-made")
        if shown is not None:
            await self._messages.delete(shown)

    async def _create(
        self, user: User, order: Order, draft: GenerationDraft, shown: MessageRef | None
    ) -> Job:
        async def create(quote: Quote) -> Job:
            return await self._maker().create(
                request_id=await self._request_id(user, order, draft),
                user=user,
                chat_id=order.chat_id,
                quote=quote,
                prompt=draft.prompt,
                inputs=draft.inputs,
                source=draft.source,
                progress_message_id=shown.message_id if shown else None,
            )

        try:
            return await create(draft.quote)
        except FreeNow as free:
            # It was not yet when the invoice was made; what was paid stays on the balance.
            return await create(free.quote)

    async def _show(self, user: User, order: Order, paid: Paid) -> MessageRef | None:
        """The message that shows how the generation stands; it goes when the generation ends."""
        text = self._letters.in_words(user, "payment-generation-begins", stars=paid.stars, model=order.title)
        try:
            shown = await self._messages.send_durable(
                f"money:generation:{paid.charge_id}", order.chat_id, text
            )
        except PersonUnreachable:
            _log.info("progress not shown: person unreachable")
            return None
        return shown if shown.message_id else None

    async def _request_id(self, user: User, order: Order, draft: GenerationDraft) -> str:
        """The request of the confirmation, so that its button makes no second job of the same.

        A job of it that was not covered is over for good and makes room for another.
        """
        made = await self._maker().made_for(user.id, draft.request_id)
        short = made is not None and made.failure == BALANCE_SHORT
        return f"{draft.request_id}:{order.id}" if short else draft.request_id

    async def _say_why_not(self, user: User, paid: Paid, error: UserFacingError) -> None:
        write = self._letters.write
        match error:
            case TooManyActive():
                await write(user, paid, "payment-but-busy")
            case PriceChanged():
                now = error.quote.stars
                await write(user, paid, "payment-but-price", was=error.variables["was"], now=now)
            case InsufficientStars():
                missing = error.needed - error.available
                await write(user, paid, "payment-but-short", needed=error.needed, missing=missing)
            case DryRun():
                await write(user, paid, "payment-but-dry")
            case _:
                reason = self._letters.in_words(user, error.key, **error.variables)
                await write(user, paid, "payment-but-refused", reason=reason)
