"""Registry, object store and files that fail, and the recovery; the registry is made up."""

import threading
from dataclasses import replace
from pathlib import Path

from models.refresh import REGISTRY, serve
from models.registry import Registry
from models.runs import register
from models.shelf import Shelf
from settings import load
from telemetry.health import Health
from tests.models import sample
from tests.models.rig import NEED, ROWS, Rig, until


def test_a_new_champion_is_exchanged_and_only_it_is_downloaded(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.refresh.refresh()
    assert rig.registry.fetched == 1
    rig.registry.add(1, 2.0, aliases=frozenset({"previous"}))
    rig.registry.add(2, 3.0)
    rig.refresh.refresh()
    assert (rig.answer(), rig.registry.fetched) == ((6.0, 2, ""), 2)
    rig.registry.add(1, 2.0)
    rig.registry.add(2, 3.0, aliases=frozenset({"previous"}), withdrawn="false alarms")
    rig.refresh.refresh()  # a rollback: seen at the next look, without a download
    assert (rig.answer(), rig.registry.fetched) == ((4.0, 1, ""), 2)


def test_the_registry_is_away_at_the_start(rig: Rig) -> None:
    rig.registry.away = "no answer"
    rig.refresh.load(())
    rig.refresh.refresh()
    assert rig.answer() == (None, 0, "no registered model fits classification")
    assert rig.wrong(REGISTRY) == "no answer; the models at hand go on"
    rig.registry.away = ""
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    assert (rig.answer(), rig.wrong(REGISTRY)) == ((4.0, 1, ""), "")


def test_the_registry_is_away_at_a_later_start(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.registry.away = rig.registry.store_away = "no answer"
    second = rig.again()
    rig.serving.exchange(type(rig.serving.state)())
    second.load(Shelf(rig.folder).recall())
    second.refresh()
    assert (rig.answer(), rig.wrong(REGISTRY)) == ((4.0, 1, ""), "no answer; the models at hand go on")


def test_the_store_is_away_when_a_champion_comes(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.registry.add(1, 2.0, aliases=frozenset({"previous"}))
    rig.registry.add(2, 3.0)
    rig.registry.store_away = "connection refused"
    rig.refresh.refresh()
    assert rig.answer() == (4.0, 1, "wear version 2: its files cannot be fetched: connection refused")
    assert "connection refused" in rig.wrong()
    rig.registry.store_away = ""
    rig.refresh.refresh()
    assert (rig.answer(), rig.wrong()) == ((6.0, 2, ""), "")


def test_no_record_waits_for_a_download(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.refresh.refresh()
    rig.registry.slow = threading.Event()
    rig.registry.add(1, 2.0, aliases=frozenset({"previous"}))
    rig.registry.add(2, 3.0)
    download = threading.Thread(target=rig.refresh.refresh)
    download.start()
    until(lambda: rig.registry.fetched == 2)
    assert [rig.answer() for _ in range(3)] == [(4.0, 1, "")] * 3
    rig.registry.slow.set()
    download.join()
    assert rig.answer() == (6.0, 2, "")


def test_truncated_files_are_refused_and_not_fetched_at_every_look(rig: Rig) -> None:
    rig.registry.add(1, 2.0)
    rig.registry.cut = True
    rig.refresh.refresh()
    rig.refresh.refresh()
    value, _, reason = rig.answer()
    assert (value, rig.registry.fetched) == (None, 1)
    assert "altered or cut short" in reason
    assert "altered or cut short" in rig.wrong()
    rig.registry.cut, rig.now = False, 60
    rig.refresh.refresh()
    assert (rig.answer(), rig.wrong()) == ((4.0, 1, ""), "")


def test_files_with_another_signature_are_refused(rig: Rig) -> None:
    rig.registry.add(1, 2.0, inputs=("flow_l_min", "torque_nm"))
    rig.refresh.refresh()
    found = rig.serving.predict(replace(NEED, inputs=("flow_l_min", "torque_nm")), ROWS)
    assert found.values is None
    assert "signature: the version claims the inputs ['flow_l_min', 'torque_nm']" in found.reason
    rig.registry.add(2, 2.0)
    rig.now = 60
    rig.refresh.refresh()
    assert rig.answer() == (4.0, 2, "")


def test_the_thread_looks_when_it_is_woken_and_ends(rig: Rig) -> None:
    rig.refresh.start()
    until(lambda: rig.health.snapshot().get(REGISTRY, {}).get("ok") is True)
    rig.registry.add(1, 2.0)
    rig.refresh.wake()  # the next look would come in a minute
    until(lambda: rig.answer() == (4.0, 1, ""))
    rig.refresh.stop()
    assert not any(thread.name == "models" for thread in threading.enumerate())


def test_an_instance_without_models_is_in_order(tmp_path: Path) -> None:
    health = Health()
    serving, refresh = serve(load(home=tmp_path), health)
    until(lambda: REGISTRY in health.snapshot())
    known = health.snapshot()[REGISTRY]
    assert (known["ok"], known["reason"]) == (True, "no model was trained yet: see `maint train --help`; the statistical fallback answers")
    assert serving.predict(NEED, ROWS).reason == "no registered model fits classification"
    assert not (tmp_path / "models/registry.db").exists()
    refresh.stop()
    serving.close()


def test_what_is_trained_is_served(registry: Registry) -> None:
    health = Health()
    serving, refresh = serve(registry.settings.model_copy(update={"model_refresh_s": 0.1}), health)
    known = register(registry, sample.trained(), seed=0)
    until(lambda: serving.predict(NEED, ROWS).digest == known.digest)
    refresh.stop()
    serving.close()
