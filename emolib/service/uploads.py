"""A request's body -> pictures in memory; nothing is ever written to disk."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from ..images import printable_name
from .limits import Refused

FORM = "multipart/form-data"
RAW = ("image/jpeg", "image/png", "image/webp", "application/octet-stream")  # the usual ones
MOST_FILES = 200  # in one request
PATIENCE = 120  # seconds that a body may take to arrive
WRONG_KIND = (
    "The request holds no picture: send files as multipart/form-data (curl -F files=@photo.jpg), "
    'or one picture as the body (curl --data-binary @photo.jpg -H "Content-Type: image/jpeg").'
)

Hold = Callable[[int], None]
Pieces = AsyncGenerator[bytes, None]


@dataclass(frozen=True)
class Picture:
    """One uploaded picture.

    Attributes:
        content: The bytes of its file.
        name: The file's name without folders, only to be shown; "" if it was sent without one.
    """

    content: bytes
    name: str

    def file(self) -> io.BytesIO:
        """Return an open file with this content and name."""
        file = io.BytesIO(self.content)
        file.name = self.name
        return file


@dataclass(frozen=True)
class Upload:
    """What a request holds.

    Attributes:
        pictures: At least one.
        face: Whether the form says that they are cropped faces.
    """

    pictures: list[Picture]
    face: bool = False


async def read_upload(request: Request, limit: int, hold: Hold) -> Upload:
    """Read the pictures of a request.

    Args:
        request: A form with files, or a picture as the body.
        limit: The most bytes that the body may have.
        hold: Called with the number of bytes of each piece; raises `Refused` if it is one too many.

    Returns:
        The pictures, in memory.

    Raises:
        Refused: The body is too large (413), of the wrong kind (415), slow (408), or no form with
            pictures (400).
        ClientDisconnect: The client has gone.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM and not kind.startswith("image/") and kind not in RAW:
        raise Refused(415, WRONG_KIND)
    try:
        async with asyncio.timeout(PATIENCE):
            if kind == FORM:
                return await _read_form(request, _pieces(request, limit, hold))
            content = b"".join([piece async for piece in _pieces(request, limit, hold)])
    except TimeoutError:
        slow = f"The pictures did not arrive within {PATIENCE} seconds: send smaller ones."
        raise Refused(408, slow) from None
    return Upload([Picture(content, "")])


async def _pieces(request: Request, limit: int, hold: Hold) -> Pieces:
    """Yield the body piece by piece, up to `limit` bytes."""
    most = limit // 1_000_000
    sentence = f"The request is larger than {most} MB: send fewer or smaller pictures."
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise Refused(413, sentence)
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limit:
            raise Refused(413, sentence)
        hold(len(piece))
        yield piece
    request.state.read = True


async def _read_form(request: Request, pieces: Pieces) -> Upload:
    parser = MultiPartParser(request.headers, pieces, max_files=MOST_FILES)
    parser.spool_max_size = sys.maxsize  # larger parts would go into a temporary file
    try:
        form = await parser.parse()
    # a form may also name a character set that does not exist
    except (MultiPartException, LookupError, ValueError) as error:
        if "Too many files" in str(error):
            many = f"More than {MOST_FILES} files in one request: send them in several."
            raise Refused(413, many) from None
        raise Refused(400, f"The form cannot be read. {WRONG_KIND}") from None
    return Upload(await _pictures(form), _says_face(form))


async def _pictures(form: FormData) -> list[Picture]:
    pictures = []
    for _, part in form.multi_items():
        if isinstance(part, UploadFile):
            content = await part.read()
            await part.close()
            # a browser sends an empty part where no file was chosen
            if content or part.filename:
                pictures.append(Picture(content, printable_name(part.filename or "picture")))
    if not pictures:
        raise Refused(400, "The form holds no file: choose at least one picture.")
    return pictures


def _says_face(form: FormData) -> bool:
    try:
        return TypeAdapter(bool).validate_python(form.get("face") or False)
    except ValidationError:
        raise Refused(400, "The field face is neither true nor false: correct it.") from None
