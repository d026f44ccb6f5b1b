"""Values of options are called something that people understand."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.generation.labels import value_label
from core.generation.options import Option, OptionValue
from core.i18n import CORE, I18n, Translator

VOICES = ("EkK5I93UQWFDigLMpZcX", "Z3R5wn05IrDiVCyEkUrK")


NAMED = Option(field="voice", type="string", choices=VOICES, labels=("James", "Arabella"))


def speaking(language: str) -> Translator:
    i18n = I18n()
    i18n.add(CORE, Path(__file__).parents[3] / "locales")
    return i18n.translator(language)


def text(field: str, *choices: str) -> Option:
    return Option(field=field, type="string", choices=choices or None)


@pytest.mark.parametrize(
    ("option", "value", "en", "ru"),
    [
        (Option(field="sound", type="boolean"), True, "Yes", "Да"),
        (Option(field="sound", type="boolean"), False, "No", "Нет"),
        (Option(field="duration", type="integer"), 5, "5 s", "5 с"),
        (text("image_size", "portrait_16_9"), "portrait_16_9", "Portrait 9:16", "Портретный 9:16"),
        (text("rendering_speed", "TURBO"), "TURBO", "Fast", "Быстро"),
        (text("vocal_gender", "f", "m"), "f", "Female", "Женский"),
        (text("character_orientation", "video"), "video", "The video", "Как в видео"),
        (text("voice", *VOICES), VOICES[1], "No. 2", "№ 2"),
        (NAMED, VOICES[1], "Arabella", "Arabella"),
        (NAMED, "somebody else", "somebody else", "somebody else"),
        (text("resolution", "1080p"), "1080p", "1080p", "1080p"),
        (text("quality", "720p", "high"), "720p", "720p", "720p"),
        (text("quality", "720p", "high"), "high", "High", "Высокое"),
        (text("mode", "quality"), "quality", "Best quality", "Лучшее качество"),
        (text("negative_prompt"), "no <b> & rain", "no <b> & rain", "no <b> & rain"),
        (text("title"), VOICES[0], VOICES[0], VOICES[0]),
        (Option(field="speed", type="number"), 0.7, "0.7", "0.7"),
    ],
)
def test_values_have_names(option: Option, value: OptionValue, en: str, ru: str) -> None:
    assert value_label(speaking("en"), option, value) == en
    assert value_label(speaking("ru"), option, value) == ru
