"""The chat page: Telegram in the browser, for one's own machine, and what passes behind it."""

from sandbox.web.books import Books
from sandbox.web.page import add_page

__all__ = ["Books", "add_page"]
