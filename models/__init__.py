"""Models: data sets, training, cards, registry and serving. Knows nothing of Kafka, and nothing of the simulator's truth."""

import os

# before anything can import MLflow: no process of ours reads pickles, none tells strangers what it does
os.environ.update({"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"})
