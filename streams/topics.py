"""The table of topics: what a newcomer reads first. README and `maint topics` are made from it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. Partition rule: key = murmur2 of the key; source = the partition of the input."""

    name: str
    schema: str
    key: str
    partition: str
    cleanup: str
    writer: str
    readers: str
    log_append_time: bool = False


RAW = "readings.raw.v1"
FRAMES = "frames.raw.v1"
SCORED = "readings.scored.v1"
REJECTIONS = "rejections.v1"
EVIDENCE = "evidence.v1"
FEATURES = "features.v1"
SPECTRA = "spectra.v1"
WAVEFORMS = "waveforms.v1"
ANOMALIES = "anomalies.v1"
PREDICTIONS = "predictions.v1"
CATALOGUE = "catalogue.v1"
MODELS = "models.v1"

TOPICS = (
    Topic(RAW, "Reading, Mark", "asset_id", "key", "delete", "gateways, marks", "acquisition", log_append_time=True),
    Topic(FRAMES, "Frame, Mark", "asset_id", "key", "delete", "gateways, marks", "acquisition", log_append_time=True),
    Topic(SCORED, "ScoredBlock", "none", "source", "delete", "acquisition", "sink"),
    Topic(REJECTIONS, "Rejection", "none", "source", "delete", "acquisition, detection, patterns, prediction, zones, bearings", "sink"),
    Topic(
        EVIDENCE,
        "Evidence, Mark",
        "asset_id; plant for silence",
        "key",
        "delete",
        "acquisition, patterns, zones, bearings, marks",
        "detection, sink",
        log_append_time=True,
    ),
    Topic(FEATURES, "Features", "asset_id", "key", "delete", "acquisition", "patterns, prediction, zones, sink"),
    Topic(SPECTRA, "Spectrum", "asset_id", "key", "delete", "acquisition", "bearings, sink"),
    Topic(WAVEFORMS, "Waveform", "asset_id", "key", "delete", "acquisition", "sink"),
    Topic(ANOMALIES, "Anomaly", "asset_id", "key", "delete", "detection", "sink"),
    Topic(PREDICTIONS, "Prediction", "asset_id", "key", "delete", "prediction", "sink"),
    Topic(CATALOGUE, "CatalogueEntry", "asset/<id>, sensor/<id> or baseline/<id>/<mode>", "key", "compact", "catalogue", "marks, sink"),
    Topic(MODELS, "ModelEvent", "name of the model", "key", "compact", "models", "models"),
)
BY_NAME = {topic.name: topic for topic in TOPICS}
TICKED = (RAW, FRAMES, EVIDENCE)  # inputs of stateful agents: a tick a second into every partition
