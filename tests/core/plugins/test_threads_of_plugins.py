"""A plugin's own thread that computes without end is named, with its line and what to do."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

from support.plugin_house import Build, good
from support.studio_talk import write_plugin

from core.plugins.threads import ThreadComputes, ThreadWatch, used_by_threads

SPINNING = """
    import threading

    class Spinning(Plugin):
        name = "spinning"

        async def start(self):
            self.ended = threading.Event()
            self.threads = [
                threading.Thread(target=self.spin, name=name, daemon=True) for name in ("mill", "asyncio_7")
            ]
            for thread in self.threads:
                thread.start()

        def spin(self):
            self.ended.wait()

        @command("mills")
        async def mills(self, event):
            pass

        async def stop(self):
            self.ended.set()
            for thread in self.threads:
                thread.join()
"""


async def test_a_thread_that_computes_all_the_time_is_named_once_with_its_line(
    build: Build, tmp_path: Path
) -> None:
    write_plugin(tmp_path, "spinning", SPINNING)
    house = build({"spinning": {"module": str(tmp_path / "spinning")}, **good()})
    await house.manager.start()
    mill, pool = house.plugin("spinning").threads
    used: dict[int, float] = {mill.native_id: 5.0, pool.native_id: 5.0, threading.get_native_id(): 5.0}
    moments = [0.0]

    def spent() -> Mapping[int, float]:
        return dict(used)

    told: list[tuple[str, str, ThreadComputes]] = []
    slots = house.manager._slots
    watch = ThreadWatch(
        slots.all_running, lambda *each: told.append(each), used=spent, now=lambda: moments[-1]
    )

    async def look_after(seconds: float, share: float) -> int:
        """Look once more when all threads have computed for this share of the time; how often it was told."""
        moments.append(moments[-1] + seconds)
        for thread in used:
            used[thread] += share * seconds
        await watch.look()
        return len(told)

    # What it has used before is not known to the first look, and half of the time is not all of it.
    assert [await look_after(10, share) for share in (1, 0.5, 1, 1)] == [0, 0, 1, 1]
    ((plugin, where, error),) = told
    assert (plugin, where) == ("spinning", "thread mill")
    assert "computes all the time, at spinning/__init__.py:18 spin, which makes everything slower" in str(
        error
    )
    assert "switch the plugin off and restart the bot" in str(error)
    assert await look_after(0.1, 1) == 1


def test_what_this_thread_has_computed_is_known() -> None:
    before = used_by_threads()[threading.get_native_id()]
    sum(number * number for number in range(3_000_000))
    assert used_by_threads()[threading.get_native_id()] > before
