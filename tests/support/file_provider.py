"""A provider for tests of the whole bot that gives whatever files a test has laid down for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.studio_talk import project_plugins

from core.generation.job import Job
from core.users import User
from sandbox.people.person import Person
from sandbox.studio import Studio

_CODE = """
import asyncio
from decimal import Decimal
from pathlib import Path

from core.http.fetching import FileHead
from starloom.api import *

PRICE = {"rule": "flat", "usd": Decimal("0.0065")}
FREE = {"rule": "flat", "usd": Decimal("0.0001")}
ASKED = (
    {"field": "aspect", "type": "string", "required": True, "choices": ("1:1", "9:16")},
    {"field": "seed", "type": "integer", "required": True, "minimum": 1, "maximum": 9},
)


def model(name, category, **rest):
    return Model.model_validate({
        "id": name, "provider": "files", "category": category, "price_source": "test",
        "price_date": "2026-01-01", "title": {"en": "Files", "ru": "Файлы"}, **{"price": PRICE, **rest},
    })


class Reading:
    # A file with what a server would say of it; its bytes stand still while there is a file `hold`.

    def __init__(self, path, folder):
        self.head = FileHead(size=path.stat().st_size)
        self.folder = folder
        self.chunks = self.read(path)

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await anext(self.chunks)

    async def aclose(self):
        await self.chunks.aclose()

    async def read(self, path):
        with path.open("rb") as file:
            while chunk := file.read(65536):
                yield chunk
                while len(chunk) == 65536 and (self.folder / "hold").exists():
                    await asyncio.sleep(0.01)


class Files:
    name = "files"

    def __init__(self, context):
        self.folder = Path(FOLDER)

    async def start(self): ...
    async def stop(self): ...

    def models(self):
        return ModelList((
            model("files-image", "image"), model("files-video", "video"),
            model("files-audio", "audio"), model("files-speech", "audio", speech=True),
            *(model(f"files-free-{number}", "image", price=FREE) for number in range(5)),
            model("files-asks", "image", options=ASKED, title={"en": "Choosy", "ru": "Разборчивая"}),
        ))

    async def submit(self, task):
        return task.prompt

    async def find(self, job_id):
        return None

    async def poll(self, task_id):
        percent = self.folder / task_id / "percent"
        if percent.exists():
            return Running(int(percent.read_text()))
        found = sorted((self.folder / task_id).iterdir())
        return Succeeded(tuple(Result(url=str(path)) for path in found))

    async def cancel(self, task_id):
        return False

    def open(self, result):
        with (self.folder / "opened").open("a") as log:
            log.write(result.url + "\\n")
        return Reading(Path(result.url), self.folder)

    async def account(self):
        return None


def create(context):
    return Files(context)
"""


@dataclass(slots=True)
class FileProvider:
    """The files of the orders of one studio, below `directory`, by the words of the order."""

    directory: Path
    _orders: int = field(default=0)

    def install(self) -> dict[str, Any]:
        """Write the provider; answers its table of plugins.toml."""
        self.folder.mkdir(parents=True)
        module = self.directory / "files_provider"
        module.mkdir()
        code = _CODE.replace("FOLDER", repr(str(self.folder)))
        (module / "__init__.py").write_text(code, encoding="utf-8")
        return {"module": "./files_provider"}

    def beside_demo(self) -> dict[str, Any]:
        """What the project's plugins.toml says, with the demo provider and this one."""
        plugins = project_plugins(self.directory)
        plugins["providers"] = {"demo": plugins["providers"]["demo"], "files": self.install()}
        return plugins

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self.directory / "orders"

    @property
    def opened(self) -> list[str]:
        """The names of the files that were fetched, as often as they were."""
        log = self.folder / "opened"
        return [Path(line).name for line in log.read_text().splitlines()] if log.exists() else []

    def hold(self) -> None:
        """Let no file come any further than its first 64 KiB."""
        (self.folder / "hold").touch()

    def go_on(self) -> None:
        """Let them come."""
        (self.folder / "hold").unlink(missing_ok=True)

    def lay_down(self, words: str, files: Mapping[str, bytes]) -> Path:
        """Lay the files of the order of these words down; a file `percent` says how far it is instead."""
        (self.folder / words).mkdir()
        for name, content in files.items():
            (self.folder / words / name).write_bytes(content)
        return self.folder / words

    async def order(
        self, studio: Studio, person: Person, files: Mapping[str, bytes], *, model: str = "files-image"
    ) -> Job:
        """Let a person order what is made into these files."""
        self._orders += 1
        words = f"order {self._orders}"
        self.lay_down(words, files)
        generations = studio.service.studio.generations
        return await generations.create(
            request_id=words,
            user=User(id=person.id, first_name=person.name, telegram_language=person.language),
            chat_id=person.id,
            quote=generations.quote(model),
            prompt=words,
        )
