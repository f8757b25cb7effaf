import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from conftest import fill, mouth
from emolib.cli import main
from emolib.data import selfies
from emolib.rendering import EXPRESSIONS

ALL_COMMANDS = ["predict", "train", "evaluate", "audit", "crop", "render", "download", "export"]
ALL_COMMANDS += ["serve"]


@pytest.fixture
def photo(tmp_path):
    return shutil.copy(selfies()[0], tmp_path / "me.jpg")


def sentence(capsys) -> str:
    """What the user reads when something cannot be done: one line, and no traceback."""
    text = capsys.readouterr().err.strip()
    assert "\n" not in text
    assert "Traceback" not in text
    return text


def test_predict_says_who_is_happy(photo, capsys):
    assert main(["predict", str(photo)]) == 0
    assert re.fullmatch(r"me\.jpg: 1 face: happy \d+%\n", capsys.readouterr().out)


def test_predict_without_a_path_answers_ten_examples(capsys):
    assert main(["predict"]) == 0
    out = capsys.readouterr().out
    assert out.count("1 face:") == 10
    for word in ("happy ", "sad ", "neither "):
        assert f": {word}" in out, "examples of each kind"
    assert "python -m emolib predict PHOTO_OR_FOLDER" in out


def test_predict_json_has_the_documented_form(photo, capsys, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"")
    Image.new("RGB", (64, 64)).save(tmp_path / "empty.png")
    assert main(["predict", "--json", str(tmp_path)]) == 1
    bad, empty, me = json.loads(capsys.readouterr().out)
    assert set(me) == {"file", "width", "height", "faces", "error"}
    assert me["file"] == str(photo)
    face = me["faces"][0]
    keys = "label probability probabilities sure box score"
    assert set(face) == set(keys.split())
    left, top, right, bottom = face["box"]
    assert 0 <= left < right <= me["width"] == 1696
    assert 0 <= top < bottom <= me["height"] == 2528
    assert empty["faces"] == []
    assert empty["error"] is None
    assert bad["error"].startswith("bad.png is empty")


def test_predict_writes_a_table_and_pictures_and_overwrites_nothing(photo, capsys, tmp_path):
    table, answers = tmp_path / "answers.csv", tmp_path / "answers"
    words = ["predict", str(photo), str(photo), "--csv", str(table), "--save", str(answers)]
    assert main(words) == 0
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    assert [row["label"] for row in rows] == ["happy", "happy"]
    assert float(rows[0]["p_happy"]) == pytest.approx(float(rows[0]["probability"]))
    assert sorted(os.listdir(answers)) == ["me.jpg", "me_2.jpg"]
    assert Image.open(answers / "me.jpg").size == (1696, 2528)
    assert main(words) == 1
    assert "answers.csv already exists" in sentence(capsys)


def test_one_bad_file_does_not_stop_the_others(photo, capsys, tmp_path):
    (tmp_path / "bad.jpg").write_text("hello")
    assert main(["predict", str(tmp_path / "bad.jpg"), str(photo)]) == 1
    captured = capsys.readouterr()
    assert "me.jpg: 1 face: happy" in captured.out
    assert captured.err.startswith("bad.jpg is not an image")


def test_a_photo_without_a_face_is_no_failure(capsys, tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "wall.png")
    assert main(["predict", str(tmp_path / "wall.png")]) == 0
    assert capsys.readouterr().out == "wall.png: no face found\n"


