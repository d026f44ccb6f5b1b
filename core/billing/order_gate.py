"""The last look at an order before money moves."""

from __future__ import annotations

from collections.abc import Callable

from core.billing.orders import Orders
from core.errors import UserFacingError
from core.users import User

TERMS_ACCEPTED = "terms_accepted"
"""The setting of a person's that says when they accepted the terms."""


class OrderGate:
    """Says whether somebody may pay an order just now.

    `plugin_is_on` tells of a plugin whether it works, `terms_accepted` of a person whether they accepted the
    terms, where there are any.
    """

    def __init__(
        self,
        *,
        orders: Orders,
        plugin_is_on: Callable[[str], bool],
        terms_accepted: Callable[[User], bool],
    ) -> None:
        self._orders = orders
        self._plugin_is_on = plugin_is_on
        self._terms_accepted = terms_accepted

    async def __call__(self, user: User, payload: bytes, currency: str, amount: int) -> None:
        """Return if the payment may happen.

        Raises:
            UserFacingError: it may not; see `Orders.check`, and `order-off`, `order-terms`.
            DatabaseAway: nobody can tell just now.

        """
        order = await self._orders.check(payload, user.id, currency, amount)
        if not self._plugin_is_on(order.plugin):
            raise UserFacingError("order-off")
        if not self._terms_accepted(user):
            raise UserFacingError("order-terms")
