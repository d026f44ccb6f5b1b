"""Checks and conversions in a process of their own: what breaks, hangs or fills it harms nobody else."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from support.media_samples import clip, picture

from core.media.wants import Unfit, Wants
from core.media.workshop import Workshop, WorkshopLimits

IMAGE = Wants("image", ("jpeg", "png"), 1_000_000)


async def test_a_picture_and_a_video_come_out_as_they_would_here(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.write_bytes(picture((900, 300)))
    prepared = await Workshop().prepare(source, target, Wants("image", ("png",), 1_000_000, side_max=300))
    assert (prepared.mime_type, prepared.width, prepared.height) == ("image/png", 300, 100)
    assert [note.key for note in prepared.notes] == ["media-made-smaller"]
    assert prepared.size == target.stat().st_size
    video = await Workshop().prepare(clip(tmp_path / "a.mp4"), target, Wants("video", ("mp4",), 1_000_000))
    assert (video.mime_type, video.seconds) == ("video/mp4", pytest.approx(2.0, abs=0.11))


async def test_a_refusal_comes_out_in_words_with_its_numbers(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(picture((20, 20)))
    with pytest.raises(Unfit) as caught:
        await Workshop().prepare(source, tmp_path / "out", IMAGE)
    assert caught.value.variables == {"width": 20, "height": 20, "least": 32}


async def test_what_fills_the_memory_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(picture((4000, 4000), mode="RGBA", form="PNG", compress_level=1))
    with pytest.raises(Unfit, match="media-broken"):
        await Workshop(WorkshopLimits(memory=150 * 1024 * 1024)).prepare(source, tmp_path / "out", IMAGE)


async def test_what_never_ends_is_ended(tmp_path: Path) -> None:
    pipe = tmp_path / "in"
    os.mkfifo(pipe)
    with pytest.raises(Unfit, match="media-takes-too-long"):
        await Workshop(WorkshopLimits(seconds=1)).prepare(pipe, tmp_path / "out", IMAGE)


async def test_whoever_gives_up_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "in"
    os.mkfifo(pipe)
    begun: asyncio.Queue[asyncio.subprocess.Process] = asyncio.Queue()
    create = asyncio.create_subprocess_exec

    async def watched(*arguments: str, **options: Any) -> asyncio.subprocess.Process:
        process = await create(*arguments, **options)
        begun.put_nowait(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    waiting = asyncio.create_task(Workshop().prepare(pipe, tmp_path / "out", IMAGE))
    process = await begun.get()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert process.returncode is not None


async def test_the_process_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "hunter2")
    seen: list[dict[str, str]] = []
    create = asyncio.create_subprocess_exec

    async def watched(*arguments: str, **options: Any) -> asyncio.subprocess.Process:
        seen.append(dict(options["env"]))
        return await create(*arguments, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    source = tmp_path / "in"
    source.write_bytes(picture())
    await Workshop().prepare(source, tmp_path / "out", IMAGE)
    assert "BOT_TOKEN" not in seen[0]
    assert "hunter2" not in str(seen)
