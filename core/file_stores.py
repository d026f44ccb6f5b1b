"""Opens the places where files are kept: proven, swept, and served where they are on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from core.clock import Clock
from core.config import Settings
from core.derived_keys import callback_secrets
from core.media.addresses import INPUTS, RESULTS
from core.media.assembly import ADDRESS_LIFE, addresses_of, build_store
from core.media.files import FRESH
from core.media.results import ResultFiles
from core.media.store import InputStore, LocalStore
from core.media.sweep import InputSweep
from core.plugins_file import PluginsFile
from core.web.files import FilePages
from core.web.server import WebServer

_SAVED_AS = "starloom"
"""How the names of files begin that people fetch from us."""

RunInBackground = Callable[[Callable[[asyncio.Event], Awaitable[None]], str], Awaitable[None]]


class FileStores:
    """Opens stores as the settings say; raises ConfigurationError where one takes no files."""

    def __init__(
        self,
        settings: Settings,
        file: PluginsFile,
        clock: Clock,
        *,
        web: WebServer | None,
        run: RunInBackground,
    ) -> None:
        self._settings = settings
        self._file = file
        self._clock = clock
        self._web = web
        self._run = run

    async def inputs(self) -> InputStore:
        """The store of the files that people give, shown to providers."""
        needed = timedelta(
            hours=self._file.billing.order_hours, minutes=self._file.limits.generation.deadline_minutes
        )
        return await self._opened(INPUTS, life=ADDRESS_LIFE, age=FRESH + 2 * needed)

    async def results(self) -> ResultFiles:
        """The store of results that are too large for Telegram, shown to people."""
        limits = self._file.limits.generation
        life = timedelta(hours=limits.link_hours)
        # A link is made when it is sent, and what cannot be sent yet waits for its person.
        waiting = timedelta(hours=limits.keep_result_hours)
        store = await self._opened(RESULTS, life=life, age=life + waiting, save_as=_SAVED_AS)
        linked = bool(self._settings.public_url) or not isinstance(store, LocalStore)
        return ResultFiles(store, self._clock, life=life, linked=linked)

    async def _opened(self, path: str, *, life: timedelta, age: timedelta, save_as: str = "") -> InputStore:
        secret, *previous = callback_secrets(self._settings)
        addresses = addresses_of(
            self._settings, self._clock, secret=secret, previous=previous, path=path, life=life
        )
        folder = path.strip("/")
        store = build_store(self._settings, self._clock, addresses, folder=folder, life=life, save_as=save_as)
        await store.check()
        if isinstance(store, LocalStore) and self._web is not None:
            self._web.serve_files(path, FilePages(store, addresses, save_as=save_as))
        await self._run(InputSweep(store, self._clock, age=age).run, f"sweep of {folder}")
        return store
