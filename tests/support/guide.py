"""The files of docs/plugins.md, as its reader writes them down."""

from __future__ import annotations

import re
from pathlib import Path

GUIDE = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)


def guide_files(*prefixes: str) -> list[tuple[str, str]]:
    """The files whose names begin with one of these: name and content."""
    return [(name, text) for name, text in _FILE.findall(GUIDE) if name.startswith(prefixes)]


def guide_prose() -> str:
    """What is no file and no listing."""
    return _BLOCK.sub("", GUIDE)
