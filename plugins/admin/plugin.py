"""The plugin itself: all its parts together."""

from __future__ import annotations

from plugins.admin.books import Books
from plugins.admin.codes import Codes
from plugins.admin.front import Front
from plugins.admin.grants import Grants
from plugins.admin.inbox import Inbox
from plugins.admin.models import Models
from plugins.admin.payments import Payments


class AdminPlugin(Front, Inbox, Payments, Grants, Codes, Books, Models):
    """Everything that operators do, from the chat."""

    name = "admin"
    version = "1.0"
