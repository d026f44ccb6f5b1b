"""Tells of an error what an operator needs, and nothing that a person may have written."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

from core.errors import ConfigurationError, DatabaseAway, LeaseLost, PluginError, TelegramError

_CORE = Path(__file__).parents[1]
_PYTHON = Path(sysconfig.get_path("stdlib"))
_INSTALLED = {"site-packages", "dist-packages"}
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
    place = _place(error)
    return f"{name_of(error)} ({place})" if place else name_of(error)


def _place(error: BaseException) -> str:
    """The innermost line of whom Starloom called, a plugin say, and below it the one that raised."""
    places = frames(error)
    files = [Path(frame.filename) for frame in traceback.extract_tb(error.__traceback__)]
    called = next((file.parent for file in files if not _leads_there(file)), None)
    if called is None or files[-1].parent == called:
        return places[-1] if places else ""
    innermost = max(number for number, file in enumerate(files) if file.parent == called)
    return f"{places[innermost]}, in {places[-1]}"


def _leads_there(file: Path) -> bool:
    """Whether its lines only lead to a plugin: those of the core, and of Python itself."""
    is_pythons = file.is_relative_to(_PYTHON) and _INSTALLED.isdisjoint(file.parts)
    return is_pythons or file.is_relative_to(_CORE) or file.name.startswith("<frozen ")


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
