"""The OPC UA client: subscribes to data changes; when the connection is lost it comes back and goes on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

import structlog
from asyncua import Client, Node, ua

from bridge.change import outcome, overflowed
from bridge.identity import Identity
from bridge.intake import Intake
from bridge.nodes import Chosen, browse, named
from bridge.reading import Point, Reason, Record, Refusal
from bridge.remedy import server
from bridge.tally import Tally
from telemetry.health import Health

log = structlog.get_logger(__name__)

TICK_S: Final = 0.5
HAND_S: Final = 0.02  # between two looks for new changes
BACKOFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
QUEUE_MAX: Final = 1000  # changes of one node the server keeps for us between two publishings
TIMEOUT_S: Final = 10.0
SESSION_MS: Final = 60_000
BATCH: Final = 500  # nodes subscribed to at once
LOST: Final = (OSError, asyncio.TimeoutError, ua.UaError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the server is, and who we are there."""

    url: str
    period_ms: float = 500.0
    identity: Identity | None = None
    user: str = ""
    password: str = ""


class Subscriber:
    """Receives data changes and hands them to the intake.

    Args:
        endpoint: the server.
        chosen: the nodes; empty: everything below `root`.
        root: NodeId of the node to browse.
        tally: counts.
        health: gets the dependency `opcua`.
    """

    def __init__(self, endpoint: Endpoint, chosen: Sequence[Chosen], root: str, tally: Tally, health: Health) -> None:
        self._endpoint, self._chosen, self._root, self._tally, self._health = endpoint, chosen, root, tally, health
        self._names: dict[ua.NodeId, Chosen] = {}
        self._newest: dict[str, Point] = {}  # by sensor: what a new subscription repeats is not sent again
        self._paused = Event()
        self._pending: list[Record] = []  # changes on their way to the intake, which may let us wait
        self._over = False  # of the present subscription

    def run(self, intake: Intake, stop: Event) -> None:
        """Receive until the stop."""
        asyncio.run(self._both(intake, stop))

    def close(self) -> None:
        """Nothing is open any more."""

    def pause(self) -> None:
        """Leave the server until there is room; changes in between are lost there, as its subscriptions end with us."""
        self._paused.set()

    def resume(self) -> None:
        """Come back."""
        self._paused.clear()

    def datachange_notification(self, node: Node, _value: object, data: Any) -> None:  # noqa: ANN401  asyncua's name and types
        """Take one change; asyncua calls this in the order of the changes."""
        name = self._names[node.nodeid]
        try:
            found = outcome(name, data.monitored_item.Value)
        except Exception as error:  # noqa: BLE001  data must never raise, and asyncua would only log it
            found = Refusal(Reason.FAULT, repr(error))
        if isinstance(found, Point):
            if repr(found) == repr(self._newest.get(found.sensor_id)):  # NaN equals itself here
                return
            self._newest[found.sensor_id] = found
            if overflowed(found):
                self._tally.gap(name.node, 1)
        self._pending += self._tally.sift(name.node, [found])

    def status_change_notification(self, status: Any) -> None:  # noqa: ANN401  asyncua's name and type
        """The server ended the subscription: make another."""
        log.warning("opcua_subscription_ended", status=str(status))
        self._over = True

    async def _both(self, intake: Intake, stop: Event) -> None:
        handing = asyncio.create_task(self._hand_over(intake, stop))
        await self._run(stop)
        await handing

    async def _hand_over(self, intake: Intake, stop: Event) -> None:
        """Give changes to the intake without keeping the connection waiting while the disk is full."""
        while not stop.is_set() or self._pending:
            records, self._pending = self._pending, []
            if records:
                await asyncio.to_thread(intake.put, records, _nothing)
            await asyncio.sleep(HAND_S)

    async def _run(self, stop: Event) -> None:
        failures = 0
        while not stop.is_set():
            self._health.beat()
            self._tally.look()
            if self._paused.is_set():
                self._health.set("opcua", False, "paused: the spool is full")
                await asyncio.sleep(TICK_S)
                continue
            try:
                await self._session(stop)
                failures = 0
            except LOST as error:
                trouble = server(error, secured=self._endpoint.identity is not None)
                self._health.set("opcua", False, f"{self._endpoint.url}: {trouble}")
                lost = "changes until the next connection may be missing"
                self._tally.say("opcua_away", url=self._endpoint.url, reason=trouble.reason, remedy=trouble.remedy, consequence=lost)
                failures += 1
                await _wait(stop, BACKOFF_S[min(failures, len(BACKOFF_S)) - 1])

    async def _session(self, stop: Event) -> None:
        """One connection, until the stop, a pause, or its loss."""
        identity = self._endpoint.identity
        if identity and identity.believing:
            self._tally.say("opcua_server_not_checked", url=self._endpoint.url, remedy="add the server's certificate to --security")
        async with await secured(self._endpoint) as client:
            self._over = False
            await self._subscribe(client)
            while not (stop.is_set() or self._paused.is_set() or self._over):
                await _wait(stop, TICK_S)
                await client.check_connection()
                self._health.beat()
                self._tally.look()

    async def _subscribe(self, client: Client) -> None:
        chosen = self._chosen or named(await browse(client, self._root))
        nodes = [client.get_node(entry.node) for entry in chosen]
        self._names = {node.nodeid: entry for node, entry in zip(nodes, chosen, strict=True)}
        subscription = await client.create_subscription(self._endpoint.period_ms, self)
        refused = []
        for begin in range(0, len(nodes), BATCH):
            part = nodes[begin : begin + BATCH]
            handles = await subscription.subscribe_data_change(part, queuesize=QUEUE_MAX, sampling_interval=self._endpoint.period_ms)
            refused += [str(node) for node, handle in zip(part, handles, strict=True) if not isinstance(handle, int)]
        reason = f"{len(refused)} of {len(nodes)} nodes cannot be read: {', '.join(refused[:5])}" if refused else ""
        self._health.set("opcua", True)
        self._health.set("nodes", not refused, reason, critical=False)
        log.info("opcua_connected", url=self._endpoint.url, nodes=len(nodes), refused=len(refused))


async def secured(endpoint: Endpoint) -> Client:
    """A client with its user and its encryption, not yet connected."""
    client = Client(endpoint.url, timeout=TIMEOUT_S)
    client.session_timeout = SESSION_MS
    if endpoint.user:
        client.set_user(endpoint.user)
        client.set_password(endpoint.password)
    if endpoint.identity:
        client.application_uri = endpoint.identity.uri or client.application_uri
        await client.set_security_string(endpoint.identity.text)
    return client


async def _wait(stop: Event, seconds: float) -> None:
    """Sleep, but notice the stop."""
    for _ in range(max(1, round(seconds / TICK_S))):
        if stop.is_set():
            return
        await asyncio.sleep(min(seconds, TICK_S))


def _nothing() -> None:
    """OPC UA has nothing to acknowledge: the server forgets a change when it has sent it."""
