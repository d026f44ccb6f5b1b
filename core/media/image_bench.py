"""A picture is checked and converted, as a process of its own: `python -m core.media.image_bench`."""

from __future__ import annotations

from core.media.bench import work
from core.media.images import prepare_image

if __name__ == "__main__":
    work(prepare_image)
