"""The references for authors say what the code says."""

from __future__ import annotations

import inspect
import re

from core.hooks import KINDS, HookSpecifications
from starloom import api, reference

AGAIN = "if the change is meant, run `python -m starloom.reference` and read the difference"


def test_the_surface_is_what_the_stored_page_says() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.api_page(), AGAIN


def test_the_guide_has_every_hook_with_its_signature() -> None:
    guide = reference.GUIDE.read_text(encoding="utf-8")
    assert guide == reference.guide_with_hooks(guide), AGAIN
    for name in KINDS:
        documented = inspect.getdoc(getattr(HookSpecifications, name)) or ""
        assert documented.startswith(f"{KINDS[name].capitalize()}: "), name
        assert f"async def {name}(" in guide


def test_there_is_no_name_but_what_plugins_and_providers_use_or_are_handed() -> None:
    used = reference.imported()
    assert used <= set(api.__all__)
    assert [name for name in api.__all__ if name not in used | set(reference.parts())] == []


def test_every_name_has_words_and_a_line_of_code_that_runs() -> None:
    for name in api.__all__:
        assert reference.words_of(name, getattr(api, name)), name
        assert reference.example_of(name), name


def test_what_is_reached_has_no_name_and_another_speaks_of_it() -> None:
    behind = reference.reached()
    assert not behind.keys() & set(api.__all__)
    values = {name: getattr(api, name) for name in api.__all__} | behind
    told = {name: set(re.findall(r"\w+", reference.told_of(name, value))) for name, value in values.items()}
    for name in behind:
        assert any(name in words for other, words in told.items() if other != name), (
            f"nothing leads to {name}"
        )
