"""Whether this server can answer, for whoever watches over it: GET /health, past every queue."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from fingerprints.errors import UserError
from registry.storage.store import Store


def health_route(store: Store) -> Route:
    """200 with ``status`` "ok", the ``revision`` in use and its number of ``generators``; 503 with the ``error`` when
    there is nothing to answer from."""

    def health(_: Request) -> JSONResponse:
        try:
            snapshot = store.snapshot()
            generators = sum(1 for _ in snapshot.listed())
        except UserError as error:
            return JSONResponse({"status": "error", "error": str(error)}, 503)
        return JSONResponse({"status": "ok", "revision": snapshot.revision, "generators": generators})

    return Route("/health", health)
