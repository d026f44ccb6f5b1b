"""What people are told while only the team is served: each in their own language."""

from __future__ import annotations

import pytest

from core.maintenance import notices_in

LANGUAGES = ("en", "ru")


@pytest.mark.parametrize(
    ("text", "notices"),
    [
        ("", {}),
        ("Until noon", {"any": "Until noon"}),
        ("Until noon\nor one", {"any": "Until noon\nor one"}),
        ("en: Until noon\nru: До полудня", {"en": "Until noon", "ru": "До полудня"}),
        (
            "RU : До полудня\nили до часа\nEn:Until noon",
            {"ru": "До полудня\nили до часа", "en": "Until noon"},
        ),
        ("ru: До полудня\nen:", {"ru": "До полудня"}),
        ("Until noon\nru: До полудня", {"any": "Until noon", "ru": "До полудня"}),
        ("de: Bis Mittag", {"any": "de: Bis Mittag"}),
        ("At 12:00 we are back", {"any": "At 12:00 we are back"}),
    ],
)
def test_words_by_language(text: str, notices: dict[str, str]) -> None:
    assert notices_in(text, LANGUAGES) == notices
