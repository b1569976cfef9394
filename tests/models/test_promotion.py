import pytest

from models.promotion import GateError, promote, rollback
from models.registry import Registry
from models.runs import register
from models.tracking import RegistryError
from tests.models import sample


def aliases(registry: Registry) -> dict[int, list[str]]:
    return {known.number: sorted(known.aliases) for known in registry.versions("pump_wear")}


def registered(registry: Registry, *values: float) -> None:
    for seed, value in enumerate(values):
        register(registry, sample.trained(value=value, seed=seed), seed=seed)


def test_the_first_is_champion_and_the_next_challenges(registry: Registry) -> None:
    registered(registry, 0.8, 0.9)
    assert aliases(registry) == {1: ["champion"], 2: ["challenger"]}


def test_a_first_that_does_not_beat_the_baseline_is_no_champion(registry: Registry) -> None:
    registered(registry, 0.4)
    assert aliases(registry) == {1: ["challenger"]}
    with pytest.raises(GateError, match=r"does not beat the trivial baseline 0\.5"):
        promote(registry, "pump_wear")


def test_a_better_challenger_is_promoted_and_rolled_back(registry: Registry) -> None:
    registered(registry, 0.8, 0.9)
    assert promote(registry, "pump_wear").number == 2
    assert aliases(registry) == {1: ["previous"], 2: ["champion"]}
    assert rollback(registry, "pump_wear", reason="false alarms").number == 1
    assert aliases(registry) == {1: ["champion"], 2: ["previous"]}
    assert "false alarms" in registry.version("pump_wear", 2).withdrawn


def test_what_was_rolled_back_comes_back_only_by_force(registry: Registry) -> None:
    registered(registry, 0.8, 0.9)
    promote(registry, "pump_wear")
    rollback(registry, "pump_wear", reason="false alarms")
    told = r"version 1 answers since version 2 was rolled back \(.* false alarms\); no other version was ever champion"
    with pytest.raises(RegistryError, match=told):
        rollback(registry, "pump_wear", reason="again")
    with pytest.raises(GateError, match="false alarms"):
        promote(registry, "pump_wear", 2)
    found = promote(registry, "pump_wear", 2, force="sensor was at fault")
    assert (found.number, found.withdrawn) == (2, "")
    assert found.gate.startswith("forced: sensor was at fault")


def test_a_second_rollback_names_who_was_champion_once(registry: Registry) -> None:
    registered(registry, 0.7, 0.8, 0.9)
    promote(registry, "pump_wear", 2)
    promote(registry, "pump_wear", 3)
    rollback(registry, "pump_wear", reason="false alarms")
    with pytest.raises(RegistryError, match=r"version 2 answers since version 3 was rolled back .*champion once were 1\."):
        rollback(registry, "pump_wear", reason="again")


def test_a_worse_challenger_needs_a_reason(registry: Registry) -> None:
    registered(registry, 0.8, 0.8)
    with pytest.raises(GateError, match=r"F1 0.8 does not beat the champion's 0.8 \(version 1\).*--force"):
        promote(registry, "pump_wear")
    assert promote(registry, "pump_wear", force="smaller").number == 2


def test_other_figures_are_not_compared(registry: Registry) -> None:
    registered(registry, 0.8)
    other = sample.card().figures[0]
    register(registry, sample.trained(value=0.9, seed=1, figures=(type(other)("other set", "split", "F1", 0.9, "higher"),)), seed=1)
    with pytest.raises(GateError, match="not comparable"):
        promote(registry, "pump_wear")


def test_nothing_to_go_back_to(registry: Registry) -> None:
    registered(registry, 0.8)
    with pytest.raises(RegistryError, match="no previous champion"):
        rollback(registry, "pump_wear", reason="x")
    with pytest.raises(RegistryError, match="champion already"):
        promote(registry, "pump_wear", 1)
