"""Folders, zips and tars: good, broken and hostile."""

import errno
import gzip
import io
import random
import stat
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from conftest import below, make_zip, one_sentence
from emolib.data import DataError, archives, audit, open_folder, scan
from emolib.data.origins import shown_name

CASES = Path(__file__).parent / "cases"
BOTH = pytest.mark.parametrize("kind", ["x.zip", "x.tar.gz"])


def png(shade=0):
    file = io.BytesIO()
    Image.new("RGB", (16, 16), (shade, 90, 90)).save(file, "PNG")
    return file.getvalue()


SPLIT = {f"{s}/{c}/{i}.png": png(i) for s in ("train", "test") for c in ("a", "b") for i in (1, 2)}


def pack(path, files, **tar_fields):
    """Write a zip or, if the path says so, a tar; return its path."""
    if path.suffix == ".zip":
        return make_zip(path, files, compression=zipfile.ZIP_DEFLATED)
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in tar_fields.items():
                setattr(info, field, value)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Return the folder where archives are unpacked in this test."""
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setattr(archives.tempfile, "tempdir", str(place))
    return place


def refused(path, scratch, *words):
    with pytest.raises(DataError) as error:
        open_folder(path)
    one_sentence(error, path.name, *words)
    assert list(scratch.iterdir()) == []
    outside = {p.name for p in scratch.parent.iterdir()}
    assert outside <= {"scratch", path.name}


def changed(path, fields):
    """Overwrite bytes of a zip: {(mark of a header, place after it): content}."""
    data = bytearray(path.read_bytes())
    for (mark, at), content in fields.items():
        begin = data.rindex(mark) + at
        data[begin : begin + len(content)] = content
    path.write_bytes(data)
    return path


@BOTH
@pytest.mark.parametrize("wrap", ["", "./", "fer2013/", "a b/archive/", "data/😀/"])
def test_archive_is_unpacked_and_unwrapped(tmp_path, kind, wrap):
    files = {wrap + name: content for name, content in SPLIT.items()}
    extra = {"__MACOSX/train/a/._1.png": b"x", wrap + ".DS_Store": b"x", wrap + "READ.txt": b"x"}
    folder = open_folder(pack(tmp_path / kind, files | extra))
    assert below(folder) == sorted([*SPLIT, "READ.txt"])
    assert (folder / "train/a/1.png").read_bytes() == png(1)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["happy/1"], ["happy/1"]),
        (["faces/happy/1"], ["happy/1"]),
        (["faces\\", "faces\\happy\\1", "faces\\sad\\1"], ["happy/1", "sad/1"]),
    ],
)
def test_zip_layouts(tmp_path, names, expected):
    assert below(open_folder(make_zip(tmp_path / "x.zip", dict.fromkeys(names, b"x")))) == expected


def test_unpacked_zip_is_gone_at_exit(tmp_path):
    path = make_zip(tmp_path / "x.zip", SPLIT)
    code = f"from emolib.data import open_folder; print(open_folder({str(path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() and not Path(done.stdout.strip()).exists()
    assert path.exists()


@BOTH
@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/tmp/evil", "..\\evil", "C:\\evil", "c:evil", "\\\\host\\evil"],
)
def test_archive_that_leads_outside_is_refused(tmp_path, scratch, kind, name):
    refused(pack(tmp_path / kind, {"a/1": b"x", name: b"x"}), scratch, "do not use it")


def test_zip_with_links_is_refused(tmp_path, scratch):
    link = zipfile.ZipInfo("a/link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    refused(make_zip(tmp_path / "x.zip", {"a/1": b"x", link: b"/etc"}), scratch, "links")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_tar_with_links_or_devices_is_refused(tmp_path, scratch, kind):
    path = pack(tmp_path / "x.tar", {"a/link": b""}, type=kind, linkname="/etc/passwd")
    refused(path, scratch, "links")


def test_what_the_data_filter_refuses_is_refused(tmp_path, scratch, monkeypatch):
    def refuse(member, path):
        raise tarfile.OutsideDestinationError(member, path)

    monkeypatch.setitem(tarfile._NAMED_FILTERS, "data", refuse)
    refused(pack(tmp_path / "x.tar", {"a/1": b"x"}), scratch, "OutsideDestinationError")


def test_zip_with_a_password_is_refused(tmp_path, scratch):
    path = make_zip(tmp_path / "x.zip", {"a/1": b"x"})
    refused(changed(path, {(b"PK\3\4", 6): b"\1", (b"PK\1\2", 8): b"\1"}), scratch, "password")


@BOTH
def test_bomb_is_refused(tmp_path, scratch, kind):
    path = pack(tmp_path / kind, {"a/1": bytes(101 * 10**6)})
    assert path.stat().st_size < 10**6
    refused(path, scratch, "0.1 GB, too much")


def test_tar_that_declares_terabytes_is_refused(tmp_path, scratch):
    info = tarfile.TarInfo("a/1")
    info.size = 2 * 10**12
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)))
    refused(path, scratch, "2000.0 GB")


@pytest.mark.parametrize("size", ["-512", "-99999999", "9" * 30])
def test_tar_with_an_impossible_size_is_refused(tmp_path, scratch, size):
    refused(pack(tmp_path / "x.tar", {"a/1": b"x"}, pax_headers={"size": size}), scratch)


def test_tar_of_countless_empty_files_is_refused(tmp_path, scratch, monkeypatch):
    monkeypatch.setattr(archives, "SMALL", 10**5)
    monkeypatch.setattr(archives, "MAX_RATIO", 10)
    refused(pack(tmp_path / "x.tar", {f"a/{i}": b"" for i in range(1000)}), scratch, "too much")


def test_zip_that_declares_gigabytes_is_refused(tmp_path, scratch):
    path = make_zip(tmp_path / "x.zip", {"a/1": b"x"})
    refused(changed(path, {(b"PK\1\2", 24): b"\xf0\xff\xff\xff"}), scratch, "4.3 GB, too much")


def test_zip_that_lies_about_its_size_is_refused(tmp_path, scratch):
    path = make_zip(tmp_path / "x.zip", {"a/1": bytes(10**7)}, compression=zipfile.ZIP_DEFLATED)
    ten = struct.pack("<I", 10)
    refused(changed(path, {(b"PK\3\4", 22): ten, (b"PK\1\2", 24): ten}), scratch, "damaged")


def test_method_that_python_cannot_read_is_named(tmp_path, scratch):
    path = make_zip(tmp_path / "x.zip", {"a/1": b"x", "a/2": b"y"})
    path = changed(path, {(b"PK\1\2", 10): struct.pack("<H", 77)})  # of the last file only
    refused(path, scratch, "uses the method number 77,", "pack the folder again")
    with pytest.raises(DataError) as error:
        open_folder(CASES / "deflate64.zip")
    one_sentence(error, "deflate64.zip uses the method Deflate64,", "with the method Deflate,")


@BOTH
def test_names_that_cannot_be_written_are_one_sentence(tmp_path, scratch, kind):
    refused(pack(tmp_path / kind, {"a": b"x", "a/1": b"x"}), scratch, "give the folder")
    refused(pack(tmp_path / kind, {"a/" + "x" * 300: b"x"}), scratch, "give the folder")


@BOTH
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), MemoryError()])
def test_full_disk_and_lack_of_memory_are_not_damage(tmp_path, scratch, monkeypatch, kind, error):
    def extract(*args, **options):
        raise error

    monkeypatch.setattr(zipfile.ZipFile, "extract", extract)
    monkeypatch.setattr(tarfile.TarFile, "extract", extract)
    with pytest.raises((DataError, MemoryError)) as raised:
        open_folder(pack(tmp_path / kind, SPLIT))
    if isinstance(error, OSError):
        one_sentence(raised, f"{kind} does not fit on the disk: free some")
    else:
        assert raised.type is MemoryError
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"no zip at all", png()])
def test_neither_folder_nor_zip_is_refused(tmp_path, scratch, content):
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    refused(path, scratch, "neither")


@pytest.mark.parametrize("path", ["https://example.org/faces.zip", "none.zip", "nul\0.zip"])
def test_what_is_not_there_is_refused(path):
    words = ["internet address", "browser"] if ":" in path else ["does not exist: check the path"]
    for source in (path, Path(path)):
        with pytest.raises(DataError) as error:
            open_folder(source)
        one_sentence(error, str(source).replace("\0", "?"), *words)


def test_messages_name_the_zip_and_no_temporary_folder(tmp_path, scratch, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_zip(Path("faces.zip"), {"photos/happy/1.png": png(), "photos/sad/1.png": png(1)})
    make_zip(Path("flat.zip"), {"1.png": png()})
    folder = open_folder("faces.zip")
    shown = str(Path("faces.zip/photos"))
    assert shown_name(folder) == shown
    assert shown_name(folder / "sad") == str(Path("faces.zip/photos/sad"))
    assert audit(folder).text().startswith(f"{shown}: 2 files")
    for path, classes in (("faces.zip", ["fear"]), ("flat.zip", None)):
        with pytest.raises(DataError) as error:
            scan(open_folder(path), classes)
        one_sentence(error, path)
        assert str(scratch) not in str(error.value)


@pytest.fixture
def old_zip(tmp_path, monkeypatch):
    """Return what writes a zip of names that get no UTF-8 flag."""

    def write(names, encoding):
        def encode(info):
            return info.filename.encode(encoding), 0

        with monkeypatch.context() as patch:
            patch.setattr(zipfile.ZipInfo, "_encodeFilenameFlags", encode)
            return make_zip(tmp_path / "x.zip", dict.fromkeys(names, b"x"))

    return write


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_chinese_names_without_a_flag_are_read(old_zip, encoding):
    names = ["happy/1.jpg", "开心/微信图片（1）.jpg", "难过/2.jpg"]
    assert below(open_folder(old_zip(names, encoding))) == names
    folder = open_folder(CASES / "gbk.zip")
    assert sorted(path.name for path in folder.iterdir()) == ["伤心", "开心"]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("cp850", "fröhlich traurig"), ("cp866", "Радость Грусть"), ("cp932", "嬉しい 悲しい")],
)
def test_names_in_other_encodings_bring_a_warning(old_zip, encoding, words):
    path = old_zip([f"{word}/1.jpg" for word in words.split()], encoding)
    with pytest.warns(UserWarning, match="x.zip does not say .* unpack it yourself.$") as caught:
        folder = open_folder(path)
    assert caught[0].filename == __file__
    assert len(below(folder)) == 2


@pytest.mark.filterwarnings("ignore:x.zip does not say:UserWarning")
@BOTH
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), cut=st.booleans())
@pytest.mark.slow  # 150 examples
def test_damaged_archive_is_unpacked_or_refused(tmp_path, scratch, kind, seed, cut):
    path = pack(tmp_path / kind, SPLIT)
    data = bytearray(path.read_bytes())
    rng = random.Random(seed)
    for _ in range(rng.randint(1, 20)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    path.write_bytes(data[: rng.randrange(len(data))] if cut else data)
    try:
        folder = open_folder(path)
        assert scratch in folder.parents
    except DataError as error:
        assert str(error).startswith(f"{kind} ") and "\n" not in str(error)
    assert {p.name for p in tmp_path.iterdir()} <= {"scratch", kind}
