"""structlog over standard logging: JSON in production, readable on a terminal."""

import logging
import sys
from contextlib import AbstractContextManager

import structlog


def configure(*, service: str, level: str = "INFO", form: str = "auto") -> None:
    """Set up logging of this process; every line carries the service's name."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _of(service),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    render: structlog.typing.Processor = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    last = [structlog.processors.format_exc_info, render] if as_json else [render]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )


def debugging() -> bool:
    """Whether debug lines are written; ask before collecting what a frequent one says."""
    return logging.getLogger().isEnabledFor(logging.DEBUG)


def _of(service: str) -> structlog.typing.Processor:
    """Names the process in every line, also in those of other threads, which context variables do not reach."""

    def name(_logger: structlog.typing.WrappedLogger, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event.setdefault("service", service)
        return event

    return name


def correlated(correlation_id: str, **fields: str | int) -> AbstractContextManager[None]:
    """Every line logged inside the block carries the id of the case and these fields (asset_id, topic, offset, ...)."""
    return structlog.contextvars.bound_contextvars(correlation_id=correlation_id, **fields)
