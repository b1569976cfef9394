from dataclasses import replace

from models.event import event
from schemas.codec import Decoded, decode, encode
from tests.models.test_choice import made


def test_an_event_names_the_version_and_its_foremost_alias() -> None:
    known = replace(made("wear", 2), aliases=frozenset({"previous", "champion"}), created=5)
    record = event(known, "rolled_back", at_us=7_000_000, who="R. Ortiz", reason="false alarms", before=3)
    assert (record["name"], record["version"], record["alias"], record["before"]) == ("wear", 2, "champion", 3)
    assert record["created"] == 5000
    found = decode(encode("ModelEvent", record))
    assert isinstance(found, Decoded)
    assert (found.name, found.record) == ("ModelEvent", record)
    assert record["event_id"] != event(known, "rolled_back", at_us=7_000_001, who="")["event_id"]
