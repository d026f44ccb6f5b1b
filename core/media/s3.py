"""Files kept in object storage that speaks S3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store as Bucket

from core.errors import ConfigurationError
from core.media.store import CHUNK, InputGone, StoreAway, mime_type_of, new_ref, saving_header

if TYPE_CHECKING:
    from obstore import Attributes
    from obstore.store import ClientConfig

_PREFIX = "starloom-"
_CALL = timedelta(seconds=60)
_TRIES = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class S3Settings:
    """Which bucket, and how to get in. An empty `endpoint` means Amazon's own of `region`."""

    bucket: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    endpoint: str = ""
    region: str = "us-east-1"


class S3Store:
    """Keeps files in a folder of a bucket; addresses are signed by its keys and hold for `address_life`."""

    def __init__(
        self,
        settings: S3Settings,
        *,
        address_life: timedelta,
        folder: str = "inputs",
        save_as: str = "",
    ) -> None:
        """With `save_as` a browser saves a file, under this name and the ending of its type."""
        self._settings = settings
        self._folder = f"{_PREFIX}{folder}"
        self._life = address_life
        self._save_as = save_as
        options: ClientConfig = {"timeout": _CALL, "allow_http": settings.endpoint.startswith("http://")}
        self._bucket = Bucket(
            settings.bucket,
            access_key_id=settings.access_key,
            secret_access_key=settings.secret_key,
            region=settings.region,
            virtual_hosted_style_request=False,
            client_options=options,
            retry_config={"max_retries": 3, "retry_timeout": _TRIES},
            config={"endpoint": settings.endpoint} if settings.endpoint else None,
        )

    async def check(self) -> None:
        """Write something and delete it again.

        Raises:
            ConfigurationError: the bucket does not take it.

        """
        try:
            await obstore.put_async(self._bucket, self._key("writable"), b"")
            await obstore.delete_async(self._bucket, self._key("writable"))
        except (BaseError, OSError, ValueError) as error:
            raise ConfigurationError(
                f"S3_BUCKET: {self._settings.bucket} cannot be written to ({type(error).__name__}); "
                "check S3_BUCKET, S3_ENDPOINT_URL, S3_REGION, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY"
            ) from error

    async def put(self, source: AsyncIterator[bytes], mime_type: str) -> str:
        """Keep what `source` gives; answers its ref. Of what breaks off nothing stays.

        Raises:
            StoreAway: the bucket does not take it.

        """
        ref = new_ref(mime_type)
        attributes: Attributes = {"Content-Type": mime_type}
        if self._save_as:
            attributes["Content-Disposition"] = saving_header(self._save_as, ref)
        with _answering():
            await obstore.put_async(self._bucket, self._key(ref), source, attributes=attributes)
        return ref

    async def open(self, ref: str) -> AsyncIterator[bytes]:
        """Read a file from its beginning.

        Raises:
            InputGone: it is not there (any more).
            StoreAway: the bucket does not give it.

        """
        if not mime_type_of(ref):
            raise InputGone("no such file")
        with _answering():
            found = await obstore.get_async(self._bucket, self._key(ref))
            async for chunk in found.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)

    async def kept_since(self, ref: str) -> datetime | None:
        """When a file was put in, or None if it is not there (any more)."""
        if not mime_type_of(ref):
            return None
        try:
            with _answering():
                return (await obstore.head_async(self._bucket, self._key(ref)))["last_modified"]
        except InputGone:
            return None

    async def delete(self, refs: Iterable[str]) -> None:
        """Forget files; what is gone already is no error.

        Raises:
            StoreAway: the bucket does not delete them.

        """
        keys = [self._key(ref) for ref in refs if mime_type_of(ref)]
        if keys:
            with _answering():
                await obstore.delete_async(self._bucket, keys)

    async def sweep(self, before: datetime) -> int:
        """Forget what was put in before a moment; how many files those were.

        Raises:
            StoreAway: the bucket does not list or delete them.

        """
        swept = 0
        with _answering():
            async for page in obstore.list(self._bucket, prefix=self._folder):
                old = [found["path"] for found in page if found["last_modified"] < before]
                if old:
                    await obstore.delete_async(self._bucket, old)
                    swept += len(old)
        return swept

    def address(self, ref: str) -> str:
        """Where the internet can fetch a file for some hours, signed by the bucket's keys."""
        return obstore.sign(self._bucket, "GET", self._key(ref), self._life) if mime_type_of(ref) else ""

    def _key(self, name: str) -> str:
        return f"{self._folder}/{name}"


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise InputGone("no such file") from None
    except (BaseError, OSError) as error:
        # Its message may hold signed addresses.
        raise StoreAway(f"object storage: {type(error).__name__}") from error
