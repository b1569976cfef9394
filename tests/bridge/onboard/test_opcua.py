"""Browsing asyncua's own server: units, spans, names, then the commands as a person runs them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from asyncua import Server, ua

from bridge.nodes import read, write
from bridge.onboard.opcua import discover
from bridge.onboard.propose import rows
from bridge.opcua import Endpoint
from stack.ports import pick

pytestmark = pytest.mark.integration


@asynccontextmanager
async def plant() -> AsyncIterator[str]:
    server = Server()
    await server.init()
    url = f"opc.tcp://127.0.0.1:{pick(set())}"
    server.set_endpoint(url)
    space = await server.register_namespace("urn:plant")
    line = await server.nodes.objects.add_object(ua.NodeId("Line", space), ua.QualifiedName("Line", space))
    pump = await line.add_object(ua.NodeId("P1", space), ua.QualifiedName("pump-1", space))
    temp = await pump.add_variable(ua.NodeId("P1.T", space), ua.QualifiedName("temp", space), 20.0)
    await temp.add_property(ua.NodeId("P1.T.eu", space), "EngineeringUnits", ua.EUInformation(DisplayName=ua.LocalizedText("°C")))
    await temp.add_property(ua.NodeId("P1.T.range", space), "EURange", ua.Range(0.0, 120.0))
    await pump.add_variable(ua.NodeId("P1.name", space), ua.QualifiedName("name", space), "pump")
    again = ua.QualifiedName("temp", space + 1)
    await server.register_namespace("urn:other")
    await pump.add_variable(ua.NodeId("P1.T2", space), again, 21.0)
    async with server:
        yield url


def test_units_and_spans_come_from_the_server(tmp_path: Path) -> None:
    async def work() -> tuple[list[dict[str, object]], int]:
        async with plant() as url:
            signals, chosen = await discover(Endpoint(url, 20), "ns=2;s=Line", 0.5)
        path = tmp_path / "nodes.csv"
        write(path, chosen)
        assert list(read(path)) == chosen
        return rows(signals), len(chosen)

    proposed, count = asyncio.run(work())
    asset, temp, other = proposed
    assert (asset["asset_id"], asset["class"], count) == ("pump-1", "pump", 2)
    assert (temp["sensor_id"], temp["quantity"], temp["unit"]) == ("pump-1.temp", "temperature", "degC")
    assert (temp["range_low"], temp["range_high"]) == (0.0, 120.0)
    assert other["sensor_id"] == "pump-1.temp[ns=2;s=P1.T2]"
    assert "no unit stated" in str(other["note"])
