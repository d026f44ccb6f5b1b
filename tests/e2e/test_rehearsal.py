"""A bot on a test run: whoever asks for Stars is told that none are taken."""

from __future__ import annotations

import pytest
from durability.processes import StartStudio
from support.studio_talk import arrive, ask

from core.config import Settings
from core.telegram.random_ids import random_id
from core.telegram.types import Invoice
from sandbox.people.payments import PaymentRefused

WORDS = {
    "en": ("This bot is on a test run", "takes no Stars", "I accept"),
    "ru": ("Пробный запуск", "звёзд не берёт", "Принимаю"),
}


@pytest.mark.parametrize(("mode", "language"), [("DRY_RUN", "en"), ("TEST_MODE", "ru"), ("KIE_STUB", "en")])
async def test_the_shop_of_a_test_run_sells_nothing_and_says_why(
    start_studio: StartStudio, monkeypatch: pytest.MonkeyPatch, mode: str, language: str
) -> None:
    studio, words = await start_studio(settings={mode: "1"}), WORDS[language]
    person = await arrive(studio, "Саша", language, stars=1000)
    sold = await ask(person, "/buy")
    assert any("⭐" in text for text in sold.labels), "the sandbox's own Stars are sold as ever"
    await person.send("/buy 100")
    await person.press(words[2], await person.expect("/paysupport", kind="new"))
    bill = await person.expect(kind="invoice")
    on_telegram = Settings.load(env={mode: "1"}).sells_stars
    monkeypatch.setattr(Settings, "sells_stars", property(lambda _settings: on_telegram))
    await studio.restart()
    closed = await ask(person, "/buy")
    assert words[0] in closed.text
    assert not any("⭐" in text for text in closed.labels)
    assert words[1] in (await ask(person, "/buy 100")).text
    gift = Invoice(title="A gift", description="Of a plugin", payload=b"gift:1", amount=10)
    await studio.service.outbox.send_invoice(person.id, gift, random_id=random_id("gift"))
    for each in (bill, await person.expect(kind="invoice")):
        with pytest.raises(PaymentRefused) as refusal:
            await person.pay(each)
        assert words[1] in refusal.value.reason
    assert person.stars == 1000
