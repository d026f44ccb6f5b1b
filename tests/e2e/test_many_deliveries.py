"""Many results at once: none waits for another, and nothing is left open behind them."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from support.file_provider import FileProvider
from support.studio_talk import arrive, files, project_plugins

from sandbox.people.person import Person
from sandbox.studio import QUICK, Studio

_PEOPLE, _SLOW, _QUICK = 5, 20, 15


@pytest.fixture
def provider(tmp_path_factory: pytest.TempPathFactory) -> FileProvider:
    return FileProvider(tmp_path_factory.mktemp("studio"))


@pytest.fixture
async def studio(database_uri: str, provider: FileProvider) -> AsyncIterator[Studio]:
    plugins = project_plugins(provider.directory)
    plugins["providers"] = {"files": provider.install()}
    plugins["plugins"] = {"start": plugins["plugins"]["start"]}
    tuning = replace(QUICK, generation=replace(QUICK.generation, max_active=_SLOW + _QUICK))
    async with await Studio.start(
        database_uri=database_uri,
        directory=provider.directory,
        plugins=plugins,
        tuning=tuning,
        settings={"WELCOME_BALANCE_RUB": "5000"},
    ) as studio:
        yield studio


def _bytes(number: int, size: int) -> bytes:
    return random.Random(number).randbytes(size)


async def _delivered(person: Person, count: int) -> None:
    for _ in range(count):
        await person.expect(lambda message: message.media is not None, kind="new", within=60)


async def test_small_results_do_not_wait_for_large_and_slow_ones(
    studio: Studio, provider: FileProvider
) -> None:
    # Each with a few: the places of one person are looked through one by one.
    people = [await arrive(studio, f"Person {number}") for number in range(_PEOPLE)]
    before = await _available(studio, people)
    provider.hold()
    slow = [_bytes(number, 400_000) for number in range(_SLOW)]
    quick = [_bytes(1000 + number, 2_000) for number in range(_QUICK)]
    for person, content in zip(itertools.cycle(people), slow, strict=False):
        await provider.order(studio, person, {"slow.bin": content})
    await studio.until(lambda: _all_opened(provider), seconds=60)
    for person, content in zip(itertools.cycle(people), quick, strict=False):
        await provider.order(studio, person, {"quick.bin": content})
    for person in people:
        # All of them, while not one of those before them can come to an end.
        await _delivered(person, _QUICK // _PEOPLE)
        assert {message.media.size for message in files(person) if message.media} == {2_000}
    provider.go_on()
    for person in people:
        await _delivered(person, _SLOW // _PEOPLE)
        await studio.settled(person, seconds=60)
    arrived = sorted([await person.download(message) for person in people for message in files(person)])
    assert arrived == sorted([*slow, *quick])
    assert before - await _available(studio, people) == _SLOW + _QUICK


async def _available(studio: Studio, people: Sequence[Person]) -> int:
    return sum([(await studio.running.ledger.balance(person.id)).available for person in people])


async def _all_opened(provider: FileProvider) -> bool:
    return provider.opened.count("slow.bin") == _SLOW


@pytest.mark.parametrize(
    ("waves", "size"),
    [(1, 10), pytest.param(40, 25, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])],
    ids=["a few", "a thousand"],
)
async def test_nothing_is_left_open(studio: Studio, provider: FileProvider, waves: int, size: int) -> None:
    person = await arrive(studio)
    open_files: list[int] = []
    for wave in range(waves + 1):
        for number in range(size):
            await provider.order(studio, person, {"a.bin": _bytes(wave * size + number, 3_000)})
        await _delivered(person, size)
        await studio.settled(person, seconds=60)
        open_files.append(len(os.listdir("/proc/self/fd")))
    # The first wave opens what is kept open: connections to the database and to Telegram.
    assert max(open_files[1:]) <= open_files[0] + 8, open_files
