"""The addresses of a workbench, relative to that of its page: the same on loopback and in a node."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from scanserve.client.spine.page.messages import MOST_BYTES, Measure, Message, Save, Settle, parse
from scanserve.client.spine.page.workbench import Answer, Workbench
from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError, ScanserveError, ServerError

__all__ = ["HEADER", "Find", "film_routes"]

#: What every order of the page carries: a page of another origin cannot send it without being asked for it first.
HEADER = "x-scanserve"
#: Finds the workbench that a request is about; it may take its time.
Find = Callable[[Request], Workbench]

_TEMPLATES = Environment(
    loader=PackageLoader("scanserve.client.spine.page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: Statuses that the page tells apart: it may ask again, it must ask the reader, or it must undo.
_AGAIN, _CONFLICT, _REFUSED = 503, 409, 422

M = TypeVar("M", bound=Message)
Handler = Callable[[Request], Awaitable[Response]]


def film_routes(find: Find, *, home: str = "") -> list[BaseRoute]:
    """The routes of a page; ``home`` is where its link back leads, if anywhere."""
    return [
        Route("/", partial(_page, home)),
        Route("/state", _asking(find, Workbench.state)),
        Route("/pixels", _pixels(find)),
        Route("/settle", _ordering(find, Settle, Workbench.settle), methods=["POST"]),
        Route("/measure", _ordering(find, Measure, Workbench.measure), methods=["POST"]),
        Route("/save", _ordering(find, Save, Workbench.save), methods=["POST"]),
        Mount("/static", StaticFiles(packages=[("scanserve.client.spine.page", "static")])),
    ]


async def _page(home: str, request: Request) -> Response:
    if not request.url.path.endswith("/"):
        return Response(status_code=404)
    template = _TEMPLATES.get_template("page.html.j2")
    return HTMLResponse(template.render(notice=NOT_FOR_DIAGNOSIS, home=home))


def _asking(find: Find, ask: Callable[[Workbench], Answer]) -> Handler:
    async def handler(request: Request) -> Response:
        return await _answered(lambda: ask(find(request)))

    return handler


def _pixels(find: Find) -> Handler:
    async def handler(request: Request) -> Response:
        try:
            content = await run_in_threadpool(lambda: find(request).pixels())
        except ScanserveError as error:
            return _refusal(error)
        return Response(content, media_type="application/octet-stream")

    return handler


def _ordering(find: Find, kind: type[M], order: Callable[[Workbench, M], Answer]) -> Handler:
    async def handler(request: Request) -> Response:
        if HEADER not in request.headers:
            return Response(status_code=403)
        body = await _body(request)
        return await _answered(lambda: order(find(request), parse(kind, body)))

    return handler


async def _body(request: Request) -> bytes:
    """The body, or as much of it as shows that it is too long."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BYTES:
            break
    return body


async def _answered(answer: Callable[[], Answer]) -> Response:
    try:
        return Response(json.dumps(await run_in_threadpool(answer)), media_type="application/json")
    except ScanserveError as error:
        return _refusal(error)


def _refusal(error: ScanserveError) -> JSONResponse:
    status = _REFUSED
    if isinstance(error, ServerError):
        status = _AGAIN
    elif isinstance(error, InputError) and error.code == "corrections-conflict":
        status = _CONFLICT
    return JSONResponse({"code": error.code, "message": error.message}, status)
