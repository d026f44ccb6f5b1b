"""A video or sound is checked and converted, as a process of its own: `python -m core.media.clip_bench`."""

from __future__ import annotations

from core.media.bench import work
from core.media.clips import prepare_clip

if __name__ == "__main__":
    work(prepare_clip)
