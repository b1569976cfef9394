"""maint deliver."""

EXAMPLES = """Examples:

  maint deliver            from topics to tables, until it is stopped; several may run at once
"""


def deliver() -> None:
    """Write scored rows, refused records, windows, evidence and episodes to the database, each exactly once."""
    import signal
    from threading import Event

    from settings import load
    from sinks.deliver import Deliver
    from sinks.maintenance import Maintenance, repeat
    from store.database import Unconfigured, address
    from telemetry import logs
    from telemetry.health import Health
    from telemetry.server import port_file, serve

    settings = load()
    try:
        address(settings)
    except Unconfigured as problem:
        raise SystemExit(f"deliver: {problem}") from None
    logs.configure(service="deliver", level=settings.log_level, form=settings.log_format)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    health = Health()
    server = serve(health, port=settings.metrics_port, file=port_file(settings.home, "deliver"))
    thread = repeat(Maintenance(settings, health), stop)
    try:
        Deliver(settings, health).run(stop)
    finally:
        stop.set()
        thread.join(timeout=5)
        server.close()
