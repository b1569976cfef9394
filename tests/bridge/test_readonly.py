"""Nothing of the bridge writes to the field, except the request for a birth that a person must allow."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from asyncua import Client, Node
from asyncua.common.subscription import Subscription
from paho.mqtt.client import Client as MqttClient

ROOT = Path(__file__).parents[2]
FILES = [*(ROOT / "bridge").rglob("*.py"), ROOT / "cli/bridge.py", ROOT / "cli/onboard.py"]
WRITING = (
    "write",
    "set_",
    "add_",
    "delete",
    "call_",
    "import_",
    "register",
    "unregister",
    "history_update",
    "modify",
    "update",
    "new_node",
    "unset_",
)
OWN_SIDE = {
    "set_user",
    "set_password",
    "set_security",
    "set_security_string",
    "set_locale",
    "set_max_concurrent_requests",
    "set_overflow_disconnect_handler",
}
MQTT_WRITES = {"publish", "will_set", "will_clear", "_send_publish", "_packet_queue"}
LOWER = {"uaclient", "session", "protocol", "server"}  # the layers below, where requests are made by hand
ALLOWED = [("bridge/rebirth.py", "publish")]
COMMON = {"add", "write", "update", "delete"}  # names that sets, files and dictionaries have, too: judged by what they are called on


def opcua_writes() -> set[str]:
    names = {name for kind in (Client, Node, Subscription) for name, _ in inspect.getmembers(kind) if name.startswith(WRITING)}
    return names - OWN_SIDE


def used(path: Path) -> Iterator[tuple[str, ast.Attribute]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute):
            yield node.attr, node


def test_the_lists_know_the_libraries() -> None:
    assert {
        "write_value",
        "set_value",
        "write_attribute",
        "call_method",
        "history_update",
        "add_variable",
        "delete_nodes",
    } <= opcua_writes()
    assert {"publish", "will_set"} <= set(dir(MqttClient))


def test_nothing_writes_to_a_device_but_the_request_for_a_birth() -> None:
    forbidden = (opcua_writes() | MQTT_WRITES) - COMMON
    found = [(str(path.relative_to(ROOT)), name) for path in FILES for name, _ in used(path) if name in forbidden]
    assert found == ALLOWED


def test_names_that_others_have_too_are_not_called_on_a_client() -> None:
    field = {"client", "node", "subscription", "server", "_client"}
    for path in FILES:
        for name, node in used(path):
            if name in COMMON | LOWER:
                assert not (isinstance(node.value, ast.Name) and node.value.id in field), f"{path.name}:{node.lineno}"
                assert not (isinstance(node.value, ast.Attribute) and node.value.attr in field), f"{path.name}:{node.lineno}"


def test_nothing_is_called_by_a_name_made_at_run_time() -> None:
    """getattr stays inside the payload parser, which has no connection."""
    calling = {
        path.name
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"getattr", "eval", "exec", "__import__"}
    }
    assert calling == {"payload.py"}


def test_the_request_is_made_only_when_it_is_allowed() -> None:
    tree = ast.parse((ROOT / "bridge/mqtt.py").read_text())
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rebirth"]
    guards = [node for node in ast.walk(tree) if isinstance(node, ast.IfExp) and node.body in made]
    assert len(made) == len(guards) == 1
    assert ast.unparse(guards[0]) == "Rebirth() if allow_rebirth else None"
    assert [path.name for path in FILES if "bridge.rebirth" in path.read_text()] == ["mqtt.py"]


def test_rebirth_is_off_by_default() -> None:
    from bridge.mqtt import Listener
    from cli.bridge import mqtt

    assert inspect.signature(Listener).parameters["allow_rebirth"].default is False
    assert inspect.signature(mqtt).parameters["allow_rebirth"].default is False
