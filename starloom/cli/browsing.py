"""Opens the chat page where somebody sits before a screen."""

from __future__ import annotations

import os
import sys
import webbrowser

_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def open_page(url: str) -> bool:
    """Open `url` in the browser; False where there is nobody to see it, or no browser.

    A browser that would take over the terminal is none, and nothing is opened for a program that reads along.
    """
    seen = sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in _SCREENS)
    if not seen or not sys.stdout.isatty() or os.environ.get("CI"):
        return False
    try:
        return webbrowser.open_new_tab(url)
    except webbrowser.Error:
        return False
