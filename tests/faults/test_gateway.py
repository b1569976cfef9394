"""A cut gateway loses nothing: what it delivers 8 hours later gives the results of an undisturbed run."""

import pytest

from processors import silence
from tests.faults.cut import ASSETS, BEGIN_US, BURST_US, DELAY_US, GATEWAYS, PERIOD_S, SECOND_US, SENSORS, Seen, logs, platform

HOUR_US = 3600 * SECOND_US
HOURS = 11
CUT = 7  # a gateway
FROM_US, TO_US = BEGIN_US + 2 * HOUR_US, BEGIN_US + 10 * HOUR_US
UNTIL_US = BEGIN_US + HOURS * HOUR_US
SILENT_S = 3 * PERIOD_S


def on_time(_gateway: int, ts: int) -> int:
    return ts + DELAY_US


class Buffer:
    """Arrival times with gateways cut from FROM_US to TO_US: afterwards they deliver what they kept, oldest first."""

    def __init__(self, *gateways: int) -> None:
        self._gateways = gateways

    def __call__(self, gateway: int, ts: int) -> int:
        if gateway not in self._gateways or ts < FROM_US:
            return on_time(gateway, ts)
        waited = (ts - FROM_US) // (PERIOD_S * SECOND_US)
        return max(on_time(gateway, ts), TO_US + waited * BURST_US)


@pytest.fixture(scope="module")
def undisturbed() -> Seen:
    return platform(logs(HOURS, on_time, until_us=UNTIL_US))


@pytest.mark.faults
def test_a_cut_gateway_changes_nothing_but_its_silence(undisturbed: Seen) -> None:
    cut = platform(logs(HOURS, Buffer(CUT), until_us=UNTIL_US))
    assert cut.rows == undisturbed.rows
    assert cut.windows == undisturbed.windows
    assert len(undisturbed.of_machines()) >= 6, "the faults of the plant must be seen"
    assert cut.of_machines() == undisturbed.of_machines()
    assert undisturbed.silent() == []
    named = {record["gateway"] for record in cut.silent()}
    assert named == {f"g{CUT:02d}"}
    opened = [step["asset_id"] for step in cut.episodes if step["kind"] == "silent" and step["phase"] == "open"]
    closed = [step["asset_id"] for step in cut.episodes if step["kind"] == "silent" and step["phase"] == "close"]
    assert opened == sorted(closed) == [f"m{CUT * ASSETS + n}" for n in range(ASSETS)], "four sensors are too few to blame the gateway"


@pytest.mark.faults
def test_all_gateways_cut_is_one_episode() -> None:
    cut = platform(logs(HOURS, Buffer(*range(GATEWAYS)), until_us=UNTIL_US))
    sensors = GATEWAYS * ASSETS * SENSORS
    ons = [record for record in cut.silent() if record["phase"] == "on"]
    assert len(ons) == len({record["sensor_id"] for record in ons}) == sensors
    latest = {record["sensor_id"]: record["known_at"] - record["since"] for record in ons}
    assert max(latest.values()) <= (SILENT_S + 10) * SECOND_US
    opened = [step for step in cut.episodes if step["kind"] == "silent" and step["phase"] == "open"]
    assert [(step["asset_id"], step["grouped"]) for step in opened] == [(silence.KEY, GATEWAYS * ASSETS)]
    closed = [step for step in cut.episodes if step["kind"] == "silent" and step["phase"] == "close"]
    assert [step["episode_id"] for step in closed] == [opened[0]["episode_id"]]
