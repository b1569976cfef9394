"""What instruments and gateways do to true values: noise has been added, here they lie, repeat themselves or speak later."""

from dataclasses import dataclass

import numpy as np

from simulator.life.machine import Channel, Floats, Longs

LOCAL_TIME, LOCAL_S = "local time", -3600  # all of a machine's times, west of Greenwich
PER_SENSOR_YEAR = 0.08
YEAR_S = 31_557_600
DAY_S = 86_400
SHARES = {
    "stuck": 0.2,
    "drift": 0.25,
    "bias": 0.2,
    "saturated": 0.1,
    "coarse": 0.05,
    "noisy": 0.1,
    "unit": 0.05,
    "swapped": 0.03,
    LOCAL_TIME: 0.02,
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of one channel's instrument, seconds since the begin."""

    channel: int
    kind: str
    begin_s: int
    end_s: int


def troubles(channels: int, seconds: int, random: np.random.Generator, *, quiet_s: int) -> list[Trouble]:
    """Draw the faults of a machine's instruments; none begins before quiet_s."""
    count = int(random.poisson(PER_SENSOR_YEAR * channels * seconds / YEAR_S))
    found = []
    for _ in range(count):
        kind = str(random.choice(list(SHARES), p=list(SHARES.values())))
        days = random.uniform(60, 200) if kind == "drift" else random.uniform(2, 40)
        begin = int(random.uniform(quiet_s, max(seconds, quiet_s + 1)))
        found.append(Trouble(int(random.integers(channels)), kind, begin, min(begin + int(days * DAY_S), seconds)))
    return sorted(found, key=lambda trouble: trouble.begin_s)


def corrupt(values: Floats, trouble: Trouble, channel: Channel, random: np.random.Generator, period_s: int) -> None:
    """Change values [channels, n] in place between begin and end: of the channel, if swapped also of the one after it."""
    during = slice(trouble.begin_s // period_s, trouble.end_s // period_s)
    part = values[trouble.channel, during]
    if not len(part) or trouble.kind == LOCAL_TIME:
        return
    scale = channel.noise * (1.0 if channel.name in {"speed", "load", "ambient"} else channel.nominal)
    sign = float(random.choice([-1.0, 1.0]))
    match trouble.kind:
        case "stuck":
            part[:] = part[0]
        case "drift":
            part += sign * random.uniform(4, 15) * scale * np.linspace(0.0, 1.0, len(part))
        case "bias":
            part += sign * random.uniform(4, 12) * scale
        case "saturated":
            np.minimum(part, float(np.quantile(part, 0.7)), out=part)
        case "coarse":
            step = 60 * channel.resolution
            part[:] = np.rint(part / step) * step
        case "swapped":
            other = (trouble.channel + 1) % len(values)
            values[[trouble.channel, other], during] = values[[other, trouble.channel], during]
        case "noisy":
            part += random.uniform(4, 10) * scale * random.standard_normal(len(part))
        case _:
            part[:] = part * 1.8 + 32.0 if channel.quantity == "temperature" else part * 14.5


def shown(values: Floats, channel: Channel) -> Floats:
    """What the display of an instrument can show."""
    steps = 1.0 / channel.resolution
    return np.asarray(np.clip(np.rint(values * steps) / steps, channel.low, channel.high))


def kept(values: Floats, channel: Channel, samples_max: int) -> Longs:
    """Samples that an instrument reporting by exception sends: changes beyond its deadband, and one at least every so often.

    Each is compared with the one before it in time, not with the one sent: a vectorised approximation.
    """
    moved = np.abs(np.diff(values, prepend=np.inf)) > 3.0 * channel.resolution
    moved[::samples_max] = True
    return np.flatnonzero(moved)
