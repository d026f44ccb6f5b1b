"""One thumbnail, as a process: an order of `core.media.stills` comes in, and a JPEG goes out."""

from __future__ import annotations

import sys

from core.apart import keep_bounds
from core.media.first_picture import thumbnail_of
from core.media.stills import answer, decoded

if __name__ == "__main__":
    keep_bounds()
    sys.stdout.buffer.write(answer(thumbnail_of(decoded(sys.stdin.buffer.read()))))
