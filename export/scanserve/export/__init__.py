"""From torch modules to the model repository: ONNX, parity reports, configs, TensorRT plans, docs tables.

Nothing is imported here: configs and docs need no torch, the exporters do (extra ``export``).
"""

__all__: list[str] = []
