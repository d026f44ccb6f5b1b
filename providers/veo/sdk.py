"""Google's own library, `google-genai`, speaking through our own HTTP.

By itself it would send a submission once more when the connection breaks, and a second video would be paid.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any, Self

from providers.veo.credentials import CredentialsProblem, ServiceAccount, Signer
from starloom.api import ProviderError, Reply

MISSING = "google-genai is not installed: pip install 'starloom[veo]'"
_CONTENT_TYPE = {"Content-Type": "application/json"}
_FIELD = b'"bytesBase64Encoded": "%s"'
"""How the library writes a picture."""
_UNUSED = "put in when a request is sent"


@dataclass(frozen=True, slots=True)
class Libraries:
    """The modules that the extra `veo` brings."""

    genai: ModuleType
    types: ModuleType
    httpx: ModuleType
    crypt: ModuleType
    jwt: ModuleType
    oauth: ModuleType

    @classmethod
    async def load(cls) -> Self | None:
        """Import them, in a thread, as that takes a second or two; None if they are not installed."""
        try:
            return await asyncio.to_thread(cls._load)
        except ImportError:
            return None

    @classmethod
    def _load(cls) -> Self:
        return cls(
            genai=import_module("google.genai"),
            types=import_module("google.genai.types"),
            httpx=import_module("httpx2"),
            crypt=import_module("google.auth.crypt"),
            jwt=import_module("google.auth.jwt"),
            oauth=import_module("google.oauth2.credentials"),
        )

    def signer(self, account: ServiceAccount) -> Signer:
        """What signs with the key of a service account.

        Raises:
            CredentialsProblem: its private key is none.

        """
        try:
            signer = self.crypt.RSASigner.from_service_account_info(account.info)
        except ValueError:
            raise CredentialsProblem("holds no usable private key") from None

        def sign(claims: Mapping[str, Any]) -> bytes:
            token: bytes = self.jwt.encode(signer, claims)
            return token

        return sign


@dataclass(slots=True)
class Sending:
    """One request that the library is told to make. `begun` is set when it is handed to our HTTP.

    `pictures` are put into it at the last moment, where the library was given their `stand_in`s.
    """

    safe: bool
    model: str = ""
    request_id: str = ""
    pictures: Sequence[bytes] = field(default=(), repr=False)
    begun: bool = False


def stand_in(number: int) -> bytes:
    """What the library is given in place of a picture: it would hold up everything else for a large one."""
    return b"picture %d" % number


class Answered(ProviderError):
    """Google answered with another status than success."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"HTTP {reply.status}")
        self.reply = reply


Send = Callable[[Sending, str, str, bytes], Awaitable[Reply]]
"""Sends a request of the library's: what it is for, its method, address and body."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that a person gave."""

    content: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True)
class Order:
    """A video to be made. `config` has fields of the library's `GenerateVideosConfig`."""

    model: str
    prompt: str = field(repr=False)
    config: Mapping[str, Any]
    image: Picture | None = None
    last_frame: Picture | None = None
    references: Sequence[Picture] = ()


class Library:
    """The library's client for one project on Vertex AI."""

    def __init__(
        self, libraries: Libraries, send: Send, *, project: str, location: str, base_url: str
    ) -> None:
        self._types = libraries.types
        self._transport = _Transport(libraries.httpx, send)
        self._client: Any = libraries.genai.Client(
            enterprise=True,
            project=project,
            location=location,
            credentials=libraries.oauth.Credentials(token=_UNUSED),
            http_options=self._types.HttpOptions(
                base_url=base_url,
                api_version="v1",
                # It makes no connections of its own, so that no certificates are read for them.
                async_client_args={"ssl": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)},
                httpx_client=libraries.httpx.Client(transport=self._transport),
                httpx_async_client=libraries.httpx.AsyncClient(transport=self._transport),
            ),
        )

    async def generate_video(self, order: Order, sending: Sending) -> str:
        """Begin a video; the name of its operation.

        Raises:
            Answered: Google did not answer with success.
            ValueError: the library does not take the order, or not what was answered.
            ProviderError: as our HTTP raises it.

        """
        types = self._types
        pictures: list[bytes] = []
        references = [self._image(each, pictures) for each in order.references]
        config = types.GenerateVideosConfig(
            **order.config,
            last_frame=self._image(order.last_frame, pictures),
            reference_images=[
                types.VideoGenerationReferenceImage(image=image, reference_type="ASSET")
                for image in references
            ]
            or None,
        )
        source = types.GenerateVideosSource(prompt=order.prompt, image=self._image(order.image, pictures))
        sending.pictures = pictures
        with self._transport.sending(sending):
            operation = await self._client.aio.models.generate_videos(
                model=order.model, source=source, config=config
            )
        if not isinstance(operation.name, str):
            raise ValueError("no name of an operation")
        return operation.name

    async def count_tokens(self, model: str, prompt: str, sending: Sending) -> int:
        """How many tokens a text model sees in a prompt; raises as `generate_video` does."""
        with self._transport.sending(sending):
            counted = await self._client.aio.models.count_tokens(model=model, contents=prompt)
        if type(counted.total_tokens) is not int:
            raise ValueError("no number of tokens")
        return int(counted.total_tokens)

    async def close(self) -> None:
        """Give up what the client holds."""
        await self._client.aio.aclose()
        self._client.close()

    def _image(self, picture: Picture | None, pictures: list[bytes]) -> Any:
        """An image of the library's, with the picture itself among `pictures`."""
        if picture is None:
            return None
        pictures.append(picture.content)
        return self._types.Image(image_bytes=stand_in(len(pictures) - 1), mime_type=picture.mime_type)


class _Transport:
    """What the library's HTTP client takes for its network."""

    def __init__(self, httpx: ModuleType, send: Send) -> None:
        self._httpx = httpx
        self._send = send
        self._current: ContextVar[Sending] = ContextVar("sending")

    @contextlib.contextmanager
    def sending(self, what: Sending) -> Iterator[None]:
        """Say what the library is told to make inside."""
        token = self._current.set(what)
        try:
            yield
        finally:
            self._current.reset(token)

    async def handle_async_request(self, request: Any) -> Any:
        """Send one request, and answer its reply in the library's form."""
        what = self._current.get()
        body = await asyncio.to_thread(_with_pictures, await request.aread(), what.pictures)
        what.begun = True
        reply = await self._send(what, request.method, str(request.url), body)
        if not reply.ok:
            raise Answered(reply)
        reply.table()
        return self._httpx.Response(reply.status, headers=_CONTENT_TYPE, content=reply.body)

    async def aclose(self) -> None:
        """Nothing: the connections are not ours."""

    def close(self) -> None:
        """Nothing: the connections are not ours."""


def _with_pictures(body: bytes, pictures: Sequence[bytes]) -> bytes:
    for number, content in enumerate(pictures):
        parts = _FIELD % base64.b64encode(stand_in(number)), _FIELD % base64.b64encode(content)
        if body.count(parts[0]) != 1:
            raise ValueError("the library writes pictures in another way")
        body = body.replace(*parts)
    return body
