"""What a faulty instrument makes of a true value."""

import numpy as np
import numpy.typing as npt

from simulator.fault import Fault
from simulator.machine import Channel

SPIKE_SHARE = 0.3  # of the readings of a spike burst
DRIFT_S = 600.0  # a drift reaches its magnitude after this time, if its growth is not planned

Floats = npt.NDArray[np.float64]


class FaultyInstrument:
    """One sensor fault. Magnitude 1 means: spikes of 30 noise widths, drift of 30, bias of 12, noise times 8.

    Args:
        fault: what and when.
        index: number of the sensor in the plant.
        channel: what the sensor measures.
        random: generator of this fault alone.
    """

    def __init__(self, fault: Fault, index: int, channel: Channel, random: np.random.Generator) -> None:
        self.fault, self.index, self._channel, self._random = fault, index, channel, random
        self._held: float | None = None

    def corrupt(self, value: Floats, silent: npt.NDArray[np.bool_], seconds: Floats) -> None:
        """Change the readings of one sensor in place; `silent` marks those that never leave the sensor."""
        active = self.fault.active(seconds)
        if not active.any():
            return
        if self.fault.kind == "silent":
            silent |= active
        elif self.fault.kind == "stuck":
            self._held = float(value[active][0]) if self._held is None else self._held
            value[active] = self._held
        else:
            changed = value[active] + self._error(value[active], seconds[active])
            per_unit = 1.0 / self._channel.resolution
            value[active] = np.rint(changed * per_unit) / per_unit

    def _error(self, value: Floats, seconds: Floats) -> Floats:
        width, size, channel = self._channel.noise, self.fault.magnitude, self._channel
        count = len(value)
        match self.fault.kind:
            case "spike":
                draws = self._random.random((count, 2))
                return np.where(draws[:, 0] < SPIKE_SHARE, np.where(draws[:, 1] < 0.5, -30.0, 30.0), 0.0) * width * size
            case "noisy":
                return self._random.standard_normal(count) * 8.0 * width * size
            case "drift":
                return 30.0 * width * size * np.minimum((seconds - self.fault.start_s) / (self.fault.growth_s or DRIFT_S), 1.0)
            case "bias":
                return np.full(count, 12.0 * width * size)
            case _:  # out_of_range: the converter saturates beyond the instrument's range
                return channel.high + 0.05 * (channel.high - channel.low) * size - value
