import configparser
from pathlib import Path

from supervisor.options import ServerOptions

from stack.instance import MARKER, Instance
from stack.service import Service
from stack.supervisor import Supervisor, render


def test_supervisord_reads_what_we_write(tmp_path: Path) -> None:
    instance = Instance(tmp_path / "a home")
    service = Service(
        name="thing",
        command=["/bin/a program", "--rate", "50%"],
        environment={"PASSWORD": "a,b=c%d"},
        stop_signal="INT",
        exit_codes=(0, 143),
    )
    file = instance.run / "supervisord.conf"
    file.write_text(render(instance, [service], root=False, log_bytes_max=12_345))
    options = ServerOptions()
    options.realize(["-c", str(file)])
    program = options.process_group_configs[0].process_configs[0]
    assert program.command == "'/bin/a program' --rate 50%"
    assert program.environment == {MARKER: str(instance.home), "PASSWORD": "a,b=c%d"}
    assert program.exitcodes == [0, 143]
    assert program.stdout_logfile_maxbytes == 12_345
    assert not program.autostart


def test_a_stopped_supervisor_has_no_states(tmp_path: Path) -> None:
    supervisor = Supervisor(Instance(tmp_path / "home"))
    assert not supervisor.alive()
    assert supervisor.states() == {}
    supervisor.shutdown()


def test_sections_keep_the_order_of_the_services(tmp_path: Path) -> None:
    services = [Service(name=name, command=["/bin/true"]) for name in ("b", "a")]
    parser = configparser.RawConfigParser()
    parser.read_string(render(Instance(tmp_path / "home"), services, root=True, log_bytes_max=1))
    assert [name for name in parser.sections() if name.startswith("program:")] == ["program:b", "program:a"]
