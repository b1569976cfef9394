"""Sparkplug B payloads: bytes to plain records. Field numbers and data types are those of Eclipse Sparkplug 3.0, chapter 6."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

PACKAGE: Final = "maintenance.sparkplug"
KIND: Final = descriptor_pb2.FieldDescriptorProto
MESSAGES: Final[Mapping[str, tuple[tuple[int, str, str], ...]]] = {  # number, name, kind; * = repeated, ? = one of the values
    "Payload": ((1, "timestamp", "uint64"), (2, "metrics", "Metric*"), (3, "seq", "uint64"), (4, "uuid", "string"), (5, "body", "bytes")),
    "Metric": (
        (1, "name", "string"),
        (2, "alias", "uint64"),
        (3, "timestamp", "uint64"),
        (4, "datatype", "uint32"),
        (5, "is_historical", "bool"),
        (6, "is_transient", "bool"),
        (7, "is_null", "bool"),
        (9, "properties", "PropertySet"),
        (10, "int_value", "uint32?"),
        (11, "long_value", "uint64?"),
        (12, "float_value", "float?"),
        (13, "double_value", "double?"),
        (14, "boolean_value", "bool?"),
        (15, "string_value", "string?"),
        (16, "bytes_value", "bytes?"),
    ),
    "PropertySet": ((1, "keys", "string*"), (2, "values", "PropertyValue*")),
    "PropertyValue": (
        (1, "type", "uint32"),
        (2, "is_null", "bool"),
        (3, "int_value", "uint32?"),
        (4, "long_value", "uint64?"),
        (5, "float_value", "float?"),
        (6, "double_value", "double?"),
        (7, "boolean_value", "bool?"),
        (8, "string_value", "string?"),
    ),
}
SIGNED_BITS: Final = {1: 8, 2: 16, 3: 32, 4: 64}  # Int8 to Int64 travel as unsigned two's complement
BOOLEAN: Final = 11
NUMERIC: Final = frozenset({*range(1, 11), BOOLEAN})  # Int8 .. UInt64, Float, Double, Boolean


class PayloadError(ValueError):
    """The bytes are no Sparkplug B payload."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a message; times in milliseconds since 1970 UTC, absent parts are None."""

    name: str | None = None
    alias: int | None = None
    ts_ms: int | None = None
    datatype: int | None = None
    historical: bool = False
    null: bool = False
    value: float | str | bytes | None = None
    properties: Mapping[str, float | str | bytes | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Payload:
    """One message; `seq` counts 0 to 255 and around."""

    ts_ms: int | None
    seq: int | None
    metrics: tuple[Metric, ...]


def parse(data: bytes) -> Payload:
    """The payload in a message.

    Raises:
        PayloadError: the bytes do not have its form.
    """
    message = MESSAGE()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        raise PayloadError(f"not a Sparkplug B payload: {error}") from None
    return Payload(_of(message, "timestamp"), _of(message, "seq"), tuple(map(_metric, message.metrics)))


def number(value: float, datatype: int | None) -> float:
    """The number a metric of this type means.

    >>> number(255, 1), number(255, 5)
    (-1.0, 255.0)
    """
    bits = SIGNED_BITS.get(datatype or 0)
    if bits is None or not isinstance(value, int):
        return float(value)
    value &= (1 << bits) - 1  # some senders extend the sign to 32 bits, some do not
    return float(value - (1 << bits) if value >> (bits - 1) else value)


def _metric(raw: Any) -> Metric:  # noqa: ANN401  a class made at run time
    return Metric(
        name=_of(raw, "name"),
        alias=_of(raw, "alias"),
        ts_ms=_of(raw, "timestamp"),
        datatype=_of(raw, "datatype"),
        historical=raw.is_historical,
        null=raw.is_null,
        value=_value(raw),
        properties={key: _property(value) for key, value in zip(raw.properties.keys, raw.properties.values, strict=False)},
    )


def _of(raw: Any, name: str) -> Any:  # noqa: ANN401
    return getattr(raw, name) if raw.HasField(name) else None


def _value(raw: Any) -> float | str | bytes | None:  # noqa: ANN401
    name = raw.WhichOneof("value")
    return getattr(raw, name) if name else None


def _property(raw: Any) -> float | str | bytes | None:  # noqa: ANN401
    value = None if raw.is_null else _value(raw)
    return number(value, raw.type) if isinstance(value, int | float) else value


def _describe() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="maintenance/sparkplug.proto", package=PACKAGE, syntax="proto2")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for numbered, title, kind in fields:
            _add(message, numbered, title, kind)
    return file


def _add(message: descriptor_pb2.DescriptorProto, numbered: int, title: str, kind: str) -> None:
    bare = kind.rstrip("*?")
    label = KIND.LABEL_REPEATED if kind.endswith("*") else KIND.LABEL_OPTIONAL
    entry = message.field.add(name=title, number=numbered, label=label)
    if bare in MESSAGES:
        entry.type, entry.type_name = KIND.TYPE_MESSAGE, f".{PACKAGE}.{bare}"
    else:
        entry.type = KIND.Type.Value(f"TYPE_{bare.upper()}")
    if kind.endswith("?"):
        if not message.oneof_decl:
            message.oneof_decl.add(name="value")
        entry.oneof_index = 0


_pool = descriptor_pool.DescriptorPool()
_pool.Add(_describe())
MESSAGE: Final[Any] = message_factory.GetMessageClass(_pool.FindMessageTypeByName(f"{PACKAGE}.Payload"))