def test_predict_takes_cropped_faces(capsys, tmp_path):
    mouth(True, 0).save(tmp_path / "face.png")
    assert main(["predict", "--face", str(tmp_path / "face.png")]) == 0
    assert "face.png: 1 face:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["predict", "{}/nothing.jpg"], "nothing.jpg does not exist"),
        (["predict", "{}"], "holds no pictures"),
        (["predict", "--model", "{}/no.onnx"], "no.onnx does not exist"),
        (["train", "{}/nothing"], "nothing"),
        (["train", "{}"], "no class folders"),
        (["train", "{}", "--out", "{}/model.h6"], "does not end in .keras"),
        (["evaluate", "{}/none.keras", "{}"], "none.keras does not exist"),
        (["audit", "{}/nothing"], "nothing"),
        (["audit", "{}"], "no class folders"),
        (["download", "fer2013", "--from", "{}/nothing.zip", "--to", "{}/new"], "nothing.zip"),
        (["export", "{}/none.keras", "--to", "h5"], "none.keras does not exist"),
    ],
)
def test_what_cannot_be_done_ends_in_one_sentence(words, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # away from a model that the reader has trained
    assert main([word.replace("{}", str(tmp_path)) for word in words]) == 1
    assert says in sentence(capsys)
    assert os.listdir(tmp_path) == []


def test_a_single_class_cannot_be_trained(capsys, tmp_path):
    fill(tmp_path / "data", {"happy": 5})
    assert main(["train", str(tmp_path / "data"), "--out", str(tmp_path / "m.keras")]) == 1
    assert "only one class, happy" in sentence(capsys)
    assert not (tmp_path / "m.keras").exists()


def test_audit_finds_and_moves_only_when_asked(capsys, faces_folder, tmp_path):
    (faces_folder / "sad" / "bad.jpg").write_bytes(b"\xff\xd8\xff")
    shutil.copy(faces_folder / "sad" / "000.png", faces_folder / "sad" / "copy.png")
    before = sorted(faces_folder.rglob("*"))
    assert main(["audit", str(faces_folder), "--csv", str(tmp_path / "faults.csv")]) == 0
    assert sorted(faces_folder.rglob("*")) == before
    out = capsys.readouterr().out
    assert "bad.jpg" in out
    assert "copy.png" in (tmp_path / "faults.csv").read_text(encoding="utf-8")
    assert main(["audit", str(faces_folder), "--quarantine", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "sad" / "bad.jpg").exists()
    assert not (faces_folder / "sad" / "bad.jpg").exists()


def test_crop_cuts_the_largest_face_out_of_each_photo(photo, capsys, tmp_path):
    album = tmp_path / "album"
    (album / "happy").mkdir(parents=True)
    shutil.copy(photo, album / "happy")
    Image.new("RGB", (64, 64)).save(album / "happy" / "wall.png")
    assert main(["crop", str(album), "--to", str(tmp_path / "faces")]) == 1
    captured = capsys.readouterr()
    assert "wall.png: no face found" in captured.err
    assert "1 face from 2 photos" in captured.out
    assert os.listdir(tmp_path / "faces" / "happy") == ["me.png"]
    assert Image.open(tmp_path / "faces" / "happy" / "me.png").size == (224, 224)
    assert main(["predict", "--face", str(tmp_path / "faces" / "happy" / "me.png")]) == 0
    assert "happy" in capsys.readouterr().out
    (album / "happy" / "wall.png").unlink()
    assert main(["crop", str(album), "--to", str(tmp_path / "faces")]) == 0
    assert "Already there: 1 face" in capsys.readouterr().out


@pytest.mark.parametrize("command", ALL_COMMANDS)
def test_help_shows_an_example(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"example:\n  python -m emolib {command} " in capsys.readouterr().out


def test_help_and_audit_and_predict_load_no_tensorflow(photo, faces_folder):
    code = (
        "import sys; from emolib.__main__ import main; status = main(sys.argv[1:]);"
        "sys.exit('tensorflow' in sys.modules or status)"
    )
    for words in (["predict", photo], ["audit", faces_folder]):
        done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_a_closed_pipe_is_no_error(tmp_path):
    done = subprocess.run(
        f'"{sys.executable}" -m emolib predict | head -n 1', shell=True, capture_output=True
    )
    assert b"Traceback" not in done.stderr


def test_the_command_is_installed_too():
    assert shutil.which("emolib", path=os.path.dirname(sys.executable)) or shutil.which("emolib")


def test_a_model_without_a_card_answers_when_its_classes_are_named(capsys, tmp_path):
    model = str(Path(__file__).with_name("cases") / "models" / "softmax2.keras")
    mouth(True, 0).save(tmp_path / "face.png")
    words = ["predict", "--face", "--model", model, str(tmp_path / "face.png")]
    assert main(words) == 1
    assert "--classes" in sentence(capsys)
    assert main([*words, "--classes", "happy", "sad"]) == 0
    assert "face.png: 1 face: " in capsys.readouterr().out


def test_help_names_the_expressions_that_can_be_rendered(capsys):
    with pytest.raises(SystemExit):
        main(["render", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert ", ".join(EXPRESSIONS) in said


def test_faces_are_rendered_as_asked(tmp_path, capsys):
    words = ["render", str(tmp_path / "new"), "--n", "3", "--classes", "angry", "eyes closed"]
    assert main([*words, "--seed", "4", "--size", "64", "--color"]) == 0
    assert capsys.readouterr().out.startswith("Rendered 3 faces in ")
    assert len((tmp_path / "new" / "faces.csv").read_text().splitlines()) == 4
    with Image.open(tmp_path / "new" / "eyes closed" / "00000.png") as face:
        assert face.size == (64, 64) and face.mode == "RGB"
    assert main(words) == 1 and "already exists" in sentence(capsys)
    assert main(["render", str(tmp_path / "tiny"), "--size", "8"]) == 1
    assert "at least 24" in sentence(capsys) and not (tmp_path / "tiny").exists()


def test_the_former_command_names_the_new_one(capsys):
    assert main(["draw", "data/more", "--n", "5"]) == 2
    assert "emolib render" in sentence(capsys)
