"""The adapter between the streams' door and Django's handler."""

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from corridor.web.wsgi_adapter import MAX_FORM, MAX_UPLOAD, WsgiAdapter


def scope(path: str) -> dict[str, Any]:
    """An HTTP request of nobody for this path."""
    return {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [],
        "http_version": "1.1",
    }  # fmt: skip


async def asked(
    adapter: WsgiAdapter,
    path: str,
    body: bytes = b"",
    kind: bytes = b"text/plain",
    sent: list[Any] | None = None,
) -> bytes:
    """The body of the answer; all of it is in `sent`."""
    sent = [] if sent is None else sent

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await adapter(scope(path) | {"headers": [(b"content-type", kind)]}, receive, send)
    return sent[-1]["body"]  # type: ignore[no-any-return]


def test_a_press_does_not_wait_for_whoever_tries_passwords() -> None:
    go_on = threading.Event()

    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"].startswith("/account/"):
            assert go_on.wait(10)
        start("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    async def flow() -> None:
        with ThreadPoolExecutor(2) as workers, ThreadPoolExecutor(2) as sign_ins:
            adapter = WsgiAdapter(app, workers, {"/account/": sign_ins})
            tried = [asyncio.create_task(asked(adapter, "/account/sign-in")) for _ in range(20)]
            try:
                for _ in range(20):
                    assert await asyncio.wait_for(asked(adapter, "/staff"), 5) == b"/staff"
                assert not any(task.done() for task in tried)
            finally:
                go_on.set()
            assert await asyncio.gather(*tried) == [b"/account/sign-in"] * 20

    asyncio.run(flow())


def test_what_is_too_large_is_refused_before_anybody_reads_it() -> None:
    def app(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [])
        return [environ["CONTENT_LENGTH"].encode()]

    async def flow() -> None:
        with ThreadPoolExecutor(1) as workers:
            adapter = WsgiAdapter(app, workers)
            form, upload = b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=x"
            just, more = b"x" * MAX_FORM, b"x" * (MAX_FORM + 1)
            assert await asked(adapter, "/", just, form) == b"1048576"
            assert b"at most 1 MB" in await asked(adapter, "/", more, form)
            begun: list[Any] = []
            path, kind = "/api/v1/passes", b"application/json"
            no = json.loads(await asked(adapter, path, more, kind, begun))
            assert (b"content-type", b"application/problem+json") in begun[0]["headers"]
            assert (no["code"], no["status"]) == ("too_large", 413)
            assert "at most 1 MB" in no["detail"]
            assert await asked(adapter, "/", more, upload) == b"1048577"
            assert b"at most 10 MB" in await asked(adapter, "/", b"x" * (MAX_UPLOAD + 1), upload)

    asyncio.run(flow())
