"""A plant that wears out: seeded, vectorised, pure. No clock, no Kafka, no files.

The same seed, plan and sequence of times give the same bytes, whatever the lengths of the blocks asked for: every source
of randomness has its own generator and is consumed row by row.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simulator.batch import Batch
from simulator.fault import Fault, PlanError
from simulator.instrument import FaultyInstrument
from simulator.machine import MACHINES, Channel, Effect, Machine, installed, moved

Floats = npt.NDArray[np.float64]
DAY_S = 86_400.0
LOAD_SPREAD, LOAD_TAU_S = 0.01, 600.0  # slow wander of the load of an asset
NOISE_TAU_S, NOISE_SLOW = 20.0, 0.2  # part of a sensor's noise variance that has memory


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: plant-wide unique id, its asset and what it measures."""

    sensor_id: str
    asset: int
    channel: Channel


class Layout:
    """Which assets and sensors there are. Asset ids look like pump-001, sensor ids like pump-001.vibration.

    Args:
        assets: machines, of all classes in turn.
        sensors: sensors of each machine.
        gateways: the machines are spread over them.
        prefix: in front of all ids, to tell plants apart.
    """

    def __init__(self, *, assets: int, sensors: int, gateways: int = 1, prefix: str = "") -> None:
        machines = list(MACHINES.values())
        self.machines: list[Machine] = [machines[index % len(machines)] for index in range(assets)]
        width = max(3, len(str(assets)))
        self.assets = [f"{prefix}{machine.name}-{index:0{width}d}" for index, machine in enumerate(self.machines, 1)]
        self.gateways = [f"gateway-{index % gateways + 1:02d}" for index in range(assets)]
        self.sensors = [
            Sensor(f"{name}.{channel.name}", index, channel)
            for index, (name, machine) in enumerate(zip(self.assets, self.machines, strict=True))
            for channel in installed(machine, sensors)
        ]
        self.per_asset = sensors

    @cached_property
    def failing(self) -> dict[str, tuple[list[str], tuple[str, ...]]]:
        """Asset id -> its sensor ids and the modes its class can fail in (input of fault.draw)."""
        return {
            name: ([sensor.sensor_id for sensor in self.of(index)], self.machines[index].modes) for index, name in enumerate(self.assets)
        }

    def of(self, asset: int) -> list[Sensor]:
        """Sensors of an asset."""
        return self.sensors[asset * self.per_asset : (asset + 1) * self.per_asset]

    def check(self, plan: Iterable[Fault]) -> None:
        """See that the plant has what a plan names.

        Raises:
            PlanError: an unknown asset or sensor, or a mode the class of the asset cannot fail in.
        """
        for fault in plan:
            if fault.asset not in self.failing:
                raise PlanError(f"the plan names asset {fault.asset!r}; this plant has {self.assets[0]} to {self.assets[-1]}")
            sensors, modes = self.failing[fault.asset]
            if fault.sensor is not None and fault.sensor not in sensors:
                raise PlanError(f"the plan names sensor {fault.sensor!r}; {fault.asset} has {', '.join(sensors)}")
            if fault.sensor is None and fault.kind not in modes:
                raise PlanError(f"{fault.asset} cannot fail by {fault.kind!r}; its class fails by {', '.join(modes)}")


