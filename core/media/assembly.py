"""Builds the store that the settings ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from core.clock import Clock
from core.config import Settings
from core.errors import ConfigurationError
from core.media.addresses import FileAddresses
from core.media.s3 import S3Settings, S3Store
from core.media.store import InputStore, LocalStore

ADDRESS_LIFE = timedelta(hours=6)
"""How long a provider can fetch a file by the address that it was given."""


def addresses_of(
    settings: Settings, clock: Clock, *, secret: bytes, previous: Sequence[bytes], path: str, life: timedelta
) -> FileAddresses:
    """The addresses of files on our own web server, below `path`."""
    return FileAddresses(
        settings.public_url or "", secret=secret, previous=previous, clock=clock, life=life, path=path
    )


def build_store(
    settings: Settings,
    clock: Clock,
    addresses: FileAddresses,
    *,
    folder: str,
    life: timedelta,
    save_as: str = "",
) -> InputStore:
    """The store that STORAGE_MODE names; `folder` tells what is kept there, `life` how long addresses hold.

    `save_as` is how the names begin under which people save what they fetch from a bucket.

    Raises:
        ConfigurationError: a setting of it is missing.

    """
    if settings.storage_mode == "local":
        return LocalStore(settings.data_dir / folder, clock, addresses=addresses.address)
    bucket, key, secret = settings.s3_bucket, settings.s3_access_key_id, settings.s3_secret_access_key
    if not bucket or key is None or secret is None:
        raise ConfigurationError(
            "STORAGE_MODE: s3 needs S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY"
        )
    return S3Store(
        S3Settings(
            bucket=bucket,
            access_key=key.get_secret_value(),
            secret_key=secret.get_secret_value(),
            endpoint=settings.s3_endpoint_url or "",
            region=settings.s3_region,
        ),
        address_life=life,
        folder=folder,
        save_as=save_as,
    )
