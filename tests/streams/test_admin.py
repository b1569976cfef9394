from settings import Settings
from streams import admin
from streams.agents import AGENTS
from streams.topics import TOPICS


def settings(**more: object) -> Settings:
    return Settings.model_validate({"namespace": "site1.", "partitions": 24, **more})


def config(name: str, **more: object) -> dict[str, str]:
    return next(topic.config for topic in admin.planned(settings(**more)) if topic.name == f"site1.{name}")


def test_every_topic_and_every_state_is_planned_in_the_namespace() -> None:
    names = [topic.name for topic in admin.planned(settings())]
    assert names == [f"site1.{each.name}" for each in TOPICS] + [f"site1.{each.state}" for each in AGENTS]


def test_input_topics_use_the_time_of_the_broker() -> None:
    assert config("readings.raw.v1")["message.timestamp.type"] == "LogAppendTime"
    assert "message.timestamp.type" not in config("readings.scored.v1")


def test_retention_is_per_partition_and_segments_are_small_enough_to_be_deleted() -> None:
    found = config("readings.raw.v1", topic_retention_bytes=2 * 1024**3, topic_retention_days=7)
    assert int(found["retention.bytes"]) * 24 <= 2 * 1024**3
    assert int(found["segment.bytes"]) * 4 <= int(found["retention.bytes"])
    assert found["retention.ms"] == str(7 * 86_400_000)


def test_states_are_compacted_soon() -> None:
    found = config("state.acquisition.v1")
    assert (found["cleanup.policy"], found["segment.ms"], found["min.compaction.lag.ms"]) == ("compact", "60000", "0")


def test_replicas_must_confirm() -> None:
    assert config("readings.raw.v1", replication_factor=3)["min.insync.replicas"] == "2"


def test_records_fit_their_topics() -> None:
    assert int(config("readings.raw.v1", record_bytes_max=3_000_000)["max.message.bytes"]) > 3_000_000


def test_the_plan_gives_each_process_its_rights_only() -> None:
    grants = {(grant.principal, grant.operation, grant.resource, grant.name) for grant in admin.grants(settings())}
    assert ("User:data", "Read", "topic", "site1.readings.raw.v1") in grants
    assert ("User:control", "Write", "topic", "site1.readings.raw.v1") in grants
    assert ("User:deliver", "Read", "topic", "site1.readings.scored.v1") in grants
    assert ("User:deliver", "Write", "topic", "site1.readings.scored.v1") not in grants
    assert not [grant for grant in grants if grant[0] == "User:gateway" and grant[1] == "Read"]
