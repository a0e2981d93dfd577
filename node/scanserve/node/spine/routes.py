"""The addresses: ``jobs/<job>/`` below those of the application, each as the page on loopback has them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import BaseRoute, Mount

from scanserve.client.spine.page.routes import film_routes
from scanserve.client.spine.page.workbench import Workbench
from scanserve.node.spine.benches import Benches

__all__ = ["JOB_PAGE", "ROUTES"]

#: What the link to the page of a job says.
JOB_PAGE = "Correct corners"


def _find(request: Request) -> Workbench:
    """The workbench of the job; the first look at it reads the film."""
    state = request.app.state
    if not hasattr(state, "spine_benches"):
        state.spine_benches = Benches(state.desk)
    return state.spine_benches.bench(request.path_params["job"])


ROUTES: list[BaseRoute] = [Mount("/jobs/{job:int}", routes=film_routes(_find, home="/"))]
