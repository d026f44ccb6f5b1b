"""People's files reach Kie.ai by its upload server, and no address of our own network does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from support.kie_server import KieServer, envelope
from support.loop_time import LoopTime
from support.scripted_http import Handler, Scripted, lost, page

from providers.kie.provider import KieProvider
from providers.kie.uploads import is_public
from starloom.api import Category, FailureReason, InputFile, ProviderTask, SubmissionRefused
from starloom.testing import HttpSettings, RetrySettings

Start = Callable[..., Any]
VIDEO = "veo-3.1-fast"
MIB = 1024 * 1024


def _file(content: bytes = b"pixels", *, url: str = "", name: str = "cat.PNG") -> InputFile:
    async def read() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 64 * 1024):
            yield content[start : start + 64 * 1024]

    return InputFile(name, "image/png", len(content), read, url)


def _task(*files: InputFile, job_id: str = "job-1") -> ProviderTask:
    return ProviderTask(job_id, VIDEO, Category.VIDEO, "a fox", {}, {"imageUrls": files})


def _sent(server: KieServer) -> Any:
    (task,) = server.tasks.values()
    return task.input["imageUrls"]


async def test_each_file_is_uploaded_whole_and_named_in_the_order(
    server: KieServer, provider: KieProvider
) -> None:
    large = bytes(range(256)) * 4096
    await provider.submit(_task(_file(large), _file(b"second", name="no-extension")))
    addresses = _sent(server)
    assert [server.uploads[address.rpartition("/")[2]] for address in addresses] == [large, b"second"]
    assert addresses[0].startswith("https://tempfile.redpandaai.co/")
    assert addresses[0].endswith(".png")
    assert len(set(addresses)) == 2
    assert "job-1" not in " ".join(addresses)


async def test_a_repeated_submission_replaces_its_uploads(server: KieServer, provider: KieProvider) -> None:
    for _ in range(2):
        await provider.submit(_task(_file()))
    assert len(server.uploads) == 1
    await provider.submit(_task(_file(), job_id="job-2"))
    assert len(server.uploads) == 2


async def test_an_upload_is_tried_again_from_the_beginning(server: KieServer, start: Start) -> None:
    provider = await start(settings=HttpSettings(retries=RetrySettings(attempts=3)))
    server.next("upload", lost(), page(502, "x"))
    await provider.submit(_task(_file(b"pixels" * 50_000)))
    assert list(server.uploads.values()) == [b"pixels" * 50_000]
    assert len(server.requests("upload")) == 3


FAILURES = {
    "refused": (envelope(402, "Credits insufficient"), FailureReason.OUT_OF_CREDIT),
    "not a file": (envelope(400, "Unsupported"), FailureReason.INPUT_REJECTED),
    "too large": (page(413, "x"), FailureReason.INPUT_REJECTED),
    "no key": (envelope(401, "x"), FailureReason.UNAUTHORIZED),
    "maintenance": (envelope(455, "x"), FailureReason.UNAVAILABLE),
    "gateway": (page(502, "x"), FailureReason.UNAVAILABLE),
    "lost": (lost(), FailureReason.UNAVAILABLE),
    "page": (page(200, "<html>"), FailureReason.UNAVAILABLE),
    "no address": (envelope(200, "ok", {"downloadUrl": None}), FailureReason.PROVIDER_FAULT),
    "no data": (envelope(200, "ok"), FailureReason.PROVIDER_FAULT),
    "another kind of address": (envelope(200, "ok", {"downloadUrl": "/x"}), FailureReason.PROVIDER_FAULT),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_without_its_files_nothing_is_ordered(
    server: KieServer, provider: KieProvider, name: str
) -> None:
    reply, reason = FAILURES[name]
    server.next("upload", reply)
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(_task(_file(url="http://192.168.0.4/media/cat.png")))
    assert caught.value.reason is reason
    assert server.requests("generate") == []
    assert "192.168" not in str(caught.value)


@pytest.mark.parametrize("name", FAILURES)
async def test_a_public_address_stands_in_for_an_upload(
    server: KieServer, provider: KieProvider, name: str
) -> None:
    server.next("upload", FAILURES[name][0])
    await provider.submit(_task(_file(url="https://bot.example/media/cat.png?sig=1")))
    assert _sent(server) == ["https://bot.example/media/cat.png?sig=1"]


@pytest.mark.parametrize(
    ("options", "files"),
    [({"aspect_ratio": "5:4"}, 0), ({"colour": "red"}, 0), ({"duration": "8"}, 0), ({}, 3)],
)
async def test_what_the_model_does_not_take_is_not_sent(
    server: KieServer, provider: KieProvider, options: dict[str, Any], files: int
) -> None:
    task = ProviderTask(
        "job-1", VIDEO, Category.VIDEO, "a fox", options, {"imageUrls": (_file(),) * files} if files else {}
    )
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(task)
    assert caught.value.reason is FailureReason.INPUT_REJECTED
    assert server.seen == []


@pytest.mark.parametrize(
    ("url", "sandbox", "sent"),
    [
        ("https://bot.example/callbacks/kie?job=1&sig=2", False, True),
        ("http://bot.example/callbacks/kie?job=1&sig=2", False, False),
        ("https://192.168.0.4/callbacks/kie?job=1&sig=2", False, False),
        ("http://127.0.0.1:10000/callbacks/kie?job=1&sig=2", True, True),
        ("", True, False),
    ],
)
async def test_an_address_that_kie_cannot_reach_is_no_callback(
    server: KieServer, start: Start, url: str, sandbox: bool, sent: bool
) -> None:
    provider = await start(sandbox=sandbox)
    await provider.submit(ProviderTask("job-1", "z-image", Category.IMAGE, "a fox", {}, {}, url))
    (task,) = server.tasks.values()
    assert task.body.get("callBackUrl") == (url if sent else None)


async def test_a_model_that_is_gone_is_refused(server: KieServer, provider: KieProvider) -> None:
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(ProviderTask("job-1", "sora-2", Category.VIDEO, "a fox", {}))
    assert caught.value.reason is FailureReason.UNAVAILABLE


@pytest.mark.parametrize(
    "url",
    [
        "https://bot.example/media/x?sig=1",
        "http://bot.example:8080/x",
        "https://8.8.8.8/x",
        "https://[2001:4860:4860::8888]/x",
        "https://xn--e1afmkfd.xn--p1ai/x",
    ],
)
def test_addresses_that_kie_may_be_told(url: str) -> None:
    assert is_public(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "/media/x",
        "ftp://bot.example/x",
        "file:///etc/passwd",
        "https://",
        "https://localhost/x",
        "https://LOCALHOST./x",
        "https://bot.localhost/x",
        "https://bot/x",
        "https://bot.local/x",
        "https://bot.internal./x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://0x7f.1/x",
        "https://10.0.0x1/x",
        "https://2130706433/x",
        "https://10.1.2.3/x",
        "https://172.16.0.1/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/x",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[fe80::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[::1/x",
    ],
)
def test_addresses_that_are_kept_to_ourselves(url: str) -> None:
    assert not is_public(url)


def _after(time: LoopTime, seconds: float) -> Scripted:
    """The usual answer, after so many seconds."""

    async def reply(request: web.Request, usual: Handler) -> web.StreamResponse:
        await time.jump(seconds)
        return await usual(request)

    return reply


async def test_a_large_file_may_take_longer_than_a_small_one(
    server: KieServer, provider: KieProvider
) -> None:
    time = LoopTime()
    server.next("upload", _after(time, 120))
    await provider.submit(_task(_file(bytes(8 * MIB))))
    server.next("upload", _after(time, 120))
    with pytest.raises(SubmissionRefused) as caught:
        await provider.submit(_task(_file(bytes(MIB)), job_id="job-2"))
    assert caught.value.reason is FailureReason.UNAVAILABLE
    assert len(server.tasks) == 1


async def test_files_that_are_all_slow_are_given_up_together(
    server: KieServer, provider: KieProvider
) -> None:
    time = LoopTime()
    server.next("upload", *[_after(time, 90)] * 3)
    with pytest.raises(SubmissionRefused, match="in time"):
        await provider.submit(_task(_file(bytes(MIB)), _file(bytes(MIB), name="other.png")))
    assert server.tasks == {}
