"""The MQTT client: a persistent session, QoS 1, acknowledged by hand when a message is on disk."""

import ssl
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from bridge.field import Field
from bridge.intake import Intake
from bridge.rebirth import Rebirth
from bridge.remedy import LostError, SecurityError, Trouble, connection, refusal
from bridge.tally import Tally
from telemetry.health import Health

log = structlog.get_logger(__name__)

QOS: Final = 1
TICK_S: Final = 0.5
KEEPALIVE_S: Final = 30
RECONNECT_S_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and who we are there.

    Attributes:
        client_id: names the persistent session: the broker keeps messages for it while the bridge is away.
        tls: encrypt; `ca`, `certificate` and `key` are PEM files, without `ca` the system's authorities count.
    """

    host: str
    port: int
    client_id: str
    filters: Sequence[str]
    user: str = ""
    password: str = ""
    tls: bool = False
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None


class Listener:
    """Receives messages and hands them to the intake.

    Args:
        address: the broker.
        field: what messages mean.
        tally: counts.
        health: gets the dependency `mqtt`.
        allow_rebirth: a node may be asked for its birth; the only thing ever sent.

    Raises:
        SecurityError: a file of certificates cannot be used.
    """

    def __init__(self, address: Address, field: Field, tally: Tally, health: Health, *, allow_rebirth: bool = False) -> None:
        self._address, self._field, self._tally, self._health = address, field, tally, health
        self._context = encryption(address)
        self._client: Client | None = None  # while we are at the broker, or on the way there
        self._socket: object = None  # of the newest attempt
        self._rebirth = Rebirth() if allow_rebirth else None
        self._intake: Intake | None = None
        self._refused: Trouble | None = None  # by the broker, at the newest attempt
        self._session = 0  # grows with every connection: an acknowledgement counts only in its own
        self._paused = Event()

    def run(self, intake: Intake, stop: Event) -> None:
        """Receive until the stop. Does not return before everything received is written or left to the broker."""
        self._intake = intake
        self._health.set("mqtt", False, "connecting")
        while not stop.is_set():
            if self._paused.is_set():
                self._leave()
            elif not self._client:
                self._enter()
            self._health.beat()
            self._tally.look()
            stop.wait(TICK_S)

    def close(self) -> None:
        """Leave the broker, which keeps the session."""
        self._leave()

    def pause(self) -> None:
        """Leave the broker until there is room; it keeps what is published for our session."""
        self._paused.set()

    def resume(self) -> None:
        """Come back."""
        self._paused.clear()

    def _enter(self) -> None:
        """Begin anew with a client of its own: paho leaves sockets behind when a loop is started twice."""
        address = self._address
        client = self._client = Client(CallbackAPIVersion.VERSION2, address.client_id, clean_session=False, manual_ack=True)
        secure(client, address, self._context)
        client.reconnect_delay_set(1, RECONNECT_S_MAX)
        client.on_connect = self._connected
        client.on_connect_fail = self._failed
        client.on_subscribe = self._subscribed
        client.on_disconnect = self._disconnected
        client.on_socket_open = self._opened
        client.on_message = self._arrived
        client.connect_async(address.host, address.port, KEEPALIVE_S)
        client.loop_start()

    def _leave(self) -> None:
        client, self._client = self._client, None
        if client:
            client.disconnect()
            client.loop_stop()

    def _connected(self, client: Client, _data: Any, flags: ConnectFlags, code: ReasonCode, _more: Properties | None) -> None:  # noqa: ANN401
        self._refused = refusal(str(code)) if code.is_failure else None
        if self._refused:
            self._away("mqtt_refused", self._refused)
            return
        if self._session and not flags.session_present:
            self._tally.say("mqtt_session_lost", consequence="what was published while the bridge was away may be missing")
        self._session += 1
        client.subscribe([(name, QOS) for name in self._address.filters])
        log.info("mqtt_connected", host=self._address.host, port=self._address.port, session_kept=flags.session_present)

    def _subscribed(self, _client: Client, _data: Any, _mid: int, codes: list[ReasonCode], _more: Properties | None) -> None:  # noqa: ANN401
        refused = [name for name, code in zip(self._address.filters, codes, strict=False) if code.is_failure]
        self._health.set("mqtt", not refused, f"the broker refuses to send {', '.join(refused)}" if refused else "")
        if refused:
            self._tally.say("mqtt_refused", reason=f"subscription to {', '.join(refused)}")

    def _disconnected(self, _client: Client, _data: Any, _flags: DisconnectFlags, code: ReasonCode, _more: Properties | None) -> None:  # noqa: ANN401
        if self._refused:
            return  # told already, and it is the reason
        if self._paused.is_set():
            self._away("mqtt_away", Trouble("paused: the spool is full"))
            return
        error = broken(self._socket) or (None if self._session else LostError(str(code), secured=self._address.tls))
        self._away("mqtt_away", connection(error) if error else Trouble(f"connection lost: {code}"))

    def _opened(self, _client: Client, _data: Any, opened: Any) -> None:  # noqa: ANN401  a socket of paho's kinds
        self._socket = opened

    def _failed(self, _client: Client, _data: Any) -> None:  # noqa: ANN401
        """There is no connection; paho tries again. It calls this while it handles the error."""
        self._refused = None
        self._away("mqtt_away", connection(sys.exception()))

    def _away(self, event: str, trouble: Trouble) -> None:
        self._health.set("mqtt", False, str(trouble))
        self._tally.say(event, host=self._address.host, port=self._address.port, reason=trouble.reason, remedy=trouble.remedy)

    def _arrived(self, client: Client, _data: Any, message: MQTTMessage) -> None:  # noqa: ANN401
        assert self._intake is not None  # noqa: S101  nothing arrives before run()
        taken = self._field.take(
            message.topic, bytes(message.payload), arrival_us=time.time_ns() // 1000, repeated=message.dup, retained=message.retain
        )
        if taken.missing:
            self._tally.gap(message.topic, taken.missing)
        if taken.rebirth:
            self._ask(client, taken.rebirth)
        session = self._session
        records = self._tally.sift(message.topic, taken.outcomes)
        self._intake.put(records, lambda: self._acknowledge(client, message, session))

    def _ask(self, client: Client, node: tuple[str, str]) -> None:
        if self._rebirth:
            self._rebirth.ask(client, node)
        else:
            self._tally.say("rebirth_needed", group=node[0], node=node[1], remedy="restart the node, or allow it with --allow-rebirth")

    def _acknowledge(self, client: Client, message: MQTTMessage, session: int) -> None:
        """In a later connection the number may mean another message; the broker sends this one again there."""
        if message.qos and session == self._session:
            client.ack(message.mid, message.qos)


class Closing(ssl.SSLSocket):
    """Is closed when the handshake fails, and remembers what ended the session: paho does neither.

    In TLS 1.3 a broker refuses our certificate after the handshake, in what is received first.
    """

    broken: ssl.SSLError | None = None

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """Receive."""
        try:
            return super().recv(buflen, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            self.broken = error
            raise

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  as its parent has it
        """Agree on the encryption."""
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def broken(used: object) -> ssl.SSLError | None:
    """What ended the encrypted session of a socket, if the other side said so."""
    return used.broken if isinstance(used, Closing) else None


def secure(client: Client, address: Address, context: ssl.SSLContext | None) -> None:
    """Give a client its user and its encryption."""
    if address.user:
        client.username_pw_set(address.user, address.password or None)
    if context:
        client.tls_set_context(context)


def encryption(address: Address) -> ssl.SSLContext | None:
    """What checks the broker's certificate and its name, and shows ours; None without TLS.

    Raises:
        SecurityError: a file cannot be used, or files are named and TLS is not asked for.
    """
    files = {"--ca": address.ca, "--certificate": address.certificate, "--key": address.key}
    if not address.tls:
        stated = [name for name, file in files.items() if file]
        if stated:
            raise SecurityError(f"{', '.join(stated)} without --tls: nothing would be encrypted; add --tls")
        return None
    try:
        context = ssl.create_default_context(cafile=address.ca)
    except OSError as error:
        raise SecurityError(f"--ca {address.ca}: {error.strerror}: give the PEM file of the authority that signed the broker's") from None
    context.sslsocket_class = Closing
    if address.certificate or address.key:
        try:
            context.load_cert_chain(address.certificate or "", address.key, password="")
        except (OSError, ValueError) as error:
            named = f"--certificate {address.certificate}, --key {address.key}"
            raise SecurityError(f"{named}: {error}: give PEM files that belong together, the key without a password") from None
    return context
