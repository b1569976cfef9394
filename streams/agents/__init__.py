"""The table of agents: what a newcomer reads after the table of topics.

Each agent has one input topic, so that the order it saw is a log, and one compacted topic for its state.
Modules are named, not imported: the control process must not load numba.
"""

from importlib import import_module

from streams.topics import ANOMALIES, EVIDENCE, FEATURES, FRAMES, PREDICTIONS, RAW, REJECTIONS, SCORED, SPECTRA, WAVEFORMS
from streams.work import Agent, Room

AGENTS = (
    Agent(
        name="acquisition",
        plane="data",
        topic=RAW,
        state="state.acquisition.v1",
        writes=(SCORED, REJECTIONS, EVIDENCE, FEATURES),
        module="streams.agents.acquisition",
        does="validates, flags, scores (level 1) and windows readings",
    ),
    Agent(
        name="frames",
        plane="data",
        topic=FRAMES,
        state="state.frames.v1",
        writes=(SCORED, REJECTIONS, EVIDENCE, FEATURES, SPECTRA, WAVEFORMS),
        module="streams.agents.acquisition",
        does="the same for frames: samples become rows, waveforms features and spectra; the waveform itself where a condition begins",
    ),
    Agent(
        name="detection",
        plane="control",
        topic=EVIDENCE,
        state="state.detection.v1",
        writes=(ANOMALIES, REJECTIONS),
        module="streams.agents.detection",
        does="turns all evidence into episodes with contributions",
    ),
    Agent(
        name="patterns",
        plane="control",
        topic=FEATURES,
        state="state.patterns.v1",
        writes=(EVIDENCE, REJECTIONS),
        module="streams.agents.patterns",
        does="level-2 models of an asset judge its windows",
    ),
    Agent(
        name="prediction",
        plane="control",
        topic=FEATURES,
        state="state.prediction.v1",
        writes=(PREDICTIONS, REJECTIONS),
        module="streams.agents.prediction",
        does="health, time to a limit and what a model says of the remaining life",
    ),
    Agent(
        name="zones",
        plane="control",
        topic=FEATURES,
        state="state.zones.v1",
        writes=(EVIDENCE, REJECTIONS),
        module="streams.agents.zones",
        does="says when a measuring point enters vibration zone C or D, or left its accepted reference by 25 % of B/C",
    ),
    Agent(
        name="bearings",
        plane="control",
        topic=SPECTRA,
        state="state.bearings.v1",
        writes=(EVIDENCE, REJECTIONS),
        module="streams.agents.bearings",
        does="says when lines of a damaged bearing stand out of the envelope",
    ),
)


def of_plane(plane: str) -> tuple[Agent, ...]:
    """Agents of one process: data or control."""
    return tuple(agent for agent in AGENTS if agent.plane == plane)


def room(agent: Agent) -> Room:
    """The agent's module."""
    return import_module(agent.module)
