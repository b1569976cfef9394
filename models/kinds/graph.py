"""One ONNX graph: float32 rows in, one column of numbers or probabilities out. Single thread, so that answers repeat bit by bit."""

import numpy as np
import onnxruntime as ort

from models.artifact import Artifact, ArtifactError
from models.table import FloatArray


class Graph:
    """An ONNX session with fixed input and output names."""

    def __init__(self, artifact: Artifact) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.use_deterministic_compute = True
        options.log_severity_level = 3
        try:
            self._session = ort.InferenceSession(artifact.graphs["model"], options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own classes, which are not exported
            raise ArtifactError(f"the ONNX graph cannot be used: {error}") from error
        self._input = self._session.get_inputs()[0].name
        self._output = artifact.options.get("output", self._session.get_outputs()[0].name)
        self._columns = len(artifact.outputs)

    def predict(self, rows: FloatArray) -> FloatArray:
        """Rows (n, inputs) to answers (n, outputs)."""
        (answer,) = self._session.run([self._output], {self._input: rows.astype(np.float32)})
        return np.asarray(answer, dtype=np.float64).reshape(len(rows), -1)[:, -self._columns :]

    def explain(self, rows: FloatArray) -> FloatArray | None:  # noqa: ARG002  the signature of every kind
        """No cheap form."""
        return None


def make(artifact: Artifact) -> Graph:
    """The predictor of this kind."""
    if "model" not in artifact.graphs:
        raise ArtifactError("kind graph needs the file model.onnx")
    return Graph(artifact)
