"""The log: one line of JSON per event, with the request's trace; never a body, a cookie or a query."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

TOLD = ("trace", "tenant", "status", "ms")
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON; line breaks in what it says can't start a new one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: getattr(record, name) for name in TOLD if hasattr(record, name)}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return _encode(said)


def start_logging(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send everything that is logged to `stream` (standard error), as lines of JSON."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
