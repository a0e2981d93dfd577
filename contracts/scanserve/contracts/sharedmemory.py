"""The key that opens a server's shared-memory protocol: how server, client and measurement tools exchange it."""

from __future__ import annotations

__all__ = ["SHM_KEY_HEADER", "SHM_KEY_HTTP_HEADER", "SHM_KEY_VARIABLE"]

#: Environment variable that holds the key, for a server and a client started apart.
SHM_KEY_VARIABLE = "SCANSERVE_SHM_KEY"
#: The HTTP header that carries the key.
SHM_KEY_HTTP_HEADER = "scanserve-key"
#: The gRPC metadata header that carries the key: Triton adds a prefix on gRPC and none on HTTP.
SHM_KEY_HEADER = f"triton-grpc-protocol-{SHM_KEY_HTTP_HEADER}"
