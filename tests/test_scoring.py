"""`evaluate` says what it scores: which pictures, under which names, and whether they are new."""

import json
import shutil
from unicodedata import normalize

import pytest

from conftest import fill, photo, small_model
from conftest import save as save_image
from emolib.cli import main
from emolib.cli.scoring import match_classes
from emolib.data import scan, split
from emolib.data.splitting import write_split
from emolib.errors import EmolibError
from emolib.model import ModelCard

MISSING = "WARNING: mine_split.csv is missing beside "
COMPOSED = "café"
DECOMPOSED = normalize("NFD", COMPOSED)


@pytest.fixture
def model(tmp_path):
    return save(tmp_path / "model" / "mine.keras", ["happy", "sad"])


def save(path, names: list[str]):
    """Write an untrained model with its card."""
    path.parent.mkdir(exist_ok=True)
    small_model(classes=len(names) if len(names) > 2 else 1).save(path)
    ModelCard(names).write(path)
    return path


def evaluate(capsys, model, data, *words) -> tuple[str, dict]:
    """Return what `evaluate` prints, as text and as JSON."""
    assert main(["evaluate", str(model), str(data), *words]) == 0
    text = capsys.readouterr().out
    assert main(["evaluate", str(model), str(data), *words, "--json"]) == 0
    return text, json.loads(capsys.readouterr().out)


