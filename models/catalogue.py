"""The table of named models. Adding one: a recipe in models/recipes and a line here."""

from typing import Final

from models.recipe import Recipe

MILLING: Final = ("manufacturing", "milling")
RIG: Final = ("pump", "vibration", "pressure", "flow", "current", "temperature", "general")
WAVEFORM: Final = ("bearing", "pump", "vibration")
BEARING: Final = ("bearing", "vibration")
RECIPES: tuple[Recipe, ...] = (
    Recipe("ai4i_raw_hgb", "ai4i2020", "models.recipes.ai4i:raw", domains=MILLING),
    Recipe("ai4i_margins_hgb", "ai4i2020", "models.recipes.ai4i:margins", domains=MILLING),
    Recipe("hydraulic_valve", "hydraulic", "models.recipes.hydraulic:valve", domains=("hydraulic",)),
    Recipe("hydraulic_pump_leak", "hydraulic", "models.recipes.hydraulic:pump_leak", domains=("hydraulic", "pump")),
    Recipe("hydraulic_accumulator", "hydraulic", "models.recipes.hydraulic:accumulator", domains=("hydraulic",)),
    Recipe("hydraulic_cooler", "hydraulic", "models.recipes.hydraulic:cooler", domains=("hydraulic",)),
    Recipe("rul_fd001_mlp", "cmapss", "models.recipes.rul:fd001_mlp", domains=("turbofan",)),
    Recipe("rul_fd001_hgb", "cmapss", "models.recipes.rul:fd001_hgb", domains=("turbofan",)),
    Recipe("rul_fd001_stack", "cmapss", "models.recipes.rul:fd001_stack", domains=("turbofan",)),
    Recipe("rul_fd002_mlp", "cmapss", "models.recipes.rul:fd002_mlp", domains=("turbofan",)),
    Recipe("rul_fd002_hgb", "cmapss", "models.recipes.rul:fd002_hgb", domains=("turbofan",)),
    Recipe("rul_fd002_stack", "cmapss", "models.recipes.rul:fd002_stack", domains=("turbofan",)),
    Recipe("rul_interval", "cmapss", "models.recipes.rul:fd002_interval", domains=("turbofan",)),
    Recipe("fleet_iforest_fd001", "cmapss", "models.recipes.fleet:fd001", domains=("turbofan", "general")),
    Recipe("fleet_iforest_fd002", "cmapss", "models.recipes.fleet:fd002", domains=("turbofan", "general")),
    Recipe("battery_capacity_ridge", "nasa_battery", "models.recipes.battery:capacity_ridge", domains=("battery",)),
    Recipe("nab_stream", "nab", "models.recipes.nab:stream", simulated=True, domains=("general", "temperature")),
    Recipe("nab_stream_industrial", "nab", "models.recipes.nab:industrial", simulated=True, domains=("temperature", "general")),
    Recipe("rig_t2spe", "skab", "models.recipes.rig:t2spe", simulated=True, domains=RIG),
    Recipe("rig_mahalanobis", "skab", "models.recipes.rig:mahalanobis", simulated=True, domains=RIG),
    Recipe("rig_half_space_trees", "skab", "models.recipes.rig:half_space_trees", simulated=True, domains=RIG),
    Recipe("rig_ensemble", "skab", "models.recipes.rig:ensemble", simulated=True, domains=RIG),
    Recipe("drift_cusum_pair", "generated", "models.recipes.drift:cusum_pair", simulated=True, domains=("general",)),
    Recipe("drift_adwin", "generated", "models.recipes.drift:adwin", simulated=True, domains=("general",)),
    Recipe("forecast_key_signal", "nab", "models.recipes.forecast:key_signal", simulated=True, domains=("general", "temperature")),
    Recipe("pump_waveform_bearing", "generated", "models.recipes.waveform:bearing", simulated=True, domains=WAVEFORM),
    Recipe("bearing_life", "xjtu", "models.recipes.bearing:life", simulated=True, domains=BEARING),
    Recipe("bearing_life_ims", "ims", "models.recipes.bearing:shaft", domains=BEARING),
    Recipe("health_index_trend", "generated", "models.recipes.health:trend", simulated=True, domains=("general", "pump")),
    Recipe("sound_band_energies", "mimii", "models.recipes.sound:bands", simulated=True, domains=("audio", "sound", "pump")),
)


def recipe(name: str) -> Recipe:
    """One of them.

    Raises:
        KeyError: no such model; the text lists the names.

    """
    for known in RECIPES:
        if known.name == name:
            return known
    raise KeyError(f"no model {name!r}; known: {', '.join(known.name for known in RECIPES)}")
