"""Training corpora made on the spot, equal for equal seeds: what models learn from where no folder of data is given.

They hold what was put into each series and no truth of any plant: nothing here is shared with the simulator that judges agents.
"""

from pathlib import Path

from models.table import Table


def load(folder: Path) -> Table:  # noqa: ARG001  every data set has one
    """An example of what is generated: ten recordings of the rig."""
    from models.generated import rig  # noqa: PLC0415  it needs scipy, which the core profile does without

    return rig.recordings(0, 10)
