"""The Faust app of a worker: settings that were measured, one Faust agent per row of the table of agents."""

import ssl
from collections.abc import Iterable
from typing import Any

import faust

from settings import Settings
from streams.transport.consumer import App, Fetching, Scheduler, Schema, addresses
from streams.work import Agent

CHUNKS_MAX = 256  # chunks an agent may have in its queue before its partitions are paused
REQUEST_S = 30
METADATA_MS = 5000


def build(name: str, settings: Settings) -> App:
    """The app; its name is the consumer group."""
    folder = settings.home / "faust" / name
    folder.mkdir(parents=True, exist_ok=True)
    app = App(
        name,
        broker=addresses(settings.kafka_bootstrap_servers.split(",")),
        broker_credentials=_credentials(settings),
        datadir=folder,
        ConsumerScheduler=Scheduler,
        agent_supervisor="mode.CrashingSupervisor",
        cython_optimizations=True,
        web_enabled=False,
        worker_redirect_stdouts=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        topic_partitions=settings.partitions,
        stream_wait_empty=False,
        stream_recovery_delay=0.0,
        stream_buffer_maxsize=CHUNKS_MAX,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=4 * 1024**2,
        consumer_metadata_max_age_ms=METADATA_MS,
        producer_metadata_max_age_ms=METADATA_MS,
        broker_max_poll_records=10_000,
        broker_commit_interval=1.0,
        broker_session_timeout=settings.session_timeout_s,
        broker_heartbeat_interval=settings.session_timeout_s / 4,
        broker_rebalance_timeout=max(10.0, settings.session_timeout_s),
        broker_request_timeout=max(REQUEST_S, settings.session_timeout_s),
        producer_request_timeout=REQUEST_S,
    )
    app.fetching = Fetching(settings.fetch_wait_ms, settings.fetch_bytes_min, settings.chunk_records_max)
    _keep_queues(app)
    return app


def register(app: App, agents: Iterable[Agent], settings: Settings, take: Any) -> None:
    """One Faust agent per row; every event goes to `take(agent, tp, span, generation)`.

    An exception must not leave a Faust agent: Faust would note the record as done. `take` ends the process instead.
    """
    for agent in agents:
        schema = Schema(key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
        topic = app.topic(settings.topic(agent.topic), schema=schema)
        app.agent(topic, name=agent.name)(_loop(agent, take))


def _loop(agent: Agent, take: Any) -> Any:
    async def loop(stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            await take(agent, message.tp, event.value, message.generation_id)

    return loop


def _keep_queues(app: App) -> None:
    """Faust's resume() clears all stream queues, also when the flow is already active: fetched chunks would vanish."""
    flow = app.flow_control
    resume = flow.resume
    flow.resume = lambda: None if flow.is_active() else resume()


def _credentials(settings: Settings) -> Any:
    protocol = settings.kafka_security_protocol
    context = ssl.create_default_context(cafile=settings.kafka_ssl_ca_location or None) if protocol.endswith("SSL") else None
    if protocol.startswith("SASL"):
        return faust.SASLCredentials(
            mechanism=settings.kafka_sasl_mechanism or "PLAIN",
            username=settings.kafka_sasl_username,
            password=settings.kafka_sasl_password.get_secret_value(),
            ssl_context=context,
        )
    return faust.SSLCredentials(context) if context else None
