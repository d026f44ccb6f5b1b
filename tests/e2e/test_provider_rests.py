"""A provider whose account is empty: nobody pays, operators hear of it once, others are asked to wait."""

from __future__ import annotations

import pytest
from support.studio_talk import arrive, ask, assert_sound, begin

from sandbox.studio import Studio

REFUNDED = {"en": "back on your balance", "ru": "на баланс"}
ALERT = "run out of credit"
LATER = {"en": "Please come back a little later", "ru": "чуть позже"}


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_an_empty_account_costs_nobody_anything(studio: Studio, language: str) -> None:
    admin = studio.sandbox.person("Admin 1")
    await admin.start()
    await admin.expect(kind="new")
    first, second = await arrive(studio, language=language), await arrive(studio, language=language)
    await begin(first, "fault:credit a fox")
    notice = await first.expect("/generate", kind="new")
    assert REFUNDED[language] in notice.text
    await assert_sound(studio, first)
    assert ALERT in (await admin.expect("demo", kind="new")).text
    assert LATER[language] in (await ask(second, "/generate")).text
    await assert_sound(studio, second)
    assert not [message for message in admin.unexpected if ALERT in message.text]
