"""The mapping file (YAML): how topics and payloads become assets, sensors, values and times. docs/bridge.md explains it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bridge import complaint
from bridge.instant import Instant, Unit

PLACE: Final = re.compile(r"\{([^{}]*)\}")
SEPARATED: Final = re.compile(r"([/._ -]?)\{([^{}]*)\}")  # what stands before an empty part goes with it
SPARKPLUG: Final = ("group", "node", "device", "metric")


class MappingError(ValueError):
    """The mapping file cannot be used; the message names file, place and remedy."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Naming(_Part):
    """Names of what Sparkplug publishes: {group}, {node}, {device} (empty for the node itself), {metric}."""

    asset_id: str = "{group}/{node}/{device}"
    sensor_id: str = "{group}/{node}/{device}/{metric}"

    @model_validator(mode="after")
    def _places_are_known(self) -> "Naming":
        for template in (self.asset_id, self.sensor_id):
            unknown = set(PLACE.findall(template)) - set(SPARKPLUG)
            if unknown:
                raise ValueError(f"{template!r}: no {{{unknown.pop()}}} here; there are {', '.join(SPARKPLUG)}")
        return self

    def of(self, **parts: str) -> tuple[str, str]:
        """Asset and sensor of a metric.

        >>> Naming().of(group="g", node="n", device="", metric="speed")
        ('g/n', 'g/n/speed')
        """
        return fill(self.asset_id, parts), fill(self.sensor_id, parts)


class Time(_Part):
    """How a source writes times."""

    unit: Unit = "iso"
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no time zone {zone!r} on this machine; use a name like Europe/Zurich") from None
        return zone


class Rule(_Part):
    """One kind of JSON message. Pointers are RFC 6901, "" is the whole document.

    Attributes:
        topic: levels, {name} for one that varies, + for any level, # at the end for any rest.
        asset_id: template of {name} of the topic and {/pointer} into the document; sensor_id likewise.
        each: pointer to an array; the other pointers then start at each of its elements.
        ts: pointer to the time; without it a reading has the time of its arrival.
        status: pointer to the quality; status_codes says what its words mean, status_as what its numbers are.
    """

    topic: str = Field(min_length=1)
    asset_id: str
    sensor_id: str
    value: str = ""
    ts: str | None = None
    status: str | None = None
    seq: str | None = None
    each: str | None = None
    time: Time = Time()
    status_as: Literal["opcua", "classic"] = "opcua"
    status_codes: dict[str, int] = {}

    @model_validator(mode="after")
    def _places_are_known(self) -> "Rule":
        levels = [found[1] for level in self.topic.split("/") if (found := PLACE.fullmatch(level))]
        for name in levels:
            if not name.isidentifier() or levels.count(name) > 1:
                raise ValueError(f"topic {self.topic!r}: {{{name}}} must be a name of its own: letters, digits and _, each once")
        for place in PLACE.findall(self.asset_id + self.sensor_id):
            if place not in levels and not place.startswith("/"):
                raise ValueError(
                    f"{{{place}}} is neither a level of topic {self.topic!r} nor a pointer like {{/tag}}: name a level {{{place}}} there"
                )
        return self

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the topic must look like, with a group per name."""
        levels = self.topic.split("/")
        rest = "(?:/.*)?" if levels[-1] == "#" else ""
        kept = levels[:-1] if rest else levels
        return re.compile("/".join(_level(level) for level in kept) + rest)

    @property
    def filter(self) -> str:
        """The MQTT filter that covers the topic."""
        return "/".join("+" if PLACE.fullmatch(level) else level for level in self.topic.split("/"))

    @property
    def instant(self) -> Instant:
        """How its times are read."""
        return Instant(self.time.unit, ZoneInfo(self.time.zone))


class Mapping(_Part):
    """The whole file."""

    sparkplug: Naming | None = None
    json_: tuple[Rule, ...] = Field((), alias="json")

    @property
    def naming(self) -> Naming:
        """Names of what Sparkplug publishes."""
        return self.sparkplug or Naming()

    @property
    def filters(self) -> tuple[str, ...]:
        """MQTT filters of everything the mapping knows."""
        sparkplug = ("spBv1.0/#",) if self.sparkplug or not self.json_ else ()
        return (*sparkplug, *dict.fromkeys(rule.filter for rule in self.json_))


def load(path: Path | None) -> Mapping:
    """The mapping of a file; without one, Sparkplug B with its default names.

    Raises:
        MappingError: it cannot be read or does not fit.
    """
    if path is None:
        return Mapping()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Mapping.model_validate(content or {})
    except OSError as error:
        raise MappingError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise MappingError(f"{path}: no UTF-8 text ({error.reason} at byte {error.start}): save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise MappingError(f"{path}{complaint.unreadable(error)}") from None
    except ValidationError as error:
        told = [complaint.sentence(found, _names(found["loc"])) for found in error.errors()]
        raise MappingError("\n".join(f"{path}: {each}" for each in told)) from None


def fill(template: str, parts: dict[str, str]) -> str:
    """A template with its places filled; a separator before an empty part is left out.

    >>> fill("{a}.{b}.{c}", {"a": "1", "b": "", "c": "3"})
    '1.3'
    """
    return SEPARATED.sub(lambda found: found[1] + parts[found[2]] if parts[found[2]] else "", template)


def _names(place: Sequence[int | str]) -> list[str]:
    """Fields there are where an error was found."""
    model = Naming if "sparkplug" in place[:1] else Time if "time" in place[2:3] else Rule if len(place) > 1 else Mapping
    return [field.alias or name for name, field in model.model_fields.items()]


def _level(level: str) -> str:
    place = PLACE.fullmatch(level)
    if place:
        return f"(?P<{place[1]}>[^/]+)"
    return "[^/]+" if level == "+" else re.escape(level)
