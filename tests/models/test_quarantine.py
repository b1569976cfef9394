from models.quarantine import Quarantine


def test_each_failure_doubles_the_wait() -> None:
    now = 0.0
    aside = Quarantine(60, lambda: now)
    assert aside.reason("a") == ""
    aside.put("a", "raised")
    now = 59
    assert (aside.reason("a"), aside.ill("a")) == ("raised", True)
    now = 60
    assert (aside.reason("a"), aside.ill("a")) == ("", True)
    aside.put("a", "raised again")
    now = 179
    assert aside.reason("a") == "raised again"
    now = 180
    assert aside.reason("a") == ""
    aside.release("a")
    assert not aside.ill("a")


def test_the_wait_has_an_end() -> None:
    now = 0.0
    aside = Quarantine(1, lambda: now)
    for _ in range(50):
        aside.put("a", "raised")
    now = 64
    assert aside.reason("a") == ""