def refused(capsys, *words) -> str:
    assert main(["evaluate", *map(str, words)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def write_split_beside(model, folder, classes=None):
    write_split(split(scan(folder, classes)), model.with_name("mine_split.csv"))


# Pictures that training used


def test_without_the_split_file_the_figures_come_with_a_warning(model, faces_folder, capsys):
    text, report = evaluate(capsys, model, faces_folder)
    warning = next(line for line in text.splitlines() if line.startswith(MISSING))
    assert text.index(warning) < text.index("80 pictures")
    assert "trained on" in warning and "too good" in warning
    assert report["warnings"][0] == warning and report["used_in_training"] is None
    for words in (["--split", "all"],):
        assert MISSING in evaluate(capsys, model, faces_folder, *words)[0]


def test_with_the_split_file_only_new_pictures_are_scored(model, faces_folder, capsys):
    write_split_beside(model, faces_folder)
    text, report = evaluate(capsys, model, faces_folder)
    assert "WARNING" not in text and report["used_in_training"] == 0
    new = report["n"]
    assert 0 < new < 80
    assert f"Left out, because training used them or near copies of them: {80 - new}." in text

    text, report = evaluate(capsys, model, faces_folder, "--split", "all")
    used = f"WARNING: training used {80 - new} of these 80 pictures or near copies of them"
    assert used in text and report["warnings"][0].startswith(used)
    assert (report["n"], report["used_in_training"]) == (80, 80 - new)


@pytest.mark.slow
def test_a_test_folder_that_training_used_in_part_is_cleaned(model, faces_folder, capsys, tmp_path):
    """A test/ folder of another download may hold what this model has learned from."""
    write_split_beside(model, faces_folder)
    for k, name in enumerate(("happy", "sad")):
        for i in range(6):
            save_image(tmp_path / "more" / "test" / name / f"{i}.png", photo(10 * k + i))
        for path in sorted((faces_folder / name).iterdir()):
            shutil.copy(path, tmp_path / "more" / "test" / name / f"again_{path.name}")
    n_new = evaluate(capsys, model, faces_folder)[1]["n"]
    text, report = evaluate(capsys, model, tmp_path / "more")
    assert report["n"] == n_new + 12 and report["used_in_training"] == 0
    assert "Left out, because training used them" in text
    text, report = evaluate(capsys, model, tmp_path / "more", "--split", "test")
    assert report["used_in_training"] == 80 - n_new and "WARNING: training used" in text


def test_training_folders_are_no_test_set_even_by_name(model, capsys, tmp_path):
    fill(tmp_path / "data" / "train", {"happy": 6, "sad": 6})
    fill(tmp_path / "data" / "test", {"happy": 6, "sad": 6}, seed=1)
    text, report = evaluate(capsys, model, tmp_path / "data")
    assert report["n"] == 12 and report["warnings"] == [] and "WARNING" not in text
    assert MISSING in evaluate(capsys, model, tmp_path / "data", "--split", "train")[0]


def test_a_split_file_that_says_nothing_is_refused(model, faces_folder, capsys):
    model.with_name("mine_split.csv").write_text("name,size\na.png,12\n")
    assert "mine_split.csv does not say which" in refused(capsys, model, faces_folder)


# Folders and names


@pytest.mark.parametrize("place", ["test", "validation", "Test"])
def test_a_single_split_is_a_data_set(place, model, capsys, tmp_path):
    fill(tmp_path / "data" / place, {"happy": 6, "sad": 6})
    text, report = evaluate(capsys, model, tmp_path / "data")
    assert report["n"] == 12 and "12 pictures, 2 classes" in text
    assert (MISSING in text) == (place == "validation")


def test_names_are_the_same_however_they_are_encoded(capsys, tmp_path):
    assert COMPOSED != DECOMPOSED
    for ours, theirs in ((COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)):
        assert match_classes([theirs, "x"], [ours, "sad"], (), "data") == {theirs: ours}
        assert match_classes(["x"], [ours], [f"x={theirs}"], "data") == {"x": ours}
        assert match_classes([theirs], ["sad"], [f"{ours}=sad"], "data") == {theirs: "sad"}
    model = save(tmp_path / "model" / "mine.keras", [COMPOSED, "sad"])
    fill(tmp_path / "data", {DECOMPOSED: 6, "sad": 6})
    text, report = evaluate(capsys, model, tmp_path / "data")
    assert report["class_names"] == [COMPOSED, "sad"] and "Left out" not in text
    assert [found["n"] for found in report["classes"].values()] == [6, 6]


def test_a_mismatch_names_both_sides(model, capsys, tmp_path):
    data = fill(tmp_path / "data", {"Happy": 6, "Unhappy": 6})
    error = refused(capsys, model, data)
    assert "has the classes Happy, Unhappy, but the model knows happy, sad:" in error
    assert "--map FOLDER=CLASS" in error
    fill(data, {"sad": 6}, seed=1)
    text, report = evaluate(capsys, model, data)
    left_out = "Left out, because the model knows only happy, sad: Happy, Unhappy."
    assert left_out in text and report["warnings"][0].startswith(left_out)
    # and the class that nothing was scored for is named
    assert "There are no pictures of happy: the scores say nothing about it." in text
    assert report["warnings"][-1].startswith("There are no pictures of happy")


def test_folders_can_be_mapped_to_classes(model, capsys, tmp_path):
    data = fill(tmp_path / "data", {"Happy": 6, "happiness": 4, "sad": 5, "fear": 3})
    words = ["--map", "Happy=happy", "happiness=happy"]
    text, report = evaluate(capsys, model, data, *words)
    assert [found["n"] for found in report["classes"].values()] == [10, 5]
    assert "happy, sad: fear." in text
    # a pair comes before the folder's own name
    report = evaluate(capsys, model, data, *words, "sad=happy", "fear=sad")[1]
    assert [found["n"] for found in report["classes"].values()] == [15, 3]
    for pair, says in (
        ("happy", "--map happy has no equals sign: write FOLDER=CLASS."),
        ("joy=happy", "has the classes Happy, fear, happiness, sad."),
        ("fear=Sad", "--map fear=Sad does not fit: the model knows happy, sad."),
    ):
        assert says in refused(capsys, model, data, "--map", pair)


# Files without a card


@pytest.mark.slow
def test_a_file_without_a_card_is_scored_and_exported_with_its_classes(model, capsys, tmp_path):
    data = fill(tmp_path / "data" / "test", {"happy": 6, "sad": 6}).parent
    with_card = evaluate(capsys, model, data)[1]
    model.with_suffix(".json").unlink()
    assert "--classes" in refused(capsys, model, data)
    classes = ["--classes", "happy", "sad"]
    assert evaluate(capsys, model, data, *classes)[1]["confusion"] == with_card["confusion"]
    swapped = evaluate(capsys, model, data, "--classes", "sad", "happy")[1]
    assert swapped["accuracy"]["value"] == pytest.approx(1 - with_card["accuracy"]["value"])

    assert main(["export", str(model), "--to", "h5"]) == 1
    assert "--classes" in capsys.readouterr().err
    out = tmp_path / "new.h5"
    assert main(["export", str(model), "--to", "h5", "--out", str(out), *classes]) == 0
    assert json.loads(out.with_suffix(".json").read_text())["class_names"] == ["happy", "sad"]
    assert evaluate(capsys, out, data)[1]["confusion"] == with_card["confusion"]


def test_a_card_is_not_overruled(model, capsys, tmp_path):
    data = fill(tmp_path / "data" / "test", {"happy": 2, "sad": 2}).parent
    assert "says that the classes" in refused(capsys, model, data, "--classes", "sad", "happy")
    with pytest.raises(EmolibError, match="the model knows sad"):
        match_classes(["Happy"], ["sad"], (), "data")
