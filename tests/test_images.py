"""Every source gives an upright RGB picture, or one plain sentence."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_images import RED, Case, encoded, heif, make, noisy, not_images, turned
from PIL import Image, ImageOps

from emolib.errors import EmolibError
from emolib.images import (
    ImageError,
    full_size,
    holds_picture,
    is_picture,
    map_threaded,
    open_image,
    pixel_digest,
    to_array,
)

PHOTOS = Path(__file__).parent / "cases" / "photos"


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return make(tmp_path_factory.mktemp("bad_images"))


def assert_sentence(error: object, name: str = "") -> None:
    text = str(error)
    assert text.endswith(".") and text.isprintable() and text[0] != " "
    for word in ("Traceback", "Error", "Exception", "0x", "<", "PIL.", "_io"):
        assert word not in text
    assert text.startswith(name)


def test_hostile_files(cases: list[Case], capfd: pytest.CaptureFixture[str]) -> None:
    assert len(cases) >= 40
    wrong = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for case in cases:
            try:
                image = open_image(case.path)
            except ImageError as error:
                assert_sentence(error)
                if case.says is None or case.says not in str(error):
                    wrong.append((case.path.name, str(error)))
                continue
            assert image.mode == "RGB" and image.info["full_size"] == image.size
            middle = image.getpixel((image.width // 2, image.height // 2))
            far = case.color and max(abs(a - b) for a, b in zip(middle, case.color, strict=True))
            if case.says is not None or image.size != case.size or (far or 0) > 12:
                wrong.append((case.path.name, image.size, middle))
    assert not wrong
    assert not caught
    assert capfd.readouterr() == ("", "")


def test_hostile_files_as_bytes_reduced_and_open_files(cases: list[Case]) -> None:
    for case in cases:
        if not os.path.isfile(case.path):
            continue
        data = case.path.read_bytes()
        opened = []
        with case.path.open("rb") as file:
            for source in (data, io.BytesIO(data), file):
                try:
                    opened.append(open_image(source, at_least=32).mode)
                except ImageError as error:
                    assert_sentence(error)
                    opened.append("refused")
            assert not file.closed
        assert opened == ["refused" if case.says else "RGB"] * 3, case.path.name


def test_names_are_printed_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "two\nlines \u202e.jpg"
    with pytest.raises(EmolibError) as caught:
        open_image(path)
    assert_sentence(caught.value, "two?lines ?.jpg does not exist")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    path = tmp_path / "mine.png"
    path.write_bytes(encoded("PNG"))
    path.chmod(0)
    with pytest.raises(ImageError, match="^mine.png cannot be read: check its permissions"):
        open_image(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_upright(orientation: int) -> None:
    image = open_image(turned(orientation))
    assert image.size == image.info["full_size"] == (64, 48)
    assert image.getpixel((5, 24))[0] > 180 and image.getpixel((58, 24))[2] > 180
    again = open_image(image)
    assert again.tobytes() == image.tobytes()  # turned once, not twice


def test_a_broken_exif_entry_does_not_keep_a_picture_from_turning() -> None:
    width = struct.pack(">HHI4s", 0x0100, 2, 4, b"text")
    orientation = struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0)
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02" + width + orientation + bytes(4)
    with pytest.raises(struct.error):
        ImageOps.exif_transpose(Image.open(io.BytesIO(encoded("JPEG", exif=exif))))
    image = open_image(encoded("JPEG", exif=exif))
    assert image.size == image.info["full_size"] == (48, 64)


def test_at_least_decodes_smaller_and_keeps_the_full_size() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded("JPEG", Image.new("RGB", (1600, 1200), RED), exif=exif)
    for at_least, longer in ((1600, 1600), (900, 1600), (800, 800), (300, 400), (1, 200)):
        image = open_image(data, at_least=at_least)
        assert max(image.size) == longer and image.height > image.width
        assert full_size(image) == image.info["full_size"] == (1200, 1600)
    assert full_size(image.resize((50, 60))) == (50, 60)
    assert full_size(image.crop((0, 0, 30, 30))) == (30, 30)
    assert open_image(image).info["full_size"] == (1200, 1600)
    assert open_image(encoded("PNG", noisy((400, 300))), at_least=100).size == (400, 300)


def test_sources_agree(tmp_path: Path) -> None:
    image = noisy()
    data = encoded("PNG", noisy())
    path = tmp_path / "noisy.png"
    path.write_bytes(data)

    class Stream:
        def __init__(self) -> None:
            self.read = io.BytesIO(data).read

    sources = [path, str(path), data, bytearray(data), io.BytesIO(data), Stream(), image]
    sources += [np.asarray(image), np.asarray(image) / 255.0, np.asarray(image).astype(float)]
    sources += [Image.open(path), np.dstack([np.asarray(image), np.full((120, 160), 255)])]
    assert {pixel_digest(open_image(source)) for source in sources} == {pixel_digest(image)}


def test_a_given_picture_is_left_alone() -> None:
    image = noisy()
    open_image(image).paste((0, 0, 0), (0, 0, 160, 120))
    assert image.tobytes() == noisy().tobytes() and image.info == {}


@pytest.mark.parametrize(
    "array, says",
    [
        (np.zeros((3, 48, 48)), r"shape \(3, 48, 48\)"),
        (np.zeros(48), "shape"),
        (np.zeros((2, 48, 48, 3)), "shape"),
        (np.zeros((0, 48)), "shape"),
        (np.full((48, 48), np.nan), "from nan to nan"),
        (np.full((48, 48), 300.0), "from 300 to 300"),
        (np.full((48, 48), -1), "from -1 to -1"),
        (np.full((48, 48), "a"), "does not hold numbers"),
        (np.zeros((48, 48), complex), "does not hold numbers"),
        (np.zeros((8, 48)), "is only 48 x 8 pixels"),
        (np.broadcast_to(np.uint8(0), (10001, 10000)), "more than 100 megapixels"),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray, says: str) -> None:
    with pytest.raises(ImageError, match=says) as caught:
        open_image(array)
    assert_sentence(caught.value, "The array")


@pytest.mark.parametrize("source", [None, 3, 2.5, ["a.jpg"], object(), io.StringIO("text"), ""])
def test_what_is_no_source(source: Any) -> None:
    with pytest.raises(ImageError) as caught:
        open_image(source)
    assert str(caught.value).endswith(".") and "\n" not in str(caught.value)


def test_array_values() -> None:
    def first(array: np.ndarray) -> Any:
        return open_image(array).getpixel((0, 0))

    assert first(np.full((20, 20), 0.5)) == (128, 128, 128)
    assert first(np.full((20, 20, 1), 200.4)) == (200, 200, 200)
    assert first(np.ones((20, 20), bool)) == (255, 255, 255)
    assert first(np.ones((20, 20), int)) == (1, 1, 1)
    assert first(np.zeros((20, 20, 4))) == (255, 255, 255)


def test_sixteen_bits_keep_their_steps() -> None:
    ramp = np.arange(256, dtype=np.uint16).repeat(16).reshape(64, 64)
    opened = open_image(encoded("PNG", Image.fromarray(ramp * 257)))
    assert np.array_equal(np.asarray(opened)[:, :, 1], ramp)


def test_twelve_bits_in_sixteen_are_not_dark() -> None:
    deep = np.asarray(Image.open(PHOTOS / "g12in16.png"))
    opened = np.asarray(open_image(PHOTOS / "g12in16.png"))
    assert np.array_equal(opened[:, :, 0], np.rint(deep * (255 / 4095)))


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize(
    "format, dtype", [("PNG", np.uint16), ("TIFF", np.uint16), ("TIFF", np.int32)]
)
def test_gray_of_any_depth_is_as_light(bits: int, format: str, dtype: type) -> None:
    ramp = np.linspace(0, 2**bits - 1, 64).astype(dtype).repeat(64).reshape(64, 64)
    opened = np.asarray(open_image(encoded(format, Image.fromarray(ramp))))
    assert np.abs(opened[::21, 0, 0] - np.float32([0, 85, 170, 255])).max() <= 1


JPEGS = [{}, {"progressive": True}, {"quality": 10}, {"restart_marker_rows": 1}]


@pytest.mark.parametrize("at_least", [None, 40])
@pytest.mark.parametrize("options", JPEGS)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_jpeg_may_lack_its_end_marker_but_nothing_else(
    mode: str, options: dict[str, Any], at_least: int | None
) -> None:
    data = encoded("JPEG", noisy().convert(mode), **options)
    whole = open_image(data, at_least=at_least)
    for lacks in (1, 2):
        assert open_image(data[:-lacks], at_least=at_least) == whole
    for part in (0.3, 0.5, 0.77, 0.9, 0.98):
        with pytest.raises(ImageError, match="is damaged"):
            open_image(data[: int(len(data) * part)], at_least=at_least)


def test_a_photo_without_its_end_marker_opens() -> None:
    assert open_image(PHOTOS / "noeoi.jpg").size == (604, 900)


@pytest.mark.skipif(os.name == "nt", reason="libtiff is a part of Pillow's own library there")
def test_libtiff_writes_nothing_about_damaged_files() -> None:
    code = (
        "import sys; from emolib.images import ImageError, open_image\n"
        "for line in sys.stdin:\n"
        "    try: open_image(bytes.fromhex(line))\n"
        "    except ImageError: pass"
    )
    lines = []
    for compression in ("tiff_lzw", "tiff_adobe_deflate", "jpeg", "packbits", "group4"):
        image = noisy().convert("1") if compression == "group4" else noisy()
        data = bytearray(encoded("TIFF", image, compression=compression))
        data[100:400] = b"\7" * 300
        lines += [data.hex(), data[: len(data) // 2].hex()]
    done = subprocess.run(
        [sys.executable, "-c", code], input="\n".join(lines), capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("where", ["Image.open", "_rewound", "_upright_rgb", "_to_rgb"])
def test_too_little_memory_is_no_fault_of_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise MemoryError

    data = encoded("JPEG")
    (tmp_path / "a.jpg").write_bytes(data)
    loaded = Image.open(tmp_path / "a.jpg")
    monkeypatch.setattr(f"emolib.images.{where}", fail)
    sources = [tmp_path / "a.jpg", data, data[:-2], io.BytesIO(data), loaded]
    for source in sources if where in ("_upright_rgb", "_to_rgb") else sources[:-1]:
        with pytest.raises(MemoryError):
            open_image(source)


@pytest.mark.parametrize(
    "error",
    [
        OSError("out of memory when reading image file"),
        RuntimeError("Pixel allocation failed: Out of memory"),
        RuntimeError("Memory allocation error: Unspecified: Allocating 9024015 bytes failed"),
    ],
)
def test_decoders_have_their_own_words_for_too_little_memory(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise error

    monkeypatch.setattr("emolib.images._upright_rgb", fail)
    with pytest.raises(MemoryError):
        open_image(encoded("WEBP"))


def test_too_little_memory_to_turn_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(ImageOps, "exif_transpose", fail)
    with pytest.raises(MemoryError):
        open_image(turned(6))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    data = heif()
    monkeypatch.delitem(Image.OPEN, "HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImportError, match="pillow_heif"):
        open_image(data)
    assert open_image(encoded("JPEG")).size == (64, 48)


def test_large_allowed_picture_opens_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = open_image(encoded("JPEG", Image.new("L", (10000, 9500))), at_least=1000)
    assert image.size == (1250, 1188) and image.info["full_size"] == (10000, 9500)


def test_gray_jpeg_comes_through_to_array_unchanged() -> None:
    stored = encoded("JPEG", noisy((48, 48)).convert("L"))
    array = to_array(open_image(stored))
    assert array.shape == (48, 48, 1) and array.dtype == np.float32
    assert np.array_equal(array[:, :, 0], np.asarray(Image.open(io.BytesIO(stored))))


def test_to_array_shapes_and_antialiasing() -> None:
    stripes = np.zeros((480, 960), np.uint8)
    stripes[:, ::2] = 255
    array = to_array(open_image(stripes), image_size=(48, 96), channels=3)
    assert array.shape == (48, 96, 3)
    assert np.abs(array - 127.5).max() < 8


def test_digest_depends_on_shape_and_pixels() -> None:
    one = Image.new("RGB", (20, 40))
    two = Image.new("RGB", (40, 20))
    assert pixel_digest(one) != pixel_digest(two)
    two.putpixel((3, 3), (0, 0, 1))
    assert pixel_digest(two) != pixel_digest(Image.new("L", (40, 20)))
    assert pixel_digest(one) == pixel_digest(Image.new("L", (20, 40)))
    assert len(pixel_digest(one)) == 64


def test_threads_open_at_once_and_warnings_come_back() -> None:
    data = encoded("JPEG", noisy())
    before = list(warnings.filters)
    done: list[tuple[int, int]] = []
    threads = [
        threading.Thread(target=lambda: done.extend(open_image(data).size for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [(160, 120)] * 80
    assert list(warnings.filters) == before


def test_heic_reader_loads_only_when_needed(tmp_path: Path) -> None:
    heic = tmp_path / "photo.heic"
    heic.write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 100)
    code = (
        "import sys, numpy; from emolib.images import holds_picture, open_image;"
        "open_image(numpy.zeros((20, 20))); assert not holds_picture(sys.executable);"
        "assert 'pillow_heif' not in sys.modules;"
        "assert holds_picture(sys.argv[1]) and 'pillow_heif' in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code, str(heic)]).returncode == 0


def test_what_holds_a_picture_and_what_is_meant_as_one(cases: list[Case]) -> None:
    no_picture = {*not_images(), "zero_bytes.jpg"}
    for case in cases:
        name = case.path.name
        holds = os.path.isfile(case.path) and name not in no_picture
        named = not name.endswith(
            ("no_extension", ".svg", ".pdf", ".eps", ".ppm", ".ico", ".psd", "zero")
        )
        assert holds_picture(case.path) == holds, name
        assert is_picture(case.path) == (named or holds), name


def test_hidden_files_are_not_meant_as_pictures(tmp_path: Path) -> None:
    for name in (".hidden.png", ".hidden", "picture"):
        (tmp_path / name).write_bytes(encoded("PNG"))
    assert not is_picture(tmp_path / ".hidden.png") and not is_picture(tmp_path / ".hidden")
    assert is_picture(tmp_path / "picture") and holds_picture(str(tmp_path / ".hidden"))
    (tmp_path / "picture").write_bytes(b"")
    assert not is_picture(tmp_path / "picture") and not holds_picture(tmp_path / "picture")
    assert not is_picture(tmp_path / "missing") and is_picture(tmp_path / "missing.JPEG")


def test_threads_keep_the_order_and_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for progress in (False, True):
        assert map_threaded(str, range(500), "counting", progress) == [str(i) for i in range(500)]
    assert capsys.readouterr().out == ""


def test_a_failure_in_a_thread_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        map_threaded(lambda n: 1 // n, [2, 1, 0], "dividing", False)
