"""Whatever goes from the API warns before, says what takes its place, and is gone when its time is over."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from core.deprecation import Going, deprecated, going_argument
from starloom import api, reference
from starloom.deprecations import Deprecation, mistakes
from starloom.deprecations import deprecated as deprecated_name
from starloom.going import goings

SINCE_AND_UNTIL = "is deprecated since API 1.1 and goes with 2.0"


class Lamp:
    """A class of an API, with all that can go from it."""

    light: int

    @going_argument("lumen", instead="light", since="1.1", goes="2.0")
    def __init__(self, light: int) -> None:
        self.light = light

    @property
    @deprecated("Lamp.lumen is deprecated since API 1.1 and goes with 2.0: use Lamp.light")
    def lumen(self) -> int:
        """The light."""
        return self.light

    @classmethod
    @deprecated("Lamp.lit is deprecated since API 1.1 and goes with 2.0: use Lamp")
    def lit(cls) -> Lamp:
        """One that shines."""
        return cls(1)

    @going_argument("quickly", instead="seconds", since="1.1", goes="2.0")
    async def dim(self, seconds: float = 1, quickly: bool = False) -> tuple[float, bool]:
        """Make it darker."""
        return seconds, quickly

    @going_argument("colour", instead="color", since="1.1", goes="2.0")
    async def paint(self, *, color: str) -> str:
        """Change its color."""
        return color


class Bulb:
    """Marked in words that do not say enough."""

    @deprecated("do not use this")
    def screw(self) -> None:
        """Turn it."""


@deprecated("Torch is deprecated since API 1.1 and goes with 2.0: use Lamp")
class Torch:
    """A class that goes as a whole."""


class Specifications:
    """A hook of which an argument goes, and one that goes itself."""

    @going_argument("model", instead="model_id", since="1.1", goes="2.0")
    async def may_generate(self, model_id: str, model: str) -> None:
        """Decide."""

    @deprecated("may_redeem is deprecated since API 1.1 and goes with 2.0: use may_deliver")
    async def may_redeem(self, code: str) -> None:
        """Decide."""


async def test_members_and_arguments_warn_and_do_what_takes_their_place() -> None:
    made: Any = Lamp
    with pytest.warns(DeprecationWarning, match=rf"^Lamp\(lumen=\) {SINCE_AND_UNTIL}: use light$"):
        lamp = made(lumen=3)
    with pytest.warns(DeprecationWarning, match=rf"^Lamp\.lumen {SINCE_AND_UNTIL}: use Lamp\.light$"):
        assert lamp.lumen == 3
    with pytest.warns(DeprecationWarning, match=rf"^Lamp\.lit {SINCE_AND_UNTIL}: use Lamp$"):
        assert Lamp.lit().light == 1
    with pytest.warns(DeprecationWarning, match=rf"^Lamp\.dim\(quickly=\) {SINCE_AND_UNTIL}: use seconds$"):
        assert await lamp.dim(quickly=True) == (1, True)
    painted: Any = lamp.paint
    with pytest.warns(DeprecationWarning, match=r"^Lamp\.paint\(colour=\)") as warned:
        assert await painted(colour="red") == "red"
    assert [Path(each.filename).name for each in warned] == [Path(__file__).name]
    twice = painted(colour="red", color="blue")
    with (
        pytest.warns(DeprecationWarning, match="colour"),
        pytest.raises(TypeError, match="are one argument: give color alone"),
    ):
        await twice


async def test_who_uses_what_stays_is_not_warned() -> None:
    lamp = Lamp(light=2)
    assert await lamp.dim(seconds=2) == (2, False)
    assert await lamp.paint(color="red") == "red"
    assert inspect.iscoroutinefunction(lamp.paint)
    assert list(inspect.signature(lamp.paint).parameters) == ["color"]


def test_an_argument_takes_a_place_that_is_there() -> None:
    with pytest.raises(TypeError, match="neither colour nor paint"):
        going_argument("colour", instead="paint", since="1.1", goes="2.0")(Bulb.screw)


def test_all_that_goes_is_found_with_what_takes_its_place() -> None:
    known = {"Light": Deprecation("starloom.api:Lamp", "Lamp", since="1.1", goes="2.0")}
    found = goings({"Lamp": Lamp, "Torch": Torch}, known, Specifications)
    assert {going.what: going.instead for going in found} == {
        "starloom.api.Light": "Lamp",
        "Lamp(lumen=)": "light",
        "Lamp.lumen": "Lamp.light",
        "Lamp.lit": "Lamp",
        "Lamp.dim(quickly=)": "seconds",
        "Lamp.paint(colour=)": "color",
        "Torch": "Lamp",
        "hook may_generate(model=)": "model_id",
        "hook may_redeem": "may_deliver",
    }
    assert mistakes("1.1", found) == []
    with pytest.raises(ValueError, match="'do not use this' does not say since when"):
        goings({"Bulb": Bulb}, {}, Specifications)


def test_a_name_that_is_there_still_warns_nobody() -> None:
    known = {"Lamp": Deprecation("starloom.api:Lamp", "Torch", since="1.1", goes="2.0")}
    found = goings({"Lamp": Bulb.__base__, "Torch": int}, known, Specifications)
    assert "starloom.api.Lamp is to be replaced by what is there, not by Torch" in mistakes("1.1", found)


@pytest.mark.parametrize(
    ("going", "wrong"),
    [
        (Going("Btn", "Button", since="1.1", goes="2.0"), ""),
        (Going("Btn", "Button.label", since="1.0", goes="3.0"), ""),
        (Going("Btn", "Button", since="1.3", goes="2.0"), "not there yet"),
        (Going("Btn", "Button", since="1.1", goes="1.5"), "2.0 at the earliest"),
        (Going("Btn", "Button", since="0.9", goes="1.0"), "delete it"),
        (Going("Btn", "Knob", since="1.1", goes="2.0"), "by what is there"),
    ],
)
def test_what_goes_goes_a_version_after_it_began_to_warn(going: Going, wrong: str) -> None:
    found = mistakes("1.2", {going: {"Button", "Button.label"}})
    assert [wrong in each for each in found] == ([True] if wrong else [])


def test_nothing_that_goes_now_goes_otherwise() -> None:
    assert mistakes(api.API_VERSION, reference.all_going()) == []


def test_the_page_says_what_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    going = Going("Button.label", "Button.text", since="1.1", goes="2.0")
    monkeypatch.setattr(reference, "all_going", lambda: {going: {"Button.text"}})
    assert reference.api_page().endswith(f"\n- Button.label {SINCE_AND_UNTIL}: use Button.text.\n")


def test_a_name_that_goes_warns_and_names_what_takes_its_place() -> None:
    going = {"Btn": Deprecation("starloom.api:Button", "Button", since="1.1", goes="2.0")}
    with pytest.warns(DeprecationWarning, match=rf"Btn {SINCE_AND_UNTIL}: use Button"):
        assert deprecated_name("Btn", going) is api.Button
    with pytest.raises(AttributeError, match=r"starloom\.api has no Buton"):
        deprecated_name("Buton", going)
    assert not hasattr(api, "Buton")
