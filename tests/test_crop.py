"""`crop` loses no picture: every photo has a place of its own, and none is half written."""

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from conftest import below
from emolib import faces
from emolib.cli import answering, main
from emolib.data import selfies


@pytest.fixture
def album(tmp_path, monkeypatch):
    """One photo, in the folder album/happy of the current folder."""
    monkeypatch.chdir(tmp_path)
    os.makedirs("album/happy")
    photo = Image.open(selfies()[0])
    photo.thumbnail((600, 600))
    photo.save("album/happy/me.jpg")
    return Path("album/happy")


def crop(capsys, *words):
    status = main(["crop", "album", "--to", "faces", *words])
    return status, capsys.readouterr()


def test_photos_of_one_name_become_files_of_several(album, capsys):
    for name in ("IMG_0001.JPG", "IMG_0001.HEIC", "IMG_0001"):
        shutil.copy(album / "me.jpg", album / name)
    status, said = crop(capsys)
    assert status == 0
    assert said.out == "Wrote 4 faces from 4 photos to faces.\n" and said.err == ""
    assert below(Path("faces/happy")) == [
        "IMG_0001.HEIC.png",
        "IMG_0001.JPG.png",
        "IMG_0001.png",
        "me.png",
    ]


@pytest.mark.parametrize(
    ("photos", "places"),
    [
        (["a.jpg", "b.v2.heic", "c"], ["a.png", "b.v2.png", "c.png"]),
        (["in/a.jpg", "on/a.jpg"], ["in/a.png", "on/a.png"]),
        (["a.HEIC", "a.JPG"], ["a.HEIC.png", "a.JPG.png"]),
        (["A.heic", "a.JPG"], ["A.heic.png", "a.JPG.png"]),
    ],
)
def test_no_two_photos_have_one_place(photos, places):
    found = answering.crop_places([Path(photo) for photo in photos])
    assert [place.as_posix() for place in found.values()] == places
    assert len({place.as_posix().casefold() for place in found.values()}) == len(photos)


def test_a_second_run_leaves_what_is_there(album, capsys):
    assert crop(capsys)[0] == 0
    before = os.stat("faces/happy/me.png")
    shutil.copy(album / "me.jpg", album / "new.jpg")
    status, said = crop(capsys)
    assert status == 0 and said.err == ""
    assert said.out == ("Wrote 1 face from 2 photos to faces.\nAlready there: 1 face.\n")
    assert os.stat("faces/happy/me.png") == before
    assert below(Path("faces")) == ["happy/me.png", "happy/new.png"]


def test_crops_are_not_cropped_again(album, capsys):
    for _ in range(2):
        assert main(["crop", ".", "--to", "album/faces"]) == 0
    assert "Left out the folder for the results (album/faces)." in capsys.readouterr().err
    assert below(Path("album/faces")) == ["album/happy/me.png"]
    assert main(["crop", "album", "--to", "album"]) == 1
    assert "Left out the folder for the results (album)." in capsys.readouterr().err
    assert below(Path("album/happy")) == ["me.jpg"]


def test_a_file_that_appears_meanwhile_is_not_overwritten(album, capsys, monkeypatch):
    find = faces.find_faces

    def meanwhile(image):
        os.makedirs("faces/happy")
        Path("faces/happy/me.png").write_text("mine")
        return find(image)

    monkeypatch.setattr(faces, "find_faces", meanwhile)
    status, said = crop(capsys)
    assert status == 1
    assert said.err.startswith(f"{Path('faces/happy/me.png')} already exists")
    assert Path("faces/happy/me.png").read_text() == "mine"
    assert os.listdir("faces/happy") == ["me.png"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_nothing_half_written_stays(album, capsys, monkeypatch, error):
    def half(image, path, *args, **options):
        Path(path).write_bytes(b"\x89PNG\r\n")
        raise error

    monkeypatch.setattr(Image.Image, "save", half)
    status, said = crop(capsys)
    if isinstance(error, OSError):
        assert status == 1
        assert said.err == f"{Path('faces/happy/me.png')} cannot be written: {error.strerror}.\n"
    else:
        assert status == 130
    assert below(Path("faces")) == []


def test_what_is_in_the_way_is_named(album, capsys):
    os.makedirs("faces")
    Path("faces/happy").write_text("a file")
    status, said = crop(capsys)
    assert status == 1 and said.err.startswith(str(Path("faces/happy/me.png")))
    assert said.err.count("\n") == 1 and "cannot be written" in said.err
    os.remove("faces/happy")
    os.makedirs("faces/happy/me.png")
    status, said = crop(capsys)
    assert status == 1
    assert said.err.startswith(f"{Path('faces/happy/me.png')} already exists")


def test_problems_say_which_folder_a_photo_is_in(album, capsys):
    (album / "bad.jpg").write_text("hello")
    Image.new("RGB", (64, 64)).save(album / "wall.png")
    status, said = crop(capsys)
    assert status == 1 and said.out.startswith("Wrote 1 face from 3 photos")
    bad, wall = said.err.splitlines()
    assert bad.startswith(f"{album / 'bad.jpg'} is not an image")
    assert wall == f"{album / 'wall.png'}: no face found."


@pytest.mark.parametrize("name", ["Grüße 😢", "日本", os.fsdecode(b"caf\xe9"), "line\nbreak"])
def test_names_in_any_alphabet_are_kept(album, capsys, name):
    try:
        os.rename(album / "me.jpg", album / f"{name}.jpg")
    except OSError:
        pytest.skip("this disk does not take such a name")
    assert crop(capsys)[0] == 0
    assert os.listdir("faces/happy") == [f"{name}.png"]
