# SPDX-License-Identifier: Apache-2.0
"""One log format for our records and those of libraries, which lets no content through.

Keys outside the allow-list are dropped, and counted in `dropped`. Exceptions are logged as types
and places, never with their text. A library's record keeps its template, not what was put into it.
"""

from __future__ import annotations

import contextlib
import logging
import math
import re
import sys
import threading
import traceback
from collections.abc import MutableMapping
from typing import IO, Any

import structlog

from services.common import context
from services.common.errors import SottoError

ALLOWED_KEYS = frozenset(
    """
    event level timestamp logger service caller person role purpose request_id peer method
    status reason code exit_code exception dropped
    zone study_id participant recording_id run_key release_id object key_id stage state kind
    index window windows segments turns words count counts total done attempt attempts size bytes
    entries tree_size generation
    duration_ms done_ms total_ms seconds rate
    address port pid signal process processes backend provider engine model version versions
    flow_run_id task workers limit name entity_type entity_types policy
    """.split()
)
_EVENT = re.compile(r"[a-z0-9][a-z0-9_.]*")
_MOST_CHARACTERS = 200
_OURS = ("services", "flows", "__main__")
_STRUCTLOGS_OWN = ("_record", "_from_structlog")  # removed before rendering

EventDict = MutableMapping[str, Any]


def configure(
    service: str, *, fmt: str = "json", level: str = "info", stream: IO[str] | None = None
) -> None:
    """Send every record of this process through the one formatter, to `stream` (stderr).

    A library that sets up logging when it is imported needs this called again afterwards.
    """
    shared: list[structlog.typing.Processor] = [
        _add_context,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _describe_exception,
        _keep_allowed,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(sort_keys=True)
        if fmt == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_from_library, *shared],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        keep_exc_info=False,
        keep_stack_info=False,
        # Arguments are looked at, never put into the template.
        use_get_message=False,
        pass_foreign_args=True,
    )
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Those that a library gave itself, such as Prefect's, print what was put into their records.
    for one in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(one, logging.Logger):
            one.handlers.clear()
            one.propagate = True
    for noisy in ("presidio-analyzer", "presidio-anonymizer", "faster_whisper", "urllib3", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(service=service)
    _SERVICE[0] = service


def withhold_tracebacks() -> None:
    """Log uncaught errors, where Python would print them with their text."""
    log = structlog.get_logger(__name__)

    def report(error: BaseException | None) -> None:
        if not isinstance(error, SystemExit):
            log.error("uncaught_error", exc_info=error)

    sys.excepthook = lambda _kind, error, _trace: report(error)
    threading.excepthook = lambda given: report(given.exc_value)
    sys.unraisablehook = lambda given: report(given.exc_value)


class _Handler(logging.StreamHandler[IO[str]]):
    """Where a record cannot be written, says so; the standard library would print what is in it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        fields = {"name": record.name, "levelno": record.levelno, "levelname": record.levelname}
        with contextlib.suppress(Exception):
            instead = logging.makeLogRecord({**fields, "msg": "record_not_written", "args": (0,)})
            self.stream.write(self.format(instead) + self.terminator)


_SERVICE = [""]


def _add_context(_logger: Any, _method: str, record: EventDict) -> EventDict:
    record.setdefault("service", _SERVICE[0])
    call = context._CURRENT.get()  # noqa: SLF001 - an empty context must not invent a request id
    if call is not None:
        record.setdefault("request_id", call.request_id)
    return record


def _from_library(_logger: Any, _method: str, record: EventDict) -> EventDict:
    """Keep of a foreign record what its authors wrote, not what their program put in."""
    raw = record["_record"]
    arguments = record.pop("positional_args", ())
    record["logger"] = raw.name
    if not _is_ours(raw):
        template = raw.msg if isinstance(raw.msg, str) and arguments else "text withheld"
        record["event"] = f"library: {template}"[:_MOST_CHARACTERS]
    return record


def _is_ours(raw: logging.LogRecord) -> bool:
    return raw.name.split(".")[0] in _OURS


def _describe_exception(_logger: Any, _method: str, record: EventDict) -> EventDict:
    """Turn exception information into types and places; text given in their stead goes."""
    record.pop("exception", None)
    info = record.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        record["exception"] = describe(error)
    record.pop("stack_info", None)
    return record


def describe(error: BaseException) -> str:
    """Types and places of an exception and its causes; text only of our own errors."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < 4:
        frames = traceback.extract_tb(seen.__traceback__)[-6:]
        where = " < ".join(
            f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno} {frame.name}"
            for frame in reversed(frames)
        )
        text = f" ({seen.message})" if isinstance(seen, SottoError) else ""
        number = f" (errno {seen.errno})" if isinstance(seen, OSError) and seen.errno else ""
        parts.append(f"{type(seen).__name__}{text}{number} at {where or 'unknown place'}")
        seen = seen.__cause__ or seen.__context__
    return " caused by ".join(parts)


def _keep_allowed(_logger: Any, _method: str, record: EventDict) -> EventDict:
    dropped = 0
    for key in list(record):
        if key in _STRUCTLOGS_OWN:
            continue
        if key not in ALLOWED_KEYS:
            del record[key]
            dropped += 1
        elif key != "exception":
            record[key] = _short(record[key])
    from_library = record.get("_from_structlog") is False and not _is_ours(record["_record"])
    if not from_library and not _EVENT.fullmatch(str(record.get("event", ""))):
        record["event"] = "event_name_withheld"
    if dropped:
        record["dropped"] = dropped
    return record


def _short(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no word for it
    if isinstance(value, bool | int | float) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key)[:64]: _short(item) for key, item in list(value.items())[:64]}
    if isinstance(value, list | tuple | set | frozenset):
        return [_short(item) for item in list(value)[:64]]
    return str(value)[:_MOST_CHARACTERS]
