"""The references for authors say what the code says, and no name goes without a warning."""

from __future__ import annotations

import inspect
import re

import pytest

from core.hooks import KINDS, HookSpecifications
from starloom import api, reference
from starloom.deprecations import Deprecation, deprecated, mistakes

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


@pytest.mark.parametrize(
    ("going", "wrong"),
    [
        (Deprecation("starloom.api:Button", "Button", since="1.1", goes="2.0"), ""),
        (Deprecation("starloom.api:Button", "Button.label", since="1.0", goes="3.0"), ""),
        (Deprecation("starloom.api:Button", "Button", since="1.3", goes="2.0"), "not there yet"),
        (Deprecation("starloom.api:Button", "Button", since="1.1", goes="1.5"), "2.0 at the earliest"),
        (Deprecation("starloom.api:Button", "Button", since="0.9", goes="1.0"), "delete it"),
        (Deprecation("starloom.api:Button", "Knob", since="1.1", goes="2.0"), "a name that is there"),
    ],
)
def test_a_name_goes_a_version_after_it_began_to_warn(going: Deprecation, wrong: str) -> None:
    found = mistakes(api.__all__, "1.2", {"Btn": going})
    assert [wrong in each for each in found] == ([True] if wrong else [])


def test_no_name_that_goes_now_goes_otherwise() -> None:
    assert mistakes(api.__all__, api.API_VERSION) == []


def test_a_name_that_goes_warns_and_names_what_takes_its_place() -> None:
    going = {"Btn": Deprecation("starloom.api:Button", "Button", since="1.1", goes="2.0")}
    wanted = r"Btn is deprecated since API 1\.1 and goes with 2\.0: use Button"
    with pytest.warns(DeprecationWarning, match=wanted):
        assert deprecated("Btn", going) is api.Button
    with pytest.raises(AttributeError, match=r"starloom\.api has no Buton"):
        deprecated("Buton", going)
    assert not hasattr(api, "Buton")
