"""Repaired versions of refused records: other fields, another key, another value. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas import codec
from schemas.codec import Undecodable


class Unrepairable(Exception):  # noqa: N818  told to a person
    """The record cannot be changed in the way asked for; the message says why."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What to change before a record is sent again; nothing by default: the original bytes."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    key: bytes | None = None
    value: bytes | None = None

    def apply(self, key: bytes | None, value: bytes) -> tuple[bytes | None, bytes]:
        """Key and value to send.

        Raises:
            Unrepairable: the value cannot be read, or does not fit its schema afterwards.
        """
        value = value if self.value is None else self.value
        return key if self.key is None else self.key, changed(value, self.fields) if self.fields else value


def changed(value: bytes, fields: Mapping[str, Any]) -> bytes:
    """A framed record with other fields.

    Raises:
        Unrepairable: it cannot be decoded or encoded.
    """
    decoded = codec.decode(value)
    if isinstance(decoded, Undecodable):
        raise Unrepairable(f"its fields cannot be read ({decoded.detail}): give the whole value with --file")
    unknown = sorted(set(fields) - set(decoded.record))
    if unknown:
        raise Unrepairable(f"a {decoded.name} has no field {', '.join(unknown)}; it has {', '.join(decoded.record)}")
    try:
        return codec.encode(decoded.name, {**decoded.record, **fields})
    except (ValueError, TypeError, KeyError) as error:
        raise Unrepairable(f"it would not fit the schema of {decoded.name}: {error}") from None


def assignment(text: str) -> tuple[str, Any]:
    """`field=value` with a JSON value; anything else is a text.

    Raises:
        Unrepairable: there is no equals sign.

    >>> assignment("value=1.5"), assignment("sensor_id=P1.temp")
    (('value', 1.5), ('sensor_id', 'P1.temp'))
    """
    name, equals, given = text.partition("=")
    if not equals:
        raise Unrepairable(f"--set {text}: write field=value")
    try:
        return name, orjson.loads(given)
    except orjson.JSONDecodeError:
        return name, given
