"""The page of one film on loopback, behind a token that the command prints."""

from __future__ import annotations

import hmac

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from scanserve.client.runs.safeheaders import SafeHeaders
from scanserve.client.spine.page.routes import film_routes
from scanserve.client.spine.page.workbench import Workbench

__all__ = ["COOKIE", "HOSTS", "build_app"]

COOKIE = "scanserve_spine"
#: Names by which the page is reached; others are of a page that borrows the address.
HOSTS = ("127.0.0.1", "localhost")
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_CLOSED = (
    "<!doctype html><meta charset=utf-8><title>scanserve spine</title>"
    "<p>This page needs the address that <code>scanserve spine --edit</code> printed when it was started."
)


def build_app(bench: Workbench, token: str) -> Starlette:
    """The application; whoever comes with the ``token`` once is known by a cookie from then on."""
    middleware = [
        Middleware(SafeHeaders, policy=_POLICY),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS), www_redirect=False),
        Middleware(_Guard, token=token),
    ]
    return Starlette(routes=film_routes(lambda request: bench), middleware=middleware)


class _Guard:
    """Lets those in who know the token."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        answer = self._answer(request)
        await (self._app if answer is None else answer)(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        if request.url.path == "/" and self._is_token(request.query_params.get("token", "")):
            answer = RedirectResponse("/", 303)
            answer.set_cookie(COOKIE, self._token, httponly=True, samesite="strict")
            return answer
        if self._is_token(request.cookies.get(COOKIE, "")):
            return None
        if request.url.path == "/":
            return HTMLResponse(_CLOSED, 401)
        return JSONResponse({"code": "not-let-in", "message": "the page was not opened with its token."}, 401)

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode(), self._token.encode())
