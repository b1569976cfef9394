"""Exit codes a supervisor sees, and the one way out of a worker that must not go on."""

import logging
import os
import sys
from typing import NoReturn

import structlog

FAULTY = 1  # an unforeseen exception; the record it happened at is counted
STUCK = 70  # the watchdog: alive, but no progress
UNDELIVERED = 75  # outputs or a snapshot were not delivered: start again from the last snapshot
FAULT = 76  # a topic was recreated or truncated: needs `maint rebase`

log = structlog.get_logger(__name__)


def leave(code: int, reason: str, **facts: object) -> NoReturn:
    """End the process at once: state may be ahead of what is durable, so nothing more may be sent or committed."""
    log.critical("worker_exit", code=code, reason=reason, **facts)
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
