import json
import socket
from pathlib import Path

from stack.ports import HIGH, LOW, Ports, is_free, is_open, pick


def test_a_port_is_chosen_once_and_remembered(tmp_path: Path) -> None:
    path = tmp_path / "home/ports.json"
    first = Ports(path)["kafka"]
    assert Ports(path)["kafka"] == first
    assert LOW <= first < HIGH


def test_ports_of_an_instance_differ(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    assert len({ports[str(number)] for number in range(20)}) == 20


def test_a_port_in_use_is_neither_free_nor_closed() -> None:
    with socket.create_server(("127.0.0.1", pick(set()))) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert is_open(port)
    assert is_free(port)
    assert not is_open(port)


def test_a_port_that_others_took_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    with socket.create_server(("127.0.0.1", pick(set()))) as server:
        taken = server.getsockname()[1]
        path.write_text(json.dumps({"kafka": taken, "postgres": pick({taken})}))
        ports = Ports(path)
        ports.renew_taken()
        assert list(ports.known) == ["postgres"]
        assert ports["kafka"] != taken


def test_nobody_else_reads_which_ports_are_ours(tmp_path: Path) -> None:
    path = tmp_path / "ports.json"
    assert Ports(path)["kafka"]
    assert path.stat().st_mode & 0o777 == 0o600
