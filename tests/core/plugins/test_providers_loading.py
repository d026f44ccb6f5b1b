"""Providers are loaded as guarded as plugins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import Settings
from core.generation.labels import value_label
from core.generation.option_menu import option_title
from core.generation.options import Option
from core.i18n import I18n
from core.plugins.providers import ProviderManager
from core.plugins.status import PluginState
from core.plugins_file import PluginsFile
from sandbox.clock import ManualClock

GOOD = """
from starloom.api import PluginConfig


class Config(PluginConfig):
    seconds: int = 3


class Acme:
    def __init__(self, context):
        self.name = context.name
        self.context = context
        self.life = []

    async def start(self):
        self.life.append("start")

    async def stop(self):
        self.life.append("stop")

    def models(self): ...
    async def submit(self, task): ...
    async def find(self, job_id): ...
    async def poll(self, task_id): ...
    async def cancel(self, task_id): ...
    def open(self, result): ...
    async def account(self): ...


def create(context):
    return Acme(context)
"""

Load = Callable[..., ProviderManager]


@pytest.fixture
def i18n() -> I18n:
    return I18n()


@pytest.fixture
def load(tmp_path: Path, clock: ManualClock, i18n: I18n) -> Load:
    def build(code: str, **settings: object) -> ProviderManager:
        for name, text in (("acme", code), ("good", GOOD)):
            (tmp_path / name).mkdir()
            (tmp_path / name / "__init__.py").write_text(text)
        tables = {
            "providers": {"acme": {"module": "./acme", **settings}, "good": {"module": "./good"}},
            "limits": {"plugins": {"start_seconds": 0.05, "stop_seconds": 0.05, "cancel_seconds": 0.05}},
        }
        env = {"PROVIDER_ACME_KEY": "key", "BOT_TOKEN": "1:a"}
        return ProviderManager(
            PluginsFile.of(tables, directory=tmp_path),
            clock=clock,
            secret=Settings.load(env=env).provider_secret,
            directory=tmp_path,
            sandbox=True,
            i18n=i18n,
        )

    return build


async def test_a_provider_gets_its_settings_and_its_secrets(load: Load) -> None:
    manager = load(GOOD, seconds=7)
    acme = (await manager.start())["acme"]
    assert acme.context.config.seconds == 7
    assert acme.context.sandbox
    assert acme.context.secret("PROVIDER_ACME_KEY") == "key"
    assert acme.context.secret("BOT_TOKEN") is None
    assert acme.life == ["start"]
    await manager.stop()
    assert acme.life == ["start", "stop"]
    assert manager.providers == {}


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("raise RuntimeError('no key')", "RuntimeError: no key"),
        ("raise SystemExit", "SystemExit"),
        ("x = 1", "must hold create(context) or a class named provider"),
        ("def create(context): raise KeyError", "KeyError (acme/__init__.py:1 create)"),
        ("def create(context): return object()", "the provider lacks start, stop, models, submit, find"),
        (GOOD.replace("self.name = context.name", "self.name = 'other'"), "it calls itself 'other'"),
        (
            GOOD.replace('self.life.append("start")', "raise SystemExit"),
            "tried to end the process (SystemExit)",
        ),
        (
            GOOD.replace('self.life.append("start")', "import asyncio; await asyncio.Event().wait()"),
            "took longer than 0.05 s: its author has to make it quicker, or allow it more "
            "(limits.plugins.start_seconds)",
        ),
        (
            GOOD.replace("seconds: int", "hours: int"),
            "providers.acme.seconds: unknown key; allowed: hours",
        ),
    ],
)
async def test_a_bad_provider_is_left_out_and_named(code: str, sentence: str, load: Load) -> None:
    manager = load(code, **({"seconds": 5} if "Config" in code else {}))
    assert list(await manager.start()) == ["good"]
    acme, good = manager.states()
    assert (acme.state, good.state) == (PluginState.FAILED, PluginState.ON)
    assert sentence in acme.reason
    await manager.stop()


async def test_a_provider_that_is_off_is_not_imported(load: Load) -> None:
    manager = load("raise RuntimeError", enabled=False)
    assert list(await manager.start()) == ["good"]
    assert manager.states()[0].state is PluginState.OFF
    await manager.stop()


async def test_a_provider_that_fails_to_stop_keeps_nobody_from_stopping(load: Load) -> None:
    manager = load(GOOD.replace('self.life.append("stop")', "raise RuntimeError"), seconds=5)
    providers = await manager.start()
    await manager.stop()
    assert providers["good"].life == ["start", "stop"]


def write_texts(folder: Path, **languages: str) -> None:
    (folder / "locales").mkdir(parents=True)
    for language, lines in languages.items():
        (folder / "locales" / f"{language}.ftl").write_text(lines, encoding="utf-8")


async def test_options_and_values_have_the_names_that_their_provider_brings(
    load: Load, tmp_path: Path, i18n: I18n
) -> None:
    manager = load(GOOD)
    write_texts(
        tmp_path / "acme",
        en="option-glow = Glow\noption-acme-speed = Speed\nvalue-acme-speed-quick = quick",
        ru="option-glow = Свечение\noption-acme-speed = Темп\nvalue-acme-speed-quick = резвый\n"
        "value-of-acme-haze = { $value } %",
        de="option-acme-speed = Tempo",
    )
    write_texts(tmp_path / "good", en="option-glow = Shine", ru="option-glow = Блеск")
    await manager.start()
    own = Option(field="speed", type="string", choices=("quick", "slow"), title="option-acme-speed")
    told = {}
    for language in ("en", "ru", "de"):
        t = i18n.translator(language)
        told[language] = (option_title(t, own), value_label(t, own, "quick"), value_label(t, own, "slow"))
    assert told == {
        "en": ("Speed", "quick", "slow"),
        "ru": ("Темп", "резвый", "slow"),
        "de": ("Tempo", "quick", "slow"),
    }
    haze = Option(field="haze", type="integer", title="option-acme-haze")
    assert value_label(i18n.translator("ru"), haze, 7) == "7 %"
    # The first in plugins.toml has a key; the other works without, and its author reads what to do.
    assert option_title(i18n.translator("ru"), Option(field="glow", type="integer")) == "Свечение"
    states = {status.name: status for status in manager.states()}
    assert states["good"].state is PluginState.ON
    assert states["good"].warnings[0] == (
        "providers.good, language en: option-glow: en.ftl: the key belongs to providers.acme: "
        "give the option a title of its own, such as option-good-speed; "
        "its values are value-good-speed-fast then"
    )
    await manager.stop()


async def test_a_plugin_and_a_provider_of_one_folder_share_its_texts(
    load: Load, tmp_path: Path, i18n: I18n
) -> None:
    manager = load(GOOD)
    write_texts(tmp_path / "acme", en="option-acme-speed = Speed")
    await manager.start()
    assert i18n.add("acme", tmp_path / "acme" / "locales") == ()
    i18n.remove("acme")
    assert i18n.translator("en").has("option-acme-speed")
    await manager.stop()
