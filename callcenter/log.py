"""Structured logs. A processor masks whatever looks like a phone number, wherever it stands."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

# mobile numbers, land lines with area code, ID card numbers: any run of eight digits or more that is
# not part of an identifier (call ids and case numbers hold dots and dashes around their digits)
_NUMBER = re.compile(r"(?<![\w.\-])(\+?\d{3})\d{2,}(\d{4})(?![\w.\-])")
_SAFE_KEYS = frozenset({"event", "level", "timestamp", "logger", "call_id", "port", "bytes"})


def _masked(value: Any) -> Any:
    return _NUMBER.sub(r"\1****\2", value) if isinstance(value, str) else value


def mask_numbers(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key not in _SAFE_KEYS or key == "event":
            event[key] = _masked(value)
    return event


def setup(*, json: bool, stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """One line per event on `stream`: JSON for machines, colours for people."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=False),
        structlog.processors.format_exc_info,
        mask_numbers,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    _libraries_too(shared, renderer, stream)


def _libraries_too(
    shared: list[structlog.typing.Processor], renderer: structlog.typing.Processor, stream: TextIO
) -> None:
    """uvicorn, SQLAlchemy and friends log through the standard library; same masks, warnings only."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
