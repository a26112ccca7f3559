"""The login: a token for a cookie that no page of another site can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quart import Quart, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from mockforge_admin.gate import COOKIE

if TYPE_CHECKING:
    from mockforge_admin.server import AdminServer


def add(app: Quart, admin: AdminServer) -> None:
    """Add ``/login`` and ``/logout``."""

    @app.get("/login")
    async def login() -> str | AnyResponse:
        if admin.config.token is None:
            return redirect("/", 303)
        return await render_template("login.html", wrong=False)

    @app.post("/login")
    async def enter() -> AnyResponse | Response:
        gate = admin.gate
        form = await request.form
        if gate.sessions is None:
            return redirect("/", 303)
        if not gate.knows(form.get("token", "")):
            return Response(await render_template("login.html", wrong=True), 401)
        answer = redirect("/", 303)
        answer.set_cookie(
            COOKIE,
            gate.sessions.begin(),
            max_age=round(gate.sessions.seconds),
            httponly=True,
            samesite="Strict",
            secure=request.scheme == "https",
        )
        return answer

    @app.post("/logout")
    async def leave() -> AnyResponse:
        answer = redirect("/login", 303)
        answer.delete_cookie(COOKIE)
        return answer
