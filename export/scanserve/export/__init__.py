"""From torch modules to the model repository: ONNX, parity reports, configurations, TensorRT plans, documentation.

Nothing is imported here: configurations and documentation need no torch, the exporters do (extra ``export``).
"""

__all__: list[str] = []
