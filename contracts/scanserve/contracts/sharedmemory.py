"""Names under which server, client and measurement tools exchange the key of the shared-memory protocol."""

from __future__ import annotations

__all__ = ["SHM_KEY_HEADER", "SHM_KEY_HTTP_HEADER", "SHM_KEY_VARIABLE"]

#: Environment variable with the key, for a server and a client that are started separately.
SHM_KEY_VARIABLE = "SCANSERVE_SHM_KEY"
#: The HTTP header that carries the key.
SHM_KEY_HTTP_HEADER = "scanserve-key"
#: The gRPC metadata header that carries the key; Triton adds a prefix on gRPC only.
SHM_KEY_HEADER = f"triton-grpc-protocol-{SHM_KEY_HTTP_HEADER}"
