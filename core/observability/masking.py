"""Takes out of a log record what must never be in a log: secrets, people's ids, people's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

MASK = "***"
_SHORTEST_SECRET = 6
"""Shorter values are no secrets worth the name, and masking them would tear up the log."""

_SECRET_FIELDS = re.compile(
    r"token|secret|password|passwd|api_?key|api_hash|auth_?key|authorization|credential|cookie", re.IGNORECASE
)
_PERSON_FIELDS = re.compile(
    r"(^|_)(user|chat|admin|sender|peer|person|from|recipient)(_id)?s?$", re.IGNORECASE
)
_WORDS_FIELDS = re.compile(r"(^|_)(prompt|text|caption|message_text|query)$", re.IGNORECASE)

_PATTERNS = (
    (re.compile(r"(?<!\d)\d{5,}:[\w-]{30,}"), MASK),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), rf"\1 {MASK}"),
    (re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@]+@"), rf"\g<scheme>{MASK}@"),
    (re.compile(r"\b(r8_|sk-|AIza|ghp_|hf_)[\w-]{16,}"), rf"\1{MASK}"),
    (
        re.compile(
            r"(?i)\b((?:\w*_)?(?:token|secret|password|api_?key|signature))(\"?\s*[=:]\s*\"?)[^\s&\",;}]{4,}"
        ),
        rf"\1\2{MASK}",
    ),
)


class Masking:
    """A structlog processor. `secrets` are values that must appear nowhere."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted(
            {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True
        )
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
        """The record without secrets, with at most four digits of people's ids, without people's words."""
        return {key: self._field(key, value) for key, value in event.items()}

    def text(self, text: str) -> str:
        """`text` without secrets."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text

    def _field(self, key: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if _SECRET_FIELDS.search(key):
            return MASK
        if _PERSON_FIELDS.search(key):
            return _person(value)
        if _WORDS_FIELDS.search(key):
            return f"[{len(str(value))} characters]"
        return self._value(value)

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {str(key): self._field(str(key), inner) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(inner) for inner in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self.text(str(value))


def _person(value: Any) -> Any:
    """The last four digits of an id, of each id of several."""
    if isinstance(value, list | tuple | set | frozenset):
        return [_person(inner) for inner in value]
    if isinstance(value, Mapping):
        return MASK
    text = str(value)
    return f"…{text[-4:]}" if text.lstrip("-").isdigit() else MASK
