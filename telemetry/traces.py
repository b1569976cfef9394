"""OpenTelemetry traces: off unless a collector is configured; W3C trace context in Kafka headers.

All steps of one case share a trace: its id is made from the correlation id, so that a step recomputed after a
crash lands in the same trace.
"""

import hashlib
import re
import time
from contextvars import ContextVar
from threading import Event
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.id_generator import IdGenerator

HEADER = "traceparent"
FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?:-.*)?")


class Point(NamedTuple):
    """Ids of one step in a trace, as they stand in a header (W3C Trace Context, level 1)."""

    trace_id: int
    span_id: int
    sampled: bool = True

    def __str__(self) -> str:
        """The traceparent header."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.sampled:02x}"


def parse(header: str | bytes | None) -> Point | None:
    """Trace context of a traceparent header; None when there is none or it is not valid.

    >>> parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").sampled
    True
    >>> parse("00-00000000000000000000000000000000-b7ad6b7169203331-01") is None
    True
    """
    text = header.decode("ascii", "replace") if isinstance(header, bytes) else header or ""
    found = FORM.fullmatch(text)
    if not found or (text.startswith("00") and len(text) != 55):  # version 00 has nothing after the flags
        return None
    ids = Point(int(found["trace"], 16), int(found["span"], 16), bool(int(found["flags"], 16) & 1))
    return ids if ids.trace_id and ids.span_id else None


def point(correlation_id: str, step_id: str) -> Point:
    """Ids that follow from the case and the step alone: a UUID is its own trace id, other texts are hashed.

    >>> str(point("0af76519-16cd-43dd-8448-eb211c80319c", "first"))[:35]
    '00-0af7651916cd43dd8448eb211c80319c'
    """
    return Point(_trace_id(correlation_id), _hashed(step_id, 8))


_on = Event()  # set once a collector is configured
_ids: ContextVar[Point] = ContextVar("ids of the span that is being recorded")


def configure(endpoint: str, *, service: str) -> None:
    """Send spans to the collector at `endpoint` (base URL, OTLP over HTTP); an empty endpoint leaves tracing off."""
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  heavy, seldom used
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), id_generator=_given_ids())
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)
    _on.set()


def on() -> bool:
    """Whether spans are recorded; ask before collecting what `step` wants.

    >>> on()
    False
    """
    return _on.is_set()


def close() -> None:
    """Send what is waiting; called before the process ends."""
    provider = trace.get_tracer_provider()
    shutdown = getattr(provider, "shutdown", None)  # the provider of the off state has none
    if shutdown:
        shutdown()


def step(name: str, own: Point, since_us: int, **attributes: str | float) -> None:
    """Record one step of a case as a span with the ids `own`, which also stand in the header of the step's output.

    It lasts from `since_us`, the Kafka timestamp of its cause, to now. The same step recorded twice is the same span.
    While tracing is off this does nothing.
    """
    if not _on.is_set():
        return
    _ids.set(own)
    # a begin after the end would be refused: brokers and workers have different clocks
    begin_ns = min(since_us * 1000, time.time_ns())
    trace.get_tracer("maint").start_span(name, context=Context(), start_time=begin_ns, attributes=attributes).end()


def _given_ids() -> "IdGenerator":
    from opentelemetry.sdk.trace.id_generator import IdGenerator  # noqa: PLC0415

    class Given(IdGenerator):
        def generate_trace_id(self) -> int:
            return _ids.get().trace_id

        def generate_span_id(self) -> int:
            return _ids.get().span_id

    return Given()


def _trace_id(correlation_id: str) -> int:
    digits = correlation_id.replace("-", "")
    try:
        return (int(digits, 16) if len(digits) == 32 else UUID(correlation_id).int) or 1  # an object per id would cost more than the rest
    except ValueError:
        return _hashed(correlation_id, 16)


def _hashed(text: str, length: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:length], "big") or 1
