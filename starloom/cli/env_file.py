"""A `.env` file that is changed in place: what it says of other things, and how it says it, stays."""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from dotenv import dotenv_values

_SET = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=")
_PLAIN = re.compile(r"[\w./:@%+,=?&~-]*")
_MODE = 0o600


class EnvFile:
    """The lines of a `.env` file."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._values = {name: value or "" for name, value in _parsed(text).items()}

    @classmethod
    def read(cls, path: Path) -> Self:
        """The file at `path`; one that is not there is empty.

        Raises:
            OSError: it cannot be read.
        """
        try:
            return cls(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls("")

    def get(self, name: str) -> str:
        """The value of `name`, or nothing."""
        return self._values.get(name, "")

    def with_values(self, values: Mapping[str, str]) -> Self:
        """The file with these values; an empty one takes its line away, new ones stand at the end."""
        left = dict(values)
        lines = []
        for line in self._text.splitlines():
            found = _SET.match(line)
            name = found.group(1) if found else None
            if name is None or name not in values:
                lines.append(line)
                continue
            value = left.pop(name, "")
            if value:
                lines.append(line if value == self.get(name) else _line(name, value))
        lines += [_line(name, value) for name, value in left.items() if value]
        return type(self)("".join(f"{line}\n" for line in lines))

    def write(self, path: Path) -> None:
        """Put it at `path`, whole or not at all, readable by its owner only.

        Raises:
            OSError: it cannot be written.
        """
        # A new file of mkstemp is its owner's alone from its first moment.
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".env-")
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(self._text)
                file.flush()
                os.fsync(number)
            Path(name).chmod(_MODE)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _line(name: str, value: str) -> str:
    """A line that systemd reads as we do: it knows no escapes in single quotes."""
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    if "'" not in value and "\\" not in value:
        return f"{name}='{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


def _parsed(text: str) -> dict[str, str | None]:
    return dotenv_values(stream=io.StringIO(text), interpolate=False)
