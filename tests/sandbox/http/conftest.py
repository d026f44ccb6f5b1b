"""The HTTP face of each test's sandbox, and somebody who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from sandbox.http import HttpFace, make_app
from sandbox.server import Sandbox


@pytest.fixture
async def face(sandbox: Sandbox) -> AsyncIterator[HttpFace]:
    async with HttpFace(make_app(sandbox)) as running:
        yield running


@pytest.fixture
async def http(face: HttpFace) -> AsyncIterator[ClientSession]:
    async with ClientSession(face.url) as session:
        yield session
