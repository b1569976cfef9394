"""Data sets that cannot be shipped: how to get each, its licence, its checksum, and one loader each. The table."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from models.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set.

    Args:
        title: full name.
        get: where a person downloads it.
        licence: of the data.
        folder: name of its folder below the data folder.
        module: `package.module:function`; the function takes the folder and returns a Table.

    """

    name: str
    title: str
    get: str
    licence: str
    folder: str
    module: str

    def load(self, folder: Path) -> Table:
        """Its rows; DataError names file, column and remedy."""
        module, function = self.module.split(":")
        made: Callable[[Path], Table] = getattr(import_module(module), function)
        return made(folder)


class DataError(ValueError):
    """A file of a data set is missing or is not what was published: it names the file, what was found and the remedy."""


DATASETS: dict[str, DataSet] = {
    each.name: each
    for each in (
        DataSet(
            "ai4i2020",
            "AI4I 2020 predictive maintenance (S. Matzka), 10,000 snapshots of a milling machine",
            "https://archive.ics.uci.edu/dataset/601, file ai4i2020.csv",
            "CC BY 4.0",
            "ai4i2020",
            "models.datasets.ai4i:load",
        ),
        DataSet(
            "cmapss",
            "NASA C-MAPSS turbofan engines run to failure, subsets FD001 to FD004",
            "https://data.nasa.gov, CMAPSS Jet Engine Simulated Data: train_FD00x.txt, test_FD00x.txt, RUL_FD00x.txt, plain or .gz",
            "public domain",
            "cmapss",
            "models.datasets.cmapss:load",
        ),
        DataSet(
            "hydraulic",
            "Condition monitoring of hydraulic systems (UCI 447), 290 stable cycles with ten sensors",
            "https://archive.ics.uci.edu/dataset/447, as one csv a sensor with a header, and profile.csv",
            "CC BY 4.0",
            "hydraulic_uci447_subset",
            "models.datasets.hydraulic:load",
        ),
        DataSet(
            "nasa_battery",
            "NASA lithium-ion cells, capacity of each discharge of B0005, B0006, B0007 and B0018",
            "https://www.nasa.gov/intelligent-systems-division, Prognostics Center, data set 5, as capacity_per_discharge_cycle.csv",
            "public domain",
            "nasa_battery",
            "models.datasets.battery:load",
        ),
        DataSet(
            "generated",
            "series, waveforms and sounds made on the spot (models/generated)",
            "nothing: they are made where they are needed",
            "Apache-2.0",
            "generated",
            "models.generated:load",
        ),
        DataSet(
            "ims",
            "IMS bearings (University of Cincinnati), three tests of four bearings until one failed",
            "https://data.phmsociety.org/nasa, Bearings: folders 1st_test, 2nd_test and 3rd_test (4th_test/txt), each unpacked",
            "not stated; NASA's repository asks to name the source",
            "ims",
            "models.datasets.ims:load",
        ),
        DataSet(
            "mimii",
            "MIMII, sounds of valves, pumps, fans and slide rails, normal and abnormal",
            "https://zenodo.org/records/3384388",
            "CC BY-SA 4.0",
            "mimii",
            "models.datasets.mimii:load",
        ),
        DataSet(
            "nab",
            "Numenta anomaly benchmark, 58 labelled series (or any part of them)",
            "https://github.com/numenta/NAB, folders data and labels",
            "MIT",
            "nab",
            "models.datasets.nab:load",
        ),
        DataSet(
            "skab",
            "Skoltech anomaly benchmark, 34 recordings of a water rig with a fault each",
            "https://github.com/waico/SKAB, folder data",
            "GPL-3.0",
            "skab",
            "models.datasets.skab:load",
        ),
        DataSet(
            "xjtu",
            "XJTU-SY bearings, fifteen run to failure under three conditions",
            "https://biaowang.tech/xjtu-sy, folders 35Hz12kN, 37.5Hz11kN and 40Hz10kN",
            "not stated; public for validating prognostics, with a citation of B. Wang et al. 2020",
            "xjtu_sy",
            "models.datasets.xjtu:load",
        ),
    )
}