class Plant:
    """State of the simulation; `advance` moves it on.

    Args:
        layout: assets and sensors.
        seed: of all randomness.
        live_us: event time at which the live part begins; faults are timed from it.
        plan: faults of machines and sensors.
        swing: of the load over a day, as share of the mean load.
    """

    def __init__(self, layout: Layout, *, seed: int, live_us: int, plan: Sequence[Fault] = (), swing: float = 0.06) -> None:
        layout.check(plan)
        self.layout, self.live_us, self.plan, self._swing = layout, live_us, list(plan), swing
        assets, count = len(layout.assets), len(layout.sensors)
        unit = np.random.default_rng([seed, 0])
        self._load_random, self._white_random, self._slow_random = (np.random.default_rng([seed, 10 + n]) for n in range(3))
        self._asset = np.array([sensor.asset for sensor in layout.sensors])
        column = {name: np.array([getattr(sensor.channel, name) for sensor in layout.sensors]) for name in _NUMBERS}
        self._column = column
        self._nominal = column["nominal"] * np.exp(unit.normal(0.0, 0.04, count))  # no two machines are alike
        self._phase = unit.uniform(0.0, 0.2, assets)  # of the daily cycle, as share of a day
        self._load = self._load_random.standard_normal(assets) * LOAD_SPREAD
        self._slow = self._slow_random.standard_normal(count)
        self._followed: Floats | None = None
        self._instruments = [self._instrument(fault, [seed, 100 + number]) for number, fault in enumerate(self.plan) if fault.sensor]

    def advance(self, start_us: int, steps: int, period_us: int) -> Batch:
        """Readings of all sensors at start_us, start_us + period_us, ...; assets are spread over the period.

        Every sensor yields one reading a step, except where a fault keeps it silent.
        """
        clock_us = start_us + period_us * np.arange(steps, dtype=np.int64)[:, None]
        assets = len(self.layout.assets)
        ts = clock_us + period_us * np.arange(assets, dtype=np.int64) // assets
        seconds = (ts - self.live_us) / 1e6
        value = self._truth(ts, seconds, period_us / 1e6)
        silent = np.zeros(value.shape, dtype=np.bool_)
        for instrument in self._instruments:
            instrument.corrupt(value[:, instrument.index], silent[:, instrument.index], seconds[:, self._asset[instrument.index]])
        sensor = np.broadcast_to(np.arange(value.shape[1]), value.shape)
        kept = ~silent.ravel()
        return Batch(sensor.ravel()[kept], ts[:, self._asset].ravel()[kept], value.ravel()[kept])

    def _truth(self, ts: npt.NDArray[np.int64], seconds: Floats, period_s: float) -> Floats:
        """What healthy instruments would show, [steps, sensors]."""
        column, steps = self._column, len(ts)
        load = self._loads(ts, steps, period_s)[:, self._asset]
        ambient = 4.0 * np.sin(2 * np.pi * (ts[:, :1] / 1e6 / DAY_S - 0.4))
        target = self._nominal * (column["idle"] + (1 - column["idle"]) * load ** column["exponent"]) + column["ambient"] * ambient
        noise = self._noise(steps, period_s)
        for fault in self.plan:
            if fault.sensor is None:
                self._damage(fault, target, noise, seconds)
        value = self._follow(target, period_s) + noise
        per_unit = 1.0 / column["resolution"]
        return np.asarray(np.clip(np.rint(value * per_unit) / per_unit, column["low"], column["high"]))

    def _loads(self, ts: npt.NDArray[np.int64], steps: int, period_s: float) -> Floats:
        """Load of every asset around 1: daily cycle, quieter weekends, slow wander; [steps, assets]."""
        day = ts / 1e6 / DAY_S
        weekend = ((day.astype(np.int64) + 3) % 7) >= 5  # 1970-01-01 was a Thursday
        keep = np.exp(-period_s / LOAD_TAU_S)
        push = self._load_random.standard_normal((steps, len(self._load))) * (LOAD_SPREAD * np.sqrt(1 - keep**2))
        wander, self._load = _recur(keep, push, self._load)
        return np.asarray(1.0 + self._swing * np.sin(2 * np.pi * (day - 0.3 + self._phase)) - 0.7 * self._swing * weekend + wander)

    def _noise(self, steps: int, period_s: float) -> Floats:
        """White noise plus noise with memory (autoregressive), in the channel's unit."""
        keep = np.exp(-period_s / NOISE_TAU_S)
        white = self._white_random.standard_normal((steps, len(self._slow)))
        push = self._slow_random.standard_normal((steps, len(self._slow))) * np.sqrt(1 - keep**2)
        slow, self._slow = _recur(keep, push, self._slow)
        return np.asarray(self._column["noise"] * (np.sqrt(1 - NOISE_SLOW) * white + np.sqrt(NOISE_SLOW) * slow))

    def _damage(self, fault: Fault, target: Floats, noise: Floats, seconds: Floats) -> None:
        asset = self.layout.assets.index(fault.asset)
        severity = fault.severity(seconds[:, asset])
        if not severity.any():
            return
        first = asset * self.layout.per_asset
        for index, sensor in enumerate(self.layout.of(asset), first):
            effect = moved(fault.kind, sensor.channel)
            target[:, index] += effect.shift * self._nominal[index] * severity
            noise[:, index] *= 1.0 + (effect.noise - 1.0) * severity

    def _follow(self, target: Floats, period_s: float) -> Floats:
        """First-order lag of slow quantities (temperatures); others follow at once."""
        gain = -np.expm1(-period_s / np.maximum(self._column["lag_s"], 1e-9))
        before = target[0] if self._followed is None else self._followed
        followed, self._followed = _recur(1.0 - gain, gain * target, before)
        return followed

    def _instrument(self, fault: Fault, seed: list[int]) -> FaultyInstrument:
        index = next(number for number, sensor in enumerate(self.layout.sensors) if sensor.sensor_id == fault.sensor)
        return FaultyInstrument(fault, index, self.layout.sensors[index].channel, np.random.default_rng(seed))


_NUMBERS = ("nominal", "noise", "resolution", "low", "high", "idle", "exponent", "ambient", "lag_s")


def affected(fault: Fault, layout: Layout) -> list[str]:
    """Sensors that show a fault: the faulty one, or those whose level the mode moves."""
    if fault.sensor is not None:
        return [fault.sensor]
    sensors = layout.of(layout.assets.index(fault.asset))
    return [sensor.sensor_id for sensor in sensors if moved(fault.kind, sensor.channel) != Effect()]


def _recur(keep: Floats | float, push: Floats, before: Floats) -> tuple[Floats, Floats]:
    """x[t] = keep * x[t-1] + push[t] for all columns; returns all x and the last one."""
    out = np.empty_like(push)
    last = before
    for step, row in enumerate(push):
        last = np.add(keep * last, row, out=out[step])
    return out, last.copy()
