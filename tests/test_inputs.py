"""The command line finds the photos that its words mean, or says why a word means none."""

import base64
import os
import shutil

import pytest

from conftest import mouth, slow_cases
from emolib import files, images
from emolib.cli import main
from emolib.cli.answering import name_like_an_option
from emolib.data import selfies
from emolib.images import ImageError
from emolib.inference.inputs import photos_in


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(*names):
    for name in names:
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        mouth(True, 0).save(name)


def told(capsys, *words):
    """What the user reads on stderr, line by line."""
    assert main(["predict", "--face", *words]) == 1
    return capsys.readouterr().err.splitlines()


def test_hidden_folders_are_left_out(here):
    put("a.png", "in/b.png", ".hidden/c.png", "@eaDir/a.png/d.jpg", "__MACOSX/._a.png", "in/.e.png")
    assert photos_in(["."]).photos == ["a.png", os.path.join("in", "b.png")]
    assert photos_in(["**/*.*"]).photos == ["a.png", os.path.join("in", "b.png")]
    assert photos_in([os.path.join(".hidden", "c.png")]).photos == [
        os.path.join(".hidden", "c.png")
    ]
    assert photos_in([".hidden"]).photos == [os.path.join(".hidden", "c.png")]


def test_a_second_run_does_not_answer_its_own_answers(here, capsys):
    put("a.png", "in/b.png")
    words = ["predict", "--face", ".", "--save", os.path.join("in", "answers")]
    assert main(words) == 0
    first = capsys.readouterr()
    assert main(words) == 0
    second = capsys.readouterr()
    assert first.out == second.out and second.out.count("\n") == 2
    assert first.err == ""
    assert second.err == f"Left out the folder for the results ({words[-1].strip('.')}).\n"


@pytest.mark.parametrize(
    "words", [["."], ["*"], ["**"], ["**/*.*"], ["*.png", "*/*"], ["a.png", "out"]]
)
def test_the_folder_for_the_results_is_never_searched(here, words):
    put("a.png", "out/a.jpg")
    os.symlink("out", "link")
    for without in (here / "out", here / "out/../out", here / "link"):
        found = photos_in(words, without)
        assert found.photos == ["a.png"]
        assert found.complete and "folder for the results" in found.notes[0]


def test_a_folder_cannot_be_searched_and_written_to(here, capsys):
    put("pics/a.png")
    for folder in (".", "pics"):
        said = told(capsys, folder, "--save", "pics")
        assert said == [
            "Left out the folder for the results (pics).",
            "No photo is left: name a different folder.",
        ]
    assert os.listdir("pics") == ["a.png"]
    # a file that is named is a file that is meant
    assert main(["predict", "--face", os.path.join("pics", "a.png"), "--save", "pics"]) == 0
    assert sorted(os.listdir("pics")) == ["a.jpg", "a.png"]


def test_what_cannot_be_searched_is_named(here, capsys, monkeypatch):
    put("album/a.png", "album/locked/b.png")
    os.symlink("nowhere.png", "album/lost.png")
    os.symlink("..", "album/circle")
    scan = os.scandir

    def refuse(path):
        if os.path.basename(path) == "locked":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(files.os, "scandir", refuse)
    assert main(["predict", "--face", "album"]) == 1
    captured = capsys.readouterr()
    assert captured.out.startswith("a.png: 1 face")
    assert captured.err.splitlines() == [
        f"Left out {reason} ({os.path.join('album', name)})."
        for name, reason in [
            ("circle", files.CIRCLE),
            ("locked", files.LOCKED),
            ("lost.png", files.DEAD_LINK),
        ]
    ]
    with pytest.raises(ImageError, match=files.LOCKED):
        photos_in([os.path.join("album", "locked")])


def test_an_empty_folder_does_not_stop_the_others(here, capsys):
    put("full/a.png")
    os.mkdir("empty")
    assert main(["predict", "--face", "empty", "full"]) == 1
    captured = capsys.readouterr()
    assert "a.png: 1 face" in captured.out
    assert captured.err == "empty holds no pictures: give a photo, or a folder of photos.\n"


def test_a_pattern_that_no_shell_expanded_is_expanded(here):
    put("a.png", "b.png", "in/c.png", "in/deep/d.png", "photo[1].png")
    (here / "notes.txt").write_text("hello")
    assert photos_in(["?.png"]).photos == ["a.png", "b.png"]
    assert photos_in(["[bx].png"]).photos == ["b.png"]
    assert photos_in(["photo[1].png"]).photos == ["photo[1].png"]
    inner = [os.path.join("in", "c.png"), os.path.join("in", "deep", "d.png")]
    assert photos_in(["in/**/*.png"]).photos == inner
    assert photos_in(["i*"]).photos == inner
    assert photos_in(["**/deep"]).photos == inner[1:]
    everything = photos_in(["**"]).photos
    assert len(everything) == len(set(everything)) == 6


