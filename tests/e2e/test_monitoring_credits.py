"""Credits that become low: from what a provider says of its account to what operators read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.kie_server import KEY, KieServer
from support.studio_talk import Screen, assert_readable, said

from core.notifications.notification import NotificationType
from sandbox.people.views import MessageView
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

LOW, CRITICAL = NotificationType.CREDITS_LOW, NotificationType.CREDITS_CRITICAL
WORDS = {
    "en": {LOW: "Credits are running low", CRITICAL: "Credits are almost gone"},
    "ru": {LOW: "Кредиты заканчиваются", CRITICAL: "Кредиты почти кончились"},
}
STEPS = (
    # What is left of 1,000, how it is told, and what it is called where it is asked for.
    (201, None, "HEALTHY"),
    (200, (LOW, "%: 80"), "WARNING"),
    (51, None, "WARNING"),
    (50, (CRITICAL, "%: 95"), "CRITICAL"),
    (0, (CRITICAL, "%: 100"), "USED UP"),
    (-30, None, "USED UP"),
    # The plan begins anew. Of what has been told today nothing is told again.
    (1000, None, "HEALTHY"),
    (40, None, "CRITICAL"),
)


def _having(*parts: str) -> Callable[[MessageView], bool]:
    return lambda message: all(part in message.text for part in parts)


async def test_from_the_account_to_the_message(
    start_studio: StartStudio, plugins: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.monitoring.plugin._CLOCK_SECONDS", 0.05)
    async with KieServer().running() as kie:
        plugins["providers"] = {"kie": {"module": "providers.kie", "upload_url": kie.url}}
        plugins["plugins"]["monitoring"]["plans"] = {
            "kie": {"name": "Pro", "monthly": 900, "daily_bonus": 100}
        }
        kie.credits = 900
        settings = {"KIE_API_KEY": KEY, "KIE_BASE_URL": kie.url}
        studio = await start_studio(admins=2, plugins=plugins, settings=settings)
        english, russian = (studio.sandbox.person(f"Admin {number}") for number in (1, 2))
        russian.account.language = "ru"
        for admin in (english, russian):
            await admin.start()
            await admin.expect(kind="new")
        screens = Screen(english), Screen(russian)
        told = []
        for credits, expected, level in STEPS:
            kie.credits = credits
            await studio.service.foundation.accounts.read()
            if expected is not None:
                kind, used = expected
                for admin in (english, russian):
                    parts = WORDS[admin.language][kind], used, f"{credits} credits"
                    message = await admin.expect(_having(*parts))
                    told.append(message.text)
            # What the bot tells of its own accord may come between a question and its answer.
            for command, part in (("/credits", "credits left"), ("/status", "📊")):
                await english.send(command)
                await english.expect(_having(part, level))
        await russian.send("/credits")
        await russian.expect("осталось 40 credits")
        texts = [text for admin in (english, russian) for text in said(admin, "Used, %", "Израсходовано, %")]
        assert sorted(texts) == sorted(told), "each level once"
        for screen in screens:
            # What is told of the list of models, which this server does not have, is no matter here.
            screen.texts = [text for text in screen.texts if not text.startswith("🔄")]
            assert_readable(screen, allowed=("Admin 1", "Admin 2", "kie", "credits", "Pro", "Telegram"))
