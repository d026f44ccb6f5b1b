"""Bot and database stay under 1 GiB together while a large video is delivered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench.footprint import Memory, Plan, held_by, in_words, measure


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_bot_and_database_stay_under_a_gibibyte() -> None:
    report = await measure(Plan(size_mib=600))
    assert {"bot", "database", "local Telegram"} <= report["most_mib"].keys()
    assert 0 < report["together_mib"]["rest"] <= report["together_mib"]["most"] < report["limit_mib"]
    assert "bot and database" in in_words(report)


def test_the_most_is_of_one_moment() -> None:
    memory = Memory()
    memory.add({"bot": 10, "database": 1})
    memory.add({"bot": 2, "database": 8, "local Telegram": 90})
    assert memory.most == {"bot": 10, "database": 8, "local Telegram": 90}
    assert memory.most_together == 11


def test_only_processes_of_the_directory_count(tmp_path: Path) -> None:
    assert str(tmp_path).encode() not in Path(f"/proc/{os.getpid()}/cmdline").read_bytes()
    assert held_by(tmp_path) == {}
