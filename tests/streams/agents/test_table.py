import subprocess
import sys

import pytest

from streams.agents import AGENTS, of_plane
from streams.topics import BY_NAME, FEATURES, SPECTRA, TICKED

LIGHT = """
import sys
from streams import agents, worker
for each in agents.of_plane("control"):
    agents.room(each)
print({"numba", "mlflow", "sklearn", "onnxruntime"} & set(sys.modules))
"""


def test_every_agent_reads_one_topic_and_is_named_in_the_table_of_topics() -> None:
    for agent in AGENTS:
        assert agent.topic in {*TICKED, FEATURES, SPECTRA}  # what windows and spectra say goes by event time alone
        assert agent.name in BY_NAME[agent.topic].readers or agent.name == "frames"
        assert set(agent.writes) <= set(BY_NAME)


def test_states_and_names_are_unique() -> None:
    assert len({agent.state for agent in AGENTS}) == len({agent.name for agent in AGENTS}) == len(AGENTS)


@pytest.mark.parametrize("plane", ["data", "control"])
def test_both_planes_have_agents(plane: str) -> None:
    assert of_plane(plane)


def test_the_control_process_loads_neither_numba_nor_what_trains_models() -> None:
    assert subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True).stdout.strip() == "set()"
