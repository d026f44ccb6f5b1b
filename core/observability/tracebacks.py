"""Tells of an error what an operator needs, and nothing that a person may have written."""

from __future__ import annotations

import traceback
from pathlib import Path

from core.errors import ConfigurationError, DatabaseAway, LeaseLost, PluginError, TelegramError

_OWN_SENTENCES = (ConfigurationError, DatabaseAway, LeaseLost, PluginError, TelegramError)
_ABOUT_CODE = (AttributeError, ImportError, NameError, TypeError, OSError)
"""Errors whose text speaks of the code or the machine and not of data."""


def frames(error: BaseException) -> list[str]:
    """The calls that led to `error`, outermost first, as `folder/file.py:12 function`."""
    return [
        f"{'/'.join(Path(frame.filename).parts[-2:])}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]


def name_of(error: BaseException) -> str:
    """The kind of `error`, with its text where no person's words can be in it."""
    kind = type(error).__name__
    return f"{kind}: {error}" if isinstance(error, _OWN_SENTENCES + _ABOUT_CODE) else kind


def in_words(error: BaseException) -> str:
    """`error` in one line for an operator: our own sentences as they are, of others kind and place."""
    if isinstance(error, _OWN_SENTENCES):
        return str(error)
    places = frames(error)
    return f"{name_of(error)} ({places[-1]})" if places else name_of(error)


def chain(error: BaseException) -> list[dict[str, object]]:
    """`error` and what it came from, newest first, for a structured log."""
    told: list[dict[str, object]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        told.append({"error": name_of(current), "frames": frames(current)})
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return told
