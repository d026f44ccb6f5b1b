"""The log: readable by machines, from everybody, without secrets, ids or people's words."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from core.errors import ConfigurationError, PluginError
from core.observability.logging import Log, configure_logging, correlation

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
PERSON = 8_589_934_592


class Written:
    def __init__(self, log: Log, stream: io.StringIO) -> None:
        self.log = log
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def written() -> Iterator[Written]:
    stream = io.StringIO()
    log = configure_logging(level="DEBUG", secrets=["hunter2-secret"], stream=stream)
    yield Written(log, stream)
    log.close()


@pytest.fixture
def own() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("core.somewhere")
    return logger


def test_a_line_is_json(written: Written, own: structlog.stdlib.BoundLogger) -> None:
    own.info("job delivered", job="j1", seconds=1.5, parts=(1, 2), fine=True, nothing=None)
    (line,) = written.lines
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "job delivered",
        "level": "info",
        "logger": "core.somewhere",
        "job": "j1",
        "seconds": 1.5,
        "parts": [1, 2],
        "fine": True,
        "nothing": None,
    }


def test_lines_about_one_thing_are_tied_together(written: Written, own: structlog.stdlib.BoundLogger) -> None:
    with correlation("u-17", plugin="generate"):
        own.info("inside")
        logging.getLogger("aiohttp.server").warning("inside too")
    own.info("outside")
    inside, foreign, outside = written.lines
    assert inside["correlation"] == foreign["correlation"] == "u-17"
    assert inside["plugin"] == "generate"
    assert "correlation" not in outside


@pytest.mark.parametrize(
    ("fields", "kept", "gone"),
    [
        ({"bot_token": "whatever"}, "***", "whatever"),
        ({"headers": {"Authorization": "abcdef", "Accept": "text"}}, "text", "abcdef"),
        ({"error": f"https://api.telegram.org/bot{TOKEN}/getMe"}, "/getMe", TOKEN),
        ({"error": f"token {TOKEN}"}, "token", TOKEN),
        ({"error": "Authorization: Bearer abc.def-ghi"}, "Bearer ***", "abc.def-ghi"),
        ({"uri": "mongodb+srv://user:pass@host/db"}, "mongodb+srv://***@host/db", "pass"),
        ({"url": "https://h/x?api_key=abcdef&page=2"}, "page=2", "abcdef"),
        ({"url": "https://h/x?job=1&signature=abcdef"}, "job=1", "abcdef"),
        ({"error": "key r8_abcdefghijklmnopqrst"}, "r8_***", "abcdefghijkl"),
        ({"error": "it said hunter2-secret twice"}, "it said *** twice", "hunter2"),
        ({"deep": [{"x": ["hunter2-secret"]}]}, "deep", "hunter2"),
        ({"user_id": PERSON}, "…4592", str(PERSON)),
        ({"chat": -PERSON}, "…4592", str(PERSON)),
        ({"user": "Alice Smith"}, "***", "Alice"),
        ({"admin_ids": (PERSON,)}, "…4592", str(PERSON)),
        ({"job": {"user_id": PERSON, "prompt": "a cat"}}, "[5 characters]", "a cat"),
        ({"prompt": "a cat in the rain"}, "[17 characters]", "cat"),
        ({"text": "my words"}, "[8 characters]", "words"),
    ],
)
def test_nothing_secret_is_written(
    fields: dict[str, Any], kept: str, gone: str, written: Written, own: structlog.stdlib.BoundLogger
) -> None:
    own.info("something", **fields)
    assert kept in written.text
    assert gone not in written.text


def test_secrets_in_the_event_itself_are_masked(written: Written, own: structlog.stdlib.BoundLogger) -> None:
    own.info("connecting to %s", "mongodb://u:p4ss@h")
    logging.getLogger("elsewhere").warning("token is %s", TOKEN)
    assert written.lines[0]["event"] == "connecting to mongodb://***@h"
    assert TOKEN not in written.text


def test_an_exception_is_told_by_kind_and_place(written: Written, own: structlog.stdlib.BoundLogger) -> None:
    try:
        try:
            raise ValueError("a person's words")
        except ValueError as error:
            raise PluginError("plugin joke failed") from error
    except PluginError:
        own.exception("it failed")
    (line,) = written.lines
    assert [told["error"] for told in line["exception"]] == ["PluginError: plugin joke failed", "ValueError"]
    assert line["exception"][0]["frames"][-1].startswith("observability/test_logging.py:")
    assert "a person's words" not in written.text


def test_foreign_exceptions_too(written: Written) -> None:
    try:
        raise ValueError("a person's words")
    except ValueError:
        logging.getLogger("asyncio").exception("Task exception was never retrieved")
    (line,) = written.lines
    assert line["exception"][0]["error"] == "ValueError"
    assert "a person's words" not in written.text


def test_other_libraries_do_not_chatter(written: Written) -> None:
    for name in ("pyrogram.session", "pymongo.command", "aiohttp.access"):
        logging.getLogger(name).debug("whole message")
        logging.getLogger(name).info("whole message")
        logging.getLogger(name).warning("something is wrong")
    assert [line["event"] for line in written.lines] == ["something is wrong"] * 3


def test_the_level_is_obeyed(own: structlog.stdlib.BoundLogger) -> None:
    stream = io.StringIO()
    log = configure_logging(level="WARNING", stream=stream)
    own.info("quiet")
    own.warning("loud")
    log.close()
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["loud"]


def test_a_terminal_gets_lines_for_people(own: structlog.stdlib.BoundLogger) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    log = configure_logging(stream=stream)
    own.info("job delivered", user_id=PERSON)
    log.close()
    assert "job delivered" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert str(PERSON) not in stream.getvalue()


def test_a_file_gets_the_log_as_json_and_is_rotated(
    tmp_path: Path, own: structlog.stdlib.BoundLogger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.observability.logging._FILE_BYTES", 2000)
    file = tmp_path / "logs" / "starloom.log"
    log = configure_logging(file=file, stream=io.StringIO())
    for number in range(60):
        own.info("line", number=number, prompt="a cat")
    log.close()
    files = sorted(tmp_path.glob("logs/starloom.log*"))
    assert 1 < len(files) <= 6
    assert json.loads(file.read_text().splitlines()[-1])["number"] == 59
    assert "cat" not in "".join(path.read_text() for path in files)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match=r"LOG_FILE: .* cannot be written"):
        configure_logging(file=tmp_path / "file" / "starloom.log")


def test_closing_leaves_logging_as_it_was() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    configure_logging(level="DEBUG", stream=io.StringIO()).close()
    assert (root.level, list(root.handlers)) == before
