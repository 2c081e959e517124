"""How a log record looks: one line each, whatever somebody managed to put into it."""

import logging


class OneLine(logging.Formatter):
    """Time, level, logger, message; a traceback follows on the same line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record without line breaks, so that a typed text cannot forge a second one."""
        return super().format(record).replace("\r", "\\r").replace("\n", "\\n")
