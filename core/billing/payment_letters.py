"""Letters about one payment: each says what was paid, what is on the balance, and what that means."""

from __future__ import annotations

from collections.abc import Callable

from core.billing.ledger import Ledger
from core.billing.letters import Letters
from core.i18n import Translator
from core.storage.payments import Paid
from core.users import User


class PaymentLetters:
    """Writes one letter for each payment. `translator` speaks a person's language."""

    def __init__(self, letters: Letters, ledger: Ledger, translator: Callable[[User], Translator]) -> None:
        self._letters = letters
        self._ledger = ledger
        self._translator = translator

    async def write(self, user: User, paid: Paid, key: str, **variables: object) -> None:
        """Write the text of `key`, which is given `money` beside its own variables; once for each payment.

        Raises:
            TelegramError: it could not be sent just now; write it again.
            DatabaseAway: likewise.

        """
        balance = await self._ledger.balance(user.id)
        money = self._translator(user)(
            "payment-money",
            stars=paid.stars,
            bonus=paid.bonus,
            repaid=await self._ledger.repaid(user.id, f"stars:{paid.charge_id}"),
            balance=balance.available,
        )
        about = f"payment:{paid.charge_id}"
        await self._letters.write(user.id, key, about=about, money=money, **variables)

    async def has_rest(self, user: User) -> bool:
        """Whether there is something on the balance just now."""
        return (await self._ledger.balance(user.id)).available > 0

    def in_words(self, user: User, key: str, **variables: object) -> str:
        """The text of `key` in the person's language."""
        return self._translator(user)(key, **variables)
