"""The references for authors say what the code says, and no name goes without a warning."""

from __future__ import annotations

import inspect

import pytest

from core.hooks import KINDS, HookSpecifications
from starloom import api, reference
from starloom.deprecations import Deprecation, deprecated

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


def test_every_name_is_used_by_somebody_or_met_in_another() -> None:
    assert reference.names_without_example() == []


def test_a_name_that_goes_warns_and_names_what_takes_its_place() -> None:
    going = {"Btn": Deprecation("starloom.api:Button", "Button", since="1.1", goes="2.0")}
    wanted = r"Btn is deprecated since API 1\.1 and goes with 2\.0: use Button"
    with pytest.warns(DeprecationWarning, match=wanted):
        assert deprecated("Btn", going) is api.Button
    with pytest.raises(AttributeError, match=r"starloom\.api has no Buton"):
        deprecated("Buton", going)
    assert not hasattr(api, "Buton")
