"""OpenTelemetry traces: off unless a collector is configured; W3C trace context in Kafka headers.

All steps of one case share a trace: its id is made from the correlation id, so that a step recomputed after a
crash lands in the same trace.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

HEADER = "traceparent"
FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?:-.*)?")


@dataclass(frozen=True, slots=True)
class Parent:
    """Trace context of the record that caused the present work (W3C Trace Context, level 1)."""

    trace_id: int
    span_id: int
    sampled: bool = True

    def __str__(self) -> str:
        """The traceparent header."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{int(self.sampled):02x}"


def parse(header: str | bytes | None) -> Parent | None:
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
    parent = Parent(int(found["trace"], 16), int(found["span"], 16), bool(int(found["flags"], 16) & 1))
    return parent if parent.trace_id and parent.span_id else None


def parent_of(correlation_id: str, causation_id: str = "") -> Parent:
    """Trace context that follows from the ids alone: a UUID is its own trace id, other texts are hashed.

    >>> str(parent_of("0af76519-16cd-43dd-8448-eb211c80319c"))[:35]
    '00-0af7651916cd43dd8448eb211c80319c'
    """
    return Parent(_trace_id(correlation_id), _hashed(causation_id or correlation_id, 8))


def configure(endpoint: str, *, service: str) -> None:
    """Send spans to the collector at `endpoint` (base URL, OTLP over HTTP); an empty endpoint leaves tracing off."""
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  heavy, seldom used
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)


def close() -> None:
    """Send what is waiting; called before the process ends."""
    provider = trace.get_tracer_provider()
    shutdown = getattr(provider, "shutdown", None)  # the provider of the off state has none
    if shutdown:
        shutdown()


@contextmanager
def span(name: str, parent: Parent | None = None, **attributes: str | float) -> Iterator[Parent | None]:
    """Run a block as a span below `parent`; yields the context for the headers of what the block sends.

    While tracing is off this costs a few microseconds and yields `parent` unchanged.
    """
    tracer = trace.get_tracer("maint")
    with tracer.start_as_current_span(name, context=_context(parent), attributes=attributes) as current:
        own = current.get_span_context()
        yield Parent(own.trace_id, own.span_id, own.trace_flags.sampled) if current.is_recording() else parent


def _context(parent: Parent | None) -> Context | None:
    if parent is None:
        return None
    flags = TraceFlags(TraceFlags.SAMPLED if parent.sampled else TraceFlags.DEFAULT)
    return trace.set_span_in_context(NonRecordingSpan(SpanContext(parent.trace_id, parent.span_id, is_remote=True, trace_flags=flags)))


def _trace_id(correlation_id: str) -> int:
    try:
        return UUID(correlation_id).int or 1
    except ValueError:
        return _hashed(correlation_id, 16)


def _hashed(text: str, length: int) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:length], "big") or 1
