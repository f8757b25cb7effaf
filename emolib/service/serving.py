"""Run the service with uvicorn."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from dataclasses import asdict

import uvicorn
from fastapi import FastAPI

from ..errors import EmolibError
from ..inference import load_classifier
from .app import Settings, create_app

ENVIRONMENT = "EMOLIB_SERVICE"  # carries the settings to workers
FINISH = 30  # seconds that answers in flight get after SIGTERM
OPEN = (
    "Other machines can reach it without a password: leave out --host to keep it to this machine."
)


class ServiceError(EmolibError):
    """The service cannot start; the message is one sentence that says why."""


def serve(model: str | None, host: str, port: int, workers: int, max_mb: int) -> None:
    """Answer requests until SIGTERM or Ctrl+C.

    Args:
        model: As for `load_classifier`.
        host: The address of this machine to listen on.
        port: The port; 0 for any that is free.
        workers: Processes.
        max_mb: MB (10^6 bytes) that a request may have.

    Raises:
        ModelError: The model cannot be used.
        ServiceError: The address is in use, or is not one of this machine's.
    """
    classifier = load_classifier(model)
    address, port = _free(host, port)
    local = ipaddress.ip_address(address).is_loopback
    names = (host, "localhost", "127.0.0.1", "::1") if local else None
    threads = max(1, (os.cpu_count() or 1) // workers)
    settings = Settings(max_mb, threads, names)
    _announce(address, port, local)
    app: FastAPI | str = create_app(classifier, settings)
    if workers > 1:
        app = f"{__name__}:worker"
        os.environ[ENVIRONMENT] = json.dumps([model, asdict(settings)])
    uvicorn.run(
        app,
        host=address,
        port=port,
        workers=workers,
        factory=workers > 1,
        # a line per request would contain what clients send
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=FINISH,
    )


def worker() -> FastAPI:
    """Build the application of one of several processes."""
    model, settings = json.loads(os.environ[ENVIRONMENT])
    return create_app(load_classifier(model), Settings(**settings))


def _free(host: str, port: int) -> tuple[str, int]:
    """Return the IP address of a host name, and a port that is free there."""
    try:
        [family, kind, _, _, place] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as door:
            if os.name == "posix":  # as uvicorn does: a service may restart right away
                door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door.bind(place)
            return door.getsockname()[:2]
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServiceError(
            f"The service cannot listen on {host}, port {port} ({reason}): choose a different "
            "one with --host or --port."
        ) from None


def _announce(address: str, port: int, local: bool) -> None:
    anywhere = ipaddress.ip_address(address).is_unspecified
    name = "localhost" if anywhere else f"[{address}]" if ":" in address else address
    place = f"http://{name}:{port}"
    print(f"emolib answers at {place} (API: {place}/docs). Stop it with Ctrl+C.", flush=True)
    if not local:
        print(OPEN, flush=True)
