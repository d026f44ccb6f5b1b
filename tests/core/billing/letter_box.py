"""Letters about money as people would read them, in every language, and a post that can fail."""

from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from core.errors import TelegramError
from core.i18n import CORE, I18n

LOCALES = Path(__file__).parents[3] / "locales"
I18N = I18n()
I18N.add(CORE, LOCALES)


class Mailbox:
    """Takes each letter once, by what it is about. The next `fail` ones go wrong before they are taken."""

    def __init__(self) -> None:
        self.letters: dict[str, tuple[int, str, dict[str, str]]] = {}
        self.asked = 0
        self.fail = 0

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        """What `core.billing.letters.Letters` does."""
        self.asked += 1
        if self.fail:
            self.fail -= 1
            raise TelegramError(503, "NO_ANSWER")
        variables.pop("keyboard", None)
        with capture_logs() as logs:
            read = {language: str(I18N.translator(language)(key, **variables)) for language in ("en", "ru")}
        assert logs == []
        self.letters.setdefault(about, (user_id, key, read))

    def keys(self) -> list[str]:
        """The keys of the letters, as they came."""
        return [key for _, key, _ in self.letters.values()]

    def last(self, language: str = "en") -> str:
        """The newest letter."""
        return list(self.letters.values())[-1][2][language]
