"""The page of the spine application in a node: corners of a film that was analysed, corrected there."""

from scanserve.node.spine.benches import Benches
from scanserve.node.spine.routes import JOB_PAGE, ROUTES

__all__ = ["JOB_PAGE", "ROUTES", "Benches"]
