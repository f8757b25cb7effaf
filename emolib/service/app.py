"""The addresses of the service: a thin view of `Classifier`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from .. import __version__
from ..inference import RELEASED, Classifier
from ..inference.classifier import SEVEN
from . import answers, page
from .limits import ROOM, Desk, Lingering, Refused
from .schemas import Health, ModelFacts, PhotoAnswer, Problem
from .uploads import FORM, RAW, Picture, Upload, read_upload

ABOUT = """Finds the faces in pictures and says which expression people would see in each one.

A face shows an expression; it does not show what someone feels. Pictures stay in memory only
until they are answered, and are never written to disk. A request that cannot be answered gets one
sentence in `detail`."""
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_FILE = {"type": "string", "format": "binary"}
_FACE = {"type": "boolean", "default": False, "description": "The pictures are cropped faces."}
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The request cannot be understood."},
    408: {"model": Problem, "description": "The pictures took too long to arrive."},
    413: {"model": Problem, "description": "The request is too large."},
    415: {"model": Problem, "description": "The body is neither a picture nor a form."},
    500: {"model": Problem, "description": "A bug in emolib."},
    503: {
        "model": Problem,
        "description": "Too many requests, or too little memory: try again later.",
        "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}},
    },
}
Face = Annotated[bool, Query(description=_FACE["description"])]


@dataclass(frozen=True)
class Settings:
    """How a service runs.

    Attributes:
        max_mb: The largest request, in MB (10^6 bytes).
        threads: Pictures to work on at the same time; by default, one per core.
        hosts: The host names that requests may use; by default, any. A service for one machine
            lists them, so that no web page can reach it under a host name of its own.
    """

    max_mb: int = 50
    threads: int | None = None
    hosts: tuple[str, ...] | None = None


def create_app(classifier: Classifier, settings: Settings | None = None) -> FastAPI:
    """Build the web application.

    Args:
        classifier: From `emolib.load_classifier`.
        settings: Its limits.

    Returns:
        The ASGI application.
    """
    service = _Service(classifier, settings or Settings())
    app = FastAPIOffline(
        redoc_url=None,
        title="emolib",
        description=ABOUT,
        version=__version__,
        license_info={"name": "MIT"},
        lifespan=service.lifespan,
        dependencies=[Depends(service.check_host)],
    )
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _no_such_address)
    app.add_exception_handler(ClientDisconnect, _gone)
    _add_addresses(app, service)
    return app


def _add_addresses(app: FastAPI, service: _Service) -> None:
    unusable = {"model": list[PhotoAnswer], "description": "The only picture cannot be used."}
    app.post(
        "/predict",
        summary="Classify every face in one or more pictures",
        response_model=list[PhotoAnswer],
        response_description="One item per picture, in the order in which they were sent.",
        responses=REFUSALS | {422: unusable},
        openapi_extra=_body({"type": "array", "items": _FILE, "minItems": 1}, "files"),
    )(service.predict)
    pictures = {kind: {"schema": _FILE} for kind in ("image/jpeg", "image/png")}
    app.post(
        "/annotate",
        summary="Draw boxes and labels on one picture",
        response_class=Response,
        responses=REFUSALS
        | {
            200: {"content": pictures, "description": "A PNG if `Accept` names it, else a JPEG."},
            422: {"model": Problem, "description": "The picture cannot be used."},
        },
        openapi_extra=_body(_FILE, "file"),
    )(service.annotate)
    few: dict[int | str, dict[str, Any]] = {400: REFUSALS[400]}
    app.get("/model", summary="Describe the model", responses=few)(service.model)
    app.get("/health", summary="Check that the service is running", responses=few)(service.health)
    app.get("/", include_in_schema=False)(service.form)
    app.post("/", include_in_schema=False)(service.form_answers)


def _body(files: dict[str, Any], name: str) -> dict[str, Any]:
    """Describe a form with files, or a picture as the body."""
    form = {"type": "object", "required": [name], "properties": {name: files, "face": _FACE}}
    raw = {kind: {"schema": _FILE} for kind in RAW}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": form}} | raw}}


class _Service:
    """What answers at each address."""

    def __init__(self, classifier: Classifier, settings: Settings) -> None:
        self.classifier = classifier
        self.limit = settings.max_mb * 1_000_000
        self.hosts = settings.hosts
        self.desk = Desk(ROOM * self.limit, settings.threads)

    @asynccontextmanager
    async def lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        yield
        self.desk.close()

    async def check_host(self, request: Request) -> None:
        host = request.headers.get("host", "")
        try:
            name = urlsplit(f"//{host}").hostname
        except ValueError:
            name = None
        if self.hosts is not None and name not in self.hosts:
            raise Refused(400, f"This service answers only as {self.hosts[0]}: use that name.")

    async def predict(
        self, request: Request, response: Response, face: Face = False
    ) -> list[dict[str, Any]]:
        with self.desk.place() as hold:
            upload = await read_upload(request, self.limit, hold)
            answered = await self._answers(request, upload, face or upload.face)
        if len(answered) == 1:
            response.status_code = answered[0].status
            if answered[0].status >= 500:
                raise Refused(answered[0].status, answered[0].photo.error or "")
        response.headers.update(PRIVATE)
        return [one.photo.to_dict() for one in answered]

    async def annotate(self, request: Request, face: Face = False) -> Response:
        with self.desk.place() as hold:
            upload = await read_upload(request, self.limit, hold)
            if len(upload.pictures) > 1:
                raise Refused(400, "Only one picture at a time can be annotated: send one.")
            accept = request.headers.get("accept", "")
            png = "image/png" in accept and "image/jpeg" not in accept

            def work(picture: Picture) -> tuple[answers.Answer, bytes, str]:
                return answers.annotated(self.classifier, picture, face or upload.face, png)

            [(answered, content, kind)] = await self.desk.map(request, work, upload.pictures)
        if answered.status != 200:
            raise Refused(answered.status, answered.photo.error or "")
        return Response(content, media_type=kind, headers=PRIVATE | {"Vary": "Accept"})

    async def model(self) -> ModelFacts:
        path = self.classifier.path
        card = self.classifier.card
        return ModelFacts(
            name=path.stem if path else "a network in memory",
            class_names=card.class_names,
            probability=card.probability,
            sure_threshold=card.sure_threshold,
            license="MIT" if path in (RELEASED, SEVEN) else None,
            figures=card.figures,
        )

    async def health(self) -> Health:
        return Health(status="ok")

    async def form(self) -> HTMLResponse:
        return HTMLResponse(page.form(self.classifier.card), headers=page.HEADERS)

    async def form_answers(self, request: Request) -> HTMLResponse:
        names = self.classifier.class_names
        with self.desk.place() as hold:
            upload = await read_upload(request, self.limit, hold)

            def work(picture: Picture) -> str:
                answered = answers.answer(self.classifier, picture, upload.face, preview=True)
                return page.answer(answered.photo, names)

            shown = await self.desk.map(request, work, upload.pictures)
        text = page.form(self.classifier.card, "".join(shown))
        return HTMLResponse(text, headers=page.HEADERS | PRIVATE)

    async def _answers(self, request: Request, upload: Upload, face: bool) -> list[answers.Answer]:
        work = partial(answers.answer, self.classifier, face=face)
        return await self.desk.map(request, work, upload.pictures)


async def _refused(request: Request, error: Exception) -> Any:
    assert isinstance(error, Refused)
    answer: Response = _problem(error.status, str(error), error.headers)
    if request.url.path == "/":
        text = page.refusal(str(error))
        answer = HTMLResponse(text, error.status, error.headers | page.HEADERS | PRIVATE)
    return answer if hasattr(request.state, "read") else Lingering(answer)


async def _invalid(request: Request, error: Exception) -> Any:
    return Lingering(_problem(400, "The parameter face is neither true nor false: correct it."))


async def _no_such_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = {
        404: "There is nothing at this address: see /docs for those that exist.",
        405: f"This address does not take {request.method}: see /docs for what it takes.",
    }.get(error.status_code, f"{error.detail}: see /docs.")
    return _problem(error.status_code, sentence, error.headers)


async def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # nobody reads it


def _problem(status: int, sentence: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"detail": sentence}, status, headers)
