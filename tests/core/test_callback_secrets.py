"""What is signed goes on working when CALLBACK_SECRET is set, exchanged or taken away."""

from __future__ import annotations

import pytest

from core.config import Settings
from core.derived_keys import callback_secrets
from core.errors import ConfigurationError
from core.telegram.keyboards import CallbackAction, CallbackSigner, ForgedCallback

_OLD, _NEW, _OLDER = "o" * 32, "n" * 32, "x" * 32
_ACTION = CallbackAction("buy", "pay", ("50",))


def signer(**environment: str) -> CallbackSigner:
    settings = Settings.load(env={"BOT_TOKEN": "123456:ABC", **environment})
    return CallbackSigner(*callback_secrets(settings))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({}, {"CALLBACK_SECRET": _NEW}),
        ({"CALLBACK_SECRET": _OLD}, {"CALLBACK_SECRET": _NEW, "CALLBACK_SECRET_PREVIOUS": _OLD}),
        (
            {"CALLBACK_SECRET": _OLDER},
            {"CALLBACK_SECRET": _NEW, "CALLBACK_SECRET_PREVIOUS": f"{_OLD},{_OLDER}"},
        ),
        ({"CALLBACK_SECRET": _OLD}, {"CALLBACK_SECRET_PREVIOUS": _OLD}),
    ],
)
def test_buttons_from_before_go_on_working(before: dict[str, str], now: dict[str, str]) -> None:
    data = signer(**before).pack(_ACTION, 7)
    assert signer(**now).unpack(data, 7) == _ACTION
    # What is signed from now on is signed by the new secret alone.
    assert signer(**now).pack(_ACTION, 7) != data


def test_a_secret_that_is_not_named_any_more_opens_nothing() -> None:
    data = signer(CALLBACK_SECRET=_OLD).pack(_ACTION, 7)
    with pytest.raises(ForgedCallback):
        signer(CALLBACK_SECRET=_NEW).unpack(data, 7)


def test_a_short_one_from_before_is_refused_and_none_is_told() -> None:
    with pytest.raises(ConfigurationError, match=r"CALLBACK_SECRET_PREVIOUS.*32") as caught:
        Settings.load(env={"CALLBACK_SECRET_PREVIOUS": "hunter2"})
    assert "hunter2" not in str(caught.value)
    settings = Settings.load(env={"CALLBACK_SECRET_PREVIOUS": _OLD})
    assert _OLD in settings.secrets()
