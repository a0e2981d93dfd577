"""The one step of the fake application's client."""

from scanserve.contracts.fake import DOUBLE


def double(client, numbers):
    """Twice ``numbers``, float32 [number]."""
    return client.infer(DOUBLE, {"numbers": numbers})["doubled"]
