"""Settings as a person meets them: one message that changes, and what follows from each choice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.studio_talk import arrive, ask, shared_studio

from core.preferences import Preference, Preferences, Units
from core.storage.users import UserStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")

NO_MORE = {"en": "The model “sora-2” isn’t offered any more", "ru": "Модели «sora-2» больше нет"}
REFUSED = {"en": "as a time", "ru": "Не получилось прочитать"}

both_languages = pytest.mark.parametrize("language", ["en", "ru"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    async with shared_studio(database_uri, tmp_path_factory.mktemp("settings")) as studio:
        yield studio


async def press(person: Person, *labels: str) -> MessageView:
    """Press one button after another on the message that changes."""
    shown = person.last
    for label in labels:
        await person.press(label)
        shown = await person.expect(kind="edit")
    return shown


async def preferences(studio: Studio, person: Person) -> Preferences:
    user = await UserStore(studio.running.database, studio.clock).get(person.id)
    assert user is not None
    return Preferences.of(user)


@both_languages
async def test_a_model_and_its_options_by_buttons(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    await ask(person, "/settings")
    kinds = await press(person, "🎨")
    assert [label[0] for label in kinds.labels] == ["🎬", "🖼", "🎵", "‹"]
    models = await press(person, "🖼")
    chosen = await press(person, models.labels[0])
    assert models.labels[0] in chosen.text
    options = await press(person, "🎛")
    values = await press(person, options.labels[0])
    other = next(label for label in values.labels if not label.startswith(("•", "↩")))
    changed = await press(person, other)
    assert changed.labels[0].endswith(f": {other}")
    kept = await preferences(studio, person)
    model = studio.service.studio.generations.model(kept.model)
    assert len(kept.options_for(model)) == 1
    await studio.restart()
    again = await ask(person, "/settings")
    assert models.labels[0] in again.text
    await press(person, "🎛", "↺")
    assert (await preferences(studio, person)).options_for(model) == {}
    assert (await preferences(studio, person)).model == model.id


@both_languages
async def test_setmodel_takes_ids_and_aliases_and_mends_slips(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    models = studio.service.studio.generations.models()
    first = models[0]
    assert first.title[language] in (await ask(person, f"/setmodel {first.id.upper()}")).text
    for model in models:
        for alias in model.aliases[:1]:
            assert model.title[language] in (await ask(person, f"/setmodel {alias}")).text
    slip = await ask(person, f"/setmodel {first.id[:-1]}")
    assert first.title[language] in slip.labels
    chosen = await press(person, first.title[language])
    assert first.title[language] in chosen.text
    nothing = await ask(person, "/setmodel qqqqqqqqqq")
    assert nothing.labels == {"en": ["🎨 All models", "‹ Back"], "ru": ["🎨 Все модели", "‹ Назад"]}[language]
    # What took its place is not to be had here either, without a key of its provider's.
    gone = await ask(person, "/setmodel sora-2")
    assert NO_MORE[language] in gone.text
    found = await ask(person, first.title[language].split()[0].lower())
    assert first.title[language] in found.labels + found.text.split("\n")
    await ask(person, "/setmodel")
    await press(person, "🙋")
    assert (await preferences(studio, person)).model == ""


@both_languages
async def test_amounts_are_told_as_the_person_wants(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    await ask(person, "/settings")
    screen = await press(person, "⭐")
    only_stars = screen.labels[1]
    assert "≈" in screen.text
    shown = await press(person, only_stars)
    assert "≈" not in shown.text
    assert (await preferences(studio, person)).units is Units.STARS
    assert "≈" not in (await ask(person, "/balance")).text
    await ask(person, "/generate a red fox")
    confirmation = await press(person, "🖼")
    assert "3" in confirmation.text
    assert "≈" not in confirmation.text


@pytest.mark.parametrize(
    ("language", "offset", "noon"),
    [("ru", 180, "полдень"), ("en", -210, "noon"), ("ru", 345, "полдень"), ("en", -660, "noon")],
)
async def test_the_clock_is_found_by_the_time_that_it_shows(
    studio: Studio, language: str, offset: int, noon: str
) -> None:
    person = await arrive(studio, language=language)
    await ask(person, "/settings")
    await press(person, "🕒")
    assert REFUSED[language] in (await ask(person, noon)).text
    now = studio.clock.now()
    minutes = (now.hour * 60 + now.minute + offset) % (24 * 60)
    shown = await ask(person, f"{minutes // 60}:{minutes % 60:02}")
    found = (await preferences(studio, person)).time_zone.total_seconds() / 60
    assert found == offset
    assert f"UTC{'−' if offset < 0 else '+'}{abs(offset) // 60}" in shown.text


@both_languages
async def test_notifications_and_prompts_are_switched_and_reset_asks_once(
    studio: Studio, language: str
) -> None:
    person = await arrive(studio, language=language)
    await ask(person, "/setmodel demo-image")
    before = await studio.running.ledger.balance(person.id)
    await ask(person, "/settings")
    switches = await press(person, "🔔")
    assert [label[0] for label in switches.labels] == ["✅", "✅", "✅", "‹"]
    off = await press(person, switches.labels[1])
    assert [label[0] for label in off.labels] == ["✅", "☐", "✅", "‹"]
    await press(person, "‹", "📝", "📝")
    kept = await preferences(studio, person)
    assert (kept.notify.sound, kept.notify.reminders, kept.keep_prompts) == (False, True, True)
    await ask(person, "/reset")
    await press(person, "‹", "↺")
    assert await preferences(studio, person) == kept
    await press(person, "↺")
    assert await preferences(studio, person) == Preferences()
    assert await studio.running.ledger.balance(person.id) == before
    assert "↺" not in "".join(person.last.labels)


@both_languages
async def test_what_was_a_command_once_says_where_it_is_now(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    for command in ("setduration", "setresolution"):
        assert "/settings" in (await ask(person, f"/{command} 5")).text
        assert command not in [name for name, _ in person.commands()]
    assert "/settings" in (await ask(person, "/setings")).text


@both_languages
async def test_an_old_screen_of_another_model_changes_nothing(studio: Studio, language: str) -> None:
    person = await arrive(studio, language=language)
    users = UserStore(studio.running.database, studio.clock)
    with_options = [model for model in studio.service.studio.generations.models() if model.options]
    await users.set_setting(person.id, Preference.MODEL, with_options[0].id)
    await ask(person, "/settings")
    old = await press(person, "🎛")
    await users.set_setting(person.id, Preference.MODEL, with_options[-1].id)
    answer = await person.press(old.labels[0], old)
    assert answer.alert
    assert (await preferences(studio, person)).options == {}
