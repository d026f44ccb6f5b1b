"""Stars: bought, shown, asked back; terms, plans, promo codes, card transfers and help."""

from plugins.buy.plugin import BuyPlugin

__all__ = ["BuyPlugin"]
