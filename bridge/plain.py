"""JSON messages to points by the rules of the mapping. Knows no network."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import orjson

from bridge import quality
from bridge.mapping import PLACE, Rule, fill
from bridge.reading import BAD_NO_DATA, GOOD, STATUS_MAX, UNCERTAIN, Outcome, Point, Reason, Refusal

MISSING: Final = object()  # nothing at a pointer; null is something


class Translator:
    """Applies every rule whose topic fits.

    Args:
        rules: of the mapping.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [(rule, rule.pattern, rule.instant) for rule in rules]

    def take(self, topic: str, payload: bytes, *, arrival_us: int, retained: bool = False) -> Iterator[Outcome]:
        """Points and refusals of one message.

        Args:
            topic: the topic it came under.
            payload: its bytes.
            arrival_us: when it came, microseconds since 1970.
            retained: the broker has kept it for an unknown time, so that its arrival is no time of it.
        """
        fitting = [(rule, found, instant) for rule, pattern, instant in self._rules if (found := pattern.fullmatch(topic))]
        if not fitting:
            yield Refusal(Reason.UNMAPPED, "no rule of the mapping has this topic")
            return
        try:
            document = orjson.loads(payload)
        except orjson.JSONDecodeError as error:
            yield Refusal(Reason.UNPARSABLE, f"not JSON: {error}: {payload[:60]!r}")
            return
        for rule, found, instant in fitting:
            for element in _elements(rule, document):
                if isinstance(element, Refusal):
                    yield element
                elif rule.ts is None and retained:
                    yield Refusal(Reason.NO_TIME, "a retained message without a time of its own")
                else:
                    ts = arrival_us if rule.ts is None else _time(rule, instant, element)
                    yield ts if isinstance(ts, Refusal) else _point(rule, found, element, ts)


def resolve(document: Any, pointer: str) -> Any:  # noqa: ANN401  JSON is anything
    """What a JSON pointer (RFC 6901) points at, or MISSING.

    >>> resolve({"a": [1, {"b/c": 2}]}, "/a/1/b~1c")
    2
    """
    for raw in pointer.split("/")[1:]:
        token = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict) and token in document:
            document = document[token]
        elif isinstance(document, list) and token.isdecimal() and int(token) < len(document):
            document = document[int(token)]
        else:
            return MISSING
    return document


def number(value: object) -> float | None:
    """The number in a JSON value, also when it is written as a text; None when there is none."""
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def _elements(rule: Rule, document: Any) -> Sequence[Any]:  # noqa: ANN401
    if rule.each is None:
        return [document]
    found = resolve(document, rule.each)
    if isinstance(found, list):
        return found
    return [Refusal(Reason.UNPARSABLE, f"{rule.each!r} is no array")]


def _time(rule: Rule, instant: Any, element: Any) -> int | Refusal:  # noqa: ANN401
    found = resolve(element, rule.ts or "")
    if found is MISSING or found is None:
        return Refusal(Reason.NO_TIME, f"nothing at {rule.ts!r}")
    try:
        ts: int = instant.read(found)
    except (ValueError, OverflowError) as error:
        return Refusal(Reason.BAD_TIME, str(error))
    return ts


def _point(rule: Rule, found: re.Match[str], element: Any, ts: int) -> Outcome:  # noqa: ANN401
    asset, sensor = (_name(template, found, element) for template in (rule.asset_id, rule.sensor_id))
    code = GOOD if rule.status is None else _status(rule, resolve(element, rule.status))
    seq = resolve(element, rule.seq) if rule.seq is not None else None
    seq = seq if isinstance(seq, int) and not isinstance(seq, bool) and abs(seq) < 2**63 else None
    raw = resolve(element, rule.value)
    if raw is MISSING:
        return Refusal(Reason.NO_VALUE, f"{sensor}: nothing at {rule.value!r}")
    if raw is None:
        return Point(asset, sensor, ts, math.nan, code or BAD_NO_DATA, seq)
    value = number(raw)
    if value is None:
        return Refusal(Reason.NOT_A_NUMBER, f"{sensor}: {raw!r:.100}")
    return Point(asset, sensor, ts, value, code, seq)


def _name(template: str, found: re.Match[str], element: Any) -> str:  # noqa: ANN401
    parts = found.groupdict()
    for place in PLACE.findall(template):
        if place.startswith("/"):
            part = resolve(element, place)
            parts[place] = str(part) if isinstance(part, str | int) else ""
    return fill(template, parts)


def _status(rule: Rule, raw: object) -> int:
    """A code; Uncertain where the source says something nobody has explained, Good where it says nothing."""
    if raw is MISSING or raw is None:
        return GOOD
    named = rule.status_codes.get(str(raw).lower(), rule.status_codes.get(str(raw)))
    if named is not None:
        return named % STATUS_MAX
    if isinstance(raw, bool) or not isinstance(raw, int):
        return UNCERTAIN
    return raw % STATUS_MAX if rule.status_as == "opcua" else quality.status(raw)
