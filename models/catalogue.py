"""The table of named models. Adding one: a recipe in models/recipes and a line here."""

from models.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (
    Recipe("ai4i_raw_hgb", "ai4i2020", "models.recipes.ai4i:raw"),
    Recipe("ai4i_margins_hgb", "ai4i2020", "models.recipes.ai4i:margins"),
    Recipe("hydraulic_valve", "hydraulic", "models.recipes.hydraulic:valve"),
    Recipe("hydraulic_pump_leak", "hydraulic", "models.recipes.hydraulic:pump_leak"),
    Recipe("hydraulic_accumulator", "hydraulic", "models.recipes.hydraulic:accumulator"),
    Recipe("hydraulic_cooler", "hydraulic", "models.recipes.hydraulic:cooler"),
    Recipe("rul_fd001_mlp", "cmapss", "models.recipes.rul:fd001_mlp"),
    Recipe("rul_fd001_hgb", "cmapss", "models.recipes.rul:fd001_hgb"),
    Recipe("rul_fd001_stack", "cmapss", "models.recipes.rul:fd001_stack"),
    Recipe("rul_fd002_mlp", "cmapss", "models.recipes.rul:fd002_mlp"),
    Recipe("rul_fd002_hgb", "cmapss", "models.recipes.rul:fd002_hgb"),
    Recipe("rul_fd002_stack", "cmapss", "models.recipes.rul:fd002_stack"),
    Recipe("rul_interval", "cmapss", "models.recipes.rul:fd002_interval"),
    Recipe("fleet_iforest_fd001", "cmapss", "models.recipes.fleet:fd001"),
    Recipe("fleet_iforest_fd002", "cmapss", "models.recipes.fleet:fd002"),
    Recipe("battery_capacity_ridge", "nasa_battery", "models.recipes.battery:capacity_ridge"),
    Recipe("nab_stream", "nab", "models.recipes.nab:stream", simulated=True),
    Recipe("nab_stream_industrial", "nab", "models.recipes.nab:industrial", simulated=True),
    Recipe("rig_t2spe", "skab", "models.recipes.rig:t2spe", simulated=True),
    Recipe("rig_mahalanobis", "skab", "models.recipes.rig:mahalanobis", simulated=True),
    Recipe("rig_half_space_trees", "skab", "models.recipes.rig:half_space_trees", simulated=True),
    Recipe("rig_ensemble", "skab", "models.recipes.rig:ensemble", simulated=True),
    Recipe("drift_cusum_pair", "generated", "models.recipes.drift:cusum_pair", simulated=True),
    Recipe("drift_adwin", "generated", "models.recipes.drift:adwin", simulated=True),
    Recipe("forecast_key_signal", "nab", "models.recipes.forecast:key_signal", simulated=True),
    Recipe("pump_waveform_bearing", "generated", "models.recipes.waveform:bearing", simulated=True),
    Recipe("health_index_trend", "generated", "models.recipes.health:trend", simulated=True),
    Recipe("sound_band_energies", "mimii", "models.recipes.sound:bands", simulated=True),
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
