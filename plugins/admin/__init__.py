"""The operators' side in the chat: what waits for a decision, payments, refunds, codes and the ledger."""

from plugins.admin.plugin import AdminPlugin

__all__ = ["AdminPlugin"]
