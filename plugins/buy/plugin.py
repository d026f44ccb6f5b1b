"""The plugin itself: all that people meet about their Stars."""

from __future__ import annotations

from plugins.buy.balance import Statements
from plugins.buy.codes import Codes
from plugins.buy.invitations import Invitations
from plugins.buy.part import BuyConfig
from plugins.buy.requests import Requests
from plugins.buy.shop import Shop
from plugins.buy.support import Help
from plugins.buy.transfers import Transfers


class BuyPlugin(Shop, Transfers, Statements, Requests, Codes, Invitations, Help):
    """Sells Stars, shows what came of them, and takes what people want to say about it.

    Needs `grants = ["billing"]`. Nothing of the money depends on it: what was bought is credited, and what
    was asked for is decided, also while it is off.
    """

    name = "buy"
    version = "1.0"
    requires = ("start",)
    Config = BuyConfig
