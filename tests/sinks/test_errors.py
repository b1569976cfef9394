import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException

from sinks.breaker import FIRST_S, LONGEST_S, Breaker
from sinks.errors import Fault, Poison, Transient, classify


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.OperationalError("connection refused"), Transient),
        (psycopg.errors.AdminShutdown("terminating"), Transient),
        (psycopg.errors.DiskFull("no space"), Transient),
        (psycopg.errors.DeadlockDetected("deadlock"), Transient),
        (psycopg.errors.IdleInTransactionSessionTimeout("idle"), Transient),
        (psycopg.errors.CheckViolation("no partition"), Poison),
        (psycopg.errors.NumericValueOutOfRange("out of range"), Poison),
        (psycopg.DataError("cannot dump"), Poison),
        (psycopg.errors.UndefinedTable("no table"), Fault),
        (psycopg.errors.InsufficientPrivilege("denied"), Fault),
        (KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN)), Transient),
        (RuntimeError("a bug"), Fault),
    ],
)
def test_every_error_has_one_class(error: Exception, kind: type[Exception]) -> None:
    assert type(classify(error)) is kind


def test_a_fault_names_its_remedy() -> None:
    assert "maint migrate" in str(classify(psycopg.errors.UndefinedTable('relation "x" does not exist\nLINE 1')))
    assert "LINE" not in str(classify(psycopg.errors.UndefinedTable('relation "x" does not exist\nLINE 1')))


def test_pauses_double_up_to_a_bound_and_the_breaker_opens() -> None:
    breaker = Breaker("test", chance=lambda: 0.5)
    pauses = [breaker.failed() for _ in range(12)]
    assert pauses[:3] == pytest.approx([FIRST_S, 2 * FIRST_S, 4 * FIRST_S])
    assert pauses[-1] == LONGEST_S
    assert breaker.open
    breaker.worked()
    assert not breaker.open
    assert breaker.failures == 0


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_jitter_stays_within_a_quarter(chance: float) -> None:
    assert Breaker("test", chance=lambda: chance).failed() == pytest.approx(FIRST_S * (0.75 + chance / 2))
