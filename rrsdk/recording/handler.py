"""Python's logging into a recording."""

from __future__ import annotations

import logging
from typing import Final

from rrsdk.recording.quick import log
from rrsdk.recording.reports import LOGGER

_LEVELS: Final = {
    logging.CRITICAL: "CRITICAL",
    logging.ERROR: "ERROR",
    logging.WARNING: "WARN",
    logging.INFO: "INFO",
    logging.DEBUG: "DEBUG",
}


class LoggingHandler(logging.Handler):
    """Logs records as TextLog, to the entity of their module below `path_prefix`.

    logging.getLogger().addHandler(rr.LoggingHandler("logs"))
    """

    def __init__(self, path_prefix: str | None = None) -> None:
        logging.Handler.__init__(self)
        self.path_prefix = path_prefix

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record; what the SDK itself has to say is for people, not for the recording."""
        if record.name == LOGGER.name:
            return
        from rrsdk.archetypes import TextLog

        path = record.module.replace(".", "/")
        if self.path_prefix is not None:
            path = f"{self.path_prefix}/{path}"
        level = _LEVELS.get(record.levelno, record.levelname)
        log(path, TextLog(record.getMessage(), level=level))
