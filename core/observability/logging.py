"""The log: JSON for machines, coloured lines for a terminal, no secrets in either.

Everything goes through it, that of other libraries as well. Those may speak from the level WARNING on
only: what they say below that repeats whole messages and database commands.
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import structlog

from core.errors import ConfigurationError
from core.observability.masking import Masking
from core.observability.tracebacks import chain

_FILE_BYTES = 10 * 1024 * 1024
_FILES_KEPT = 5
_JSON = structlog.processors.JSONRenderer(ensure_ascii=False)
_OWN_LOGGERS = ("core", "plugins", "providers", "sandbox", "starloom")
CORRELATION = "correlation"
"""The field that ties together all lines about one update, one job, one request."""


class Log:
    """The configured log; `close` ends it and leaves logging as it was."""

    def __init__(self, handlers: list[logging.Handler], level: str) -> None:
        self._handlers = handlers
        root = logging.getLogger()
        self._before = {name: logging.getLogger(name).level for name in ("", *_OWN_LOGGERS)}
        set_level(level)
        for handler in handlers:
            root.addHandler(handler)

    def close(self) -> None:
        """Write out what is left and give up the file."""
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()
        for name, level in self._before.items():
            logging.getLogger(name).setLevel(level)
        structlog.reset_defaults()


def configure_logging(
    *,
    level: str = "INFO",
    file: Path | None = None,
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> Log:
    """Begin to log to `stream` (standard error unless given) and to `file`, which is rotated at 10 MB.

    `level` is that of Starloom's own lines; `secrets` are values that must appear nowhere.

    Raises:
        ConfigurationError: the file cannot be written.

    """
    target = stream if stream is not None else sys.stderr
    masking = Masking(secrets)
    terminal: logging.Handler = logging.StreamHandler(target)
    renderer = structlog.dev.ConsoleRenderer() if target.isatty() else _JSON
    terminal.setFormatter(_formatter(masking, renderer))
    handlers = [terminal]
    if file is not None:
        handlers.append(_file_handler(file, masking))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_common(masking),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return Log(handlers, level)


def require_log_file(file: Path) -> None:
    """See that the log can be written to `file`.

    Raises:
        ConfigurationError: it cannot.

    """
    _file_handler(file, Masking(())).close()


def set_level(level: str) -> None:
    """Log Starloom's own lines from this level on, in this process."""
    logging.getLogger().setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    for name in _OWN_LOGGERS:
        logging.getLogger(name).setLevel(level)


@contextlib.contextmanager
def correlation(identifier: str, **fields: Any) -> Iterator[None]:
    """Put `identifier` and `fields` into every line that is logged inside."""
    with structlog.contextvars.bound_contextvars(**{CORRELATION: identifier}, **fields):
        yield


def _common(masking: Masking) -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        _tell_exception,
        masking,
    ]


def _formatter(masking: Masking, renderer: Any) -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_common(masking),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        keep_exc_info=False,
        keep_stack_info=False,
    )


def _file_handler(file: Path, masking: Masking) -> logging.Handler:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(
            file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8"
        )
    except OSError as error:
        raise ConfigurationError(f"LOG_FILE: {file} cannot be written: {error.strerror}") from error
    handler.setFormatter(_formatter(masking, _JSON))
    return handler


def _tell_exception(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Put kinds and places of an exception into the record; its text may hold what people wrote."""
    told = event.pop("exc_info", None)
    if told is True:
        told = sys.exc_info()
    error = told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        event["exception"] = chain(error)
    return event