def test_a_pattern_that_matches_nothing_does_not_stop_the_others(here, capsys):
    put("a.png")
    assert main(["predict", "--face", "*.png", "*.jpg"]) == 1
    captured = capsys.readouterr()
    assert "a.png: 1 face" in captured.out
    assert captured.err == "*.jpg matches no pictures: give a photo, or a folder of photos.\n"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        (
            "https://example.org/me.jpg",
            "https://example.org/me.jpg is an internet address: download",
        ),
        ("https://example.org/me?size=[1]", "is an internet address: download the photo"),
        ("HTTP://example.org/", "HTTP://example.org/ is an internet address: download"),
        ("www.example.org/me.jpg", "is an internet address: download"),
        ("s3://bucket/me.jpg", "is an internet address: download"),
        ("file:///home/me/me.jpg", "is an internet address: download the photo and give its path"),
        ("data:image/png;base64,iVBORw0KGgo=", "is a picture written as text: save it"),
    ],
)
def test_what_is_no_file_gets_a_sentence_that_fits(here, capsys, word, says):
    put("a.png")
    assert main(["predict", "--face", word, "a.png"]) == 1
    captured = capsys.readouterr()
    assert says in captured.err and captured.err.count("\n") == 1
    assert "a.png: 1 face" in captured.out


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("broken", [False, True])
def test_base64_is_told_from_a_path(here, capsys, kind, broken):
    import pillow_heif

    pillow_heif.register_heif_opener()
    mouth(True, 0, 64, "RGB").save("picture", kind)
    with open("picture", "rb") as file:
        content = file.read()
    text = (base64.encodebytes if broken else base64.b64encode)(content).decode()
    [line] = told(capsys, text)
    assert line.startswith(f"{text[:24]}... is a picture written as text: save it")


@pytest.mark.parametrize("suffix", [".mp4", *slow_cases(".MOV", ".avi", ".mkv", ".webm", ".m4v")])
def test_a_video_is_called_a_video(here, capsys, suffix):
    (here / f"clip{suffix}").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(99))
    assert told(capsys, f"clip{suffix}") == [
        f"clip{suffix} is a video: save a frame of it as a picture first."
    ]
    assert told(capsys, f"gone{suffix}") == [f"gone{suffix} does not exist: check the path."]
    # the content decides
    shutil.copy(selfies()[0], f"picture{suffix}")
    assert main(["predict", f"picture{suffix}"]) == 0


def test_a_name_that_begins_with_a_minus_is_explained(here):
    put("-minus.png", "-h.png", "--dash.png", "a.png")
    for name in ("-minus.png", "-h.png", "--dash.png"):
        said = name_like_an_option(["predict", "--face", name])
        instead = os.path.join(".", name)
        assert said == f"{name} begins with a hyphen like an option: write {instead}."
    for words in (
        [],
        ["predict"],
        ["--version"],
        ["predict", "a.png", "--json", "--csv=a.jpg", "--save=out.jpg", "-h", "--gone.jpg"],
        ["predict", "--", "-minus.png"],
        ["predict", os.path.join(".", "-minus.png")],
    ):
        assert name_like_an_option(words) is None


def test_a_name_that_begins_with_a_minus_is_answered(here, capsys):
    put("-minus.png")
    for words in (["./-minus.png"], ["--", "-minus.png"], ["*.png"], ["."]):
        assert main(["predict", "--face", *words]) == 0
        assert capsys.readouterr().out.startswith("-minus.png: 1 face: ")


def test_a_photo_too_large_for_the_memory_does_not_stop_the_others(here, capsys, monkeypatch):
    put("b.png")
    mouth(True, 0, 64).save("a.png")
    read = images._upright_rgb

    def refuse(image, full=None):
        if image.size == (64, 64):
            raise MemoryError
        return read(image, full)

    monkeypatch.setattr(images, "_upright_rgb", refuse)
    assert main(["predict", "--face", "a.png", "b.png"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("b.png: 1 face")
    assert said.err.startswith("There is not enough memory for a.png: ")
    assert main(["crop", ".", "--to", "faces"]) == 1
    assert "There is not enough memory for a.png: " in capsys.readouterr().err


NAMES = ["Grüße 😢.png", "日本.png", os.fsdecode(b"caf\xe9.png"), "line\nbreak.png"]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_alphabet_go_through(here, capsys, name):
    try:
        put(os.path.join("in", name))
    except OSError:
        pytest.skip("this disk does not take such a name")
    words = ["predict", "--face", "in", "--csv", "table.csv", "--save", "out"]
    assert main(words) == 0
    shown = name.replace("\udce9", "?").replace("\n", "?")
    assert capsys.readouterr().out.startswith(f"{shown}: 1 face: ")
    text = (here / "table.csv").read_text(encoding="utf-8")
    assert name.replace("\udce9", "\\udce9") in text
    assert os.listdir("out") == [name.replace(".png", ".jpg")]
