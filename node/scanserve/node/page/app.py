"""The application behind the page: its addresses, and who may use them.

An application of scanserve may bring pages of its own, as ``ROUTES`` in ``scanserve.node.<application>``; they lie
below ``/applications/<application>`` and behind the same login.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from types import ModuleType
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from scanserve.client.runs.safeheaders import SafeHeaders
from scanserve.contracts import NOT_FOR_DIAGNOSIS, parts
from scanserve.node import config
from scanserve.node.page.desk import Desk
from scanserve.node.page.security import POLICY, REPORT_POLICY
from scanserve.node.page.sessions import Session, Sessions

__all__ = ["COOKIE", "build_app"]

COOKIE = "scanserve_session"
#: Seconds that a wrong token costs; one is looked at at a time.
WRONG_TOKEN_S = 1.0
#: Bytes of a form at most.
MOST_FORM = 4096

Handler = Callable[["_Pages", Request, Session], Awaitable[Response]]


def build_app(desk: Desk, sessions: Sessions, page: config.Page) -> Starlette:
    """The application of one node."""
    pages = _Pages(desk, sessions, page)
    routes = [
        Route("/", pages.listing),
        Route("/rows", pages.rows),
        Route("/login", pages.login, methods=["GET", "POST"]),
        Route("/logout", pages.logout, methods=["POST"]),
        Route("/jobs/{job:int}", pages.job),
        Route("/jobs/{job:int}/report", pages.report),
        Route("/jobs/{job:int}/{order}", pages.order, methods=["POST"]),
        Mount("/static", StaticFiles(packages=[("scanserve.node.page", "static")])),
        *(
            Mount(f"/applications/{name}", _Guarded(_own_pages(module, desk), sessions))
            for name, module in parts("node").items()
        ),
    ]
    middleware = [
        Middleware(SafeHeaders, policy=POLICY),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(page.hosts), www_redirect=False),
    ]
    app = Starlette(routes=routes, middleware=middleware)
    app.state.desk = desk
    return app


def _own_pages(module: ModuleType, desk: Desk) -> Starlette:
    """The pages of an application, which ask the same desk."""
    own = Starlette(routes=module.ROUTES)
    own.state.desk = desk
    return own


def _session_of(request: Request, sessions: Sessions) -> Session | None:
    return sessions.find(request.cookies.get(COOKIE, ""))


class _Guarded:
    """Another application behind the same login."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = scope["type"] == "http" and _session_of(Request(scope), self._sessions)
        await (self._app if known else RedirectResponse("/login", 303))(scope, receive, send)


def _behind_login(handler: Handler) -> Callable[[_Pages, Request], Awaitable[Response]]:
    """Let only sessions in; others are led to the login."""

    @wraps(handler)
    async def guarded(self: _Pages, request: Request) -> Response:
        session = _session_of(request, self.sessions)
        if session is None:
            return (
                Response(status_code=401) if request.url.path == "/rows" else RedirectResponse("/login", 303)
            )
        return await handler(self, request, session)

    return guarded


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; of one that is too long, or cut off, none."""
    body = b""
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_FORM:
                return {}
    except ClientDisconnect:
        return {}
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


class _Pages:
    def __init__(self, desk: Desk, sessions: Sessions, page: config.Page) -> None:
        self.desk, self.sessions, self._page = desk, sessions, page
        self._one_at_a_time = asyncio.Lock()
        self._templates = Environment(
            loader=PackageLoader("scanserve.node.page"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def _render(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        shown = {"notice": NOT_FOR_DIAGNOSIS, "names": self._page.show_names, **values}
        return HTMLResponse(self._templates.get_template(f"{template}.html.j2").render(shown), status)

    async def login(self, request: Request) -> Response:
        if request.method == "GET":
            return self._render("login", wrong=False)
        token = (await _form(request)).get("token", "")
        async with self._one_at_a_time:
            session = self.sessions.open(token)
            if session is None:
                await asyncio.sleep(WRONG_TOKEN_S)
                return self._render("login", 403, wrong=True)
        answer = RedirectResponse("/", 303)
        secure = self._page.certificate is not None
        answer.set_cookie(COOKIE, session.name, httponly=True, samesite="strict", secure=secure)
        return answer

    @_behind_login
    async def logout(self, request: Request, session: Session) -> Response:
        if (await _form(request)).get("key") == session.form_key:
            self.sessions.close(session.name)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    @_behind_login
    async def listing(self, request: Request, session: Session) -> Response:
        lines, counts = await run_in_threadpool(self.desk.lines)
        return self._render("list", lines=lines, counts=counts, key=session.form_key)

    @_behind_login
    async def rows(self, request: Request, session: Session) -> Response:
        lines, counts = await run_in_threadpool(self.desk.lines)
        return self._render("rows", lines=lines, counts=counts, key=session.form_key)

    @_behind_login
    async def job(self, request: Request, session: Session) -> Response:
        job = request.path_params["job"]
        line = await run_in_threadpool(self.desk.line, job)
        if line is None:
            return self._render("missing", 404, key=session.form_key)
        sent = await run_in_threadpool(self.desk.sent, job)
        own = getattr(parts("node").get(line.application), "JOB_PAGE", "")
        return self._render("job", line=line, sent=sent, own=own, key=session.form_key)

    @_behind_login
    async def report(self, request: Request, session: Session) -> Response:
        path = await run_in_threadpool(self.desk.report, request.path_params["job"])
        if path is None:
            return self._render("missing", 404, key=session.form_key)
        return FileResponse(path, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})

    @_behind_login
    async def order(self, request: Request, session: Session) -> Response:
        orders = {"retry": self.desk.retry, "cancel": self.desk.cancel}
        order = orders.get(request.path_params["order"])
        if order is None:
            return self._render("missing", 404, key=session.form_key)
        form = await _form(request)
        if form.get("key") != session.form_key:
            return Response(status_code=403)
        job = request.path_params["job"]
        await run_in_threadpool(order, job)
        return RedirectResponse(f"/jobs/{job}" if form.get("from") == "job" else "/", 303)
