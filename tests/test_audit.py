"""Planted faults of every kind must be found, and nothing else."""

import csv
import errno
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import bad_images
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import one_sentence, photo, save, write
from emolib.data import DataError, audit, auditing, dataset, quarantine, scan
from emolib.data.auditing import PROBLEMS


@pytest.fixture
def clean(tmp_path):
    """Make eight different pictures in two classes and two splits."""
    folder = tmp_path / "faces"
    places = [f"{s}/{c}/{i}.png" for s in ("train", "test") for c in ("happy", "sad") for i in "12"]
    for seed, place in enumerate(places):
        save(folder / place, photo(seed))
    return folder


def found(report):
    """Return {(file, problem): other file}."""
    name = report._name
    return {(name(p.path), p.problem): p.other and name(p.other) for p in report.problems}


def files(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_clean_folder_has_no_problem(clean):
    report = audit(clean)
    assert report.problems == ()
    assert report.totals() == dict.fromkeys(PROBLEMS, 0)
    assert report.counts == {s: {"happy": 2, "sad": 2} for s in ("train", "test")}
    assert (report.files, report.hidden) == (8, 0)
    assert report.sizes == ((64, 64),) * 3 and report.different_sizes == 1


def test_every_planted_fault_is_found_and_nothing_else(clean):
    good = (clean / "train/happy/1.png").read_bytes()
    write(clean / "train/happy/cut.png", good[: len(good) // 2])
    write(clean / "train/happy/empty.jpg", b"")
    write(clean / "train/happy/Thumbs.db", b"\xd0\xcf\x11\xe0")
    write(clean / "train/sad/page.jpg", b"<html>not found</html>")
    save(clean / "train/sad/named.jpg", photo(50), "PNG")
    write(clean / "train/happy/copy.png", good)
    save(clean / "train/happy/copy.bmp", photo(0))  # same pixels, a different file
    write(clean / "train/sad/leak.png", (clean / "test/sad/1.png").read_bytes())
    write(clean / "train/sad/both.png", (clean / "train/happy/2.png").read_bytes())
    save(clean / "test/happy/near.jpg", photo(6), "JPEG", quality=80)
    write(clean / "train/happy/.DS_Store", b"x")
    write(clean / ".git/happy/x", b"x")
    report = audit(clean)
    assert found(report) == {
        ("train/happy/cut.png", "unreadable"): None,
        ("train/happy/empty.jpg", "unreadable"): None,
        ("train/happy/Thumbs.db", "not a picture"): None,
        ("train/sad/page.jpg", "not a picture"): None,
        ("train/sad/named.jpg", "wrong extension"): None,
        ("train/happy/copy.png", "exact duplicate"): "train/happy/1.png",
        ("train/happy/copy.bmp", "exact duplicate"): "train/happy/1.png",
        ("train/sad/leak.png", "exact duplicate"): "test/sad/1.png",
        ("train/sad/leak.png", "two splits"): "test/sad/1.png",
        ("train/sad/both.png", "exact duplicate"): "train/happy/2.png",
        ("train/sad/both.png", "two classes"): "train/happy/2.png",
        ("train/happy/2.png", "two classes"): "train/sad/both.png",
        ("test/sad/1.png", "near duplicate"): "test/happy/near.jpg",
    }
    assert (report.files, report.hidden) == (18, 2)
    details = {p.path.name: p.detail for p in report.problems}
    assert details["cut.png"].startswith("cut.png is damaged")
    assert "named.png" in details["named.jpg"]
    assert "in two classes" in details["1.png"] and "in two splits" not in details["1.png"]


def test_first_copy_is_from_the_test_set(tmp_path):
    for split in ("train", "validation", "test"):
        save(tmp_path / split / "a" / "z.png", photo(1))
    assert found(audit(tmp_path)) == {
        (f"{split}/a/z.png", problem): "test/a/z.png"
        for split in ("train", "validation")
        for problem in ("exact duplicate", "two splits")
    }


def test_folder_without_splits_and_chosen_classes(tmp_path):
    for seed, name in enumerate("abc"):
        save(tmp_path / name / "1.png", photo(seed))
    save(tmp_path / "c" / "2.png", photo(0))
    assert audit(tmp_path).totals()["two classes"] == 2
    report = audit(tmp_path, classes=["b", "c"])
    assert report.problems == () and report.counts == {"all": {"b": 1, "c": 2}}


def test_sizes_are_smallest_median_and_largest(tmp_path):
    for seed, size in enumerate([30, 200, 40, 20, 40]):
        save(tmp_path / "a" / f"{seed}.png", photo(seed, size))
    save(tmp_path / "a" / "large.jpg", photo(9, 2000))  # may be decoded smaller
    report = audit(tmp_path)
    assert report.sizes == ((20, 20), (40, 40), (2000, 2000))
    assert report.different_sizes == 5


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_extension_must_match_the_content(tmp_path, kind):
    right, *more = auditing.EXTENSIONS[kind]
    names = [right, right.upper(), *more, "xyz", "png" if kind != "PNG" else "jpg"]
    for i, name in enumerate(names):
        save(tmp_path / "a" / f"{i}.{name}", photo(i), kind)
    save(tmp_path / "a" / "bare", photo(99), kind)
    wrong = {p.path.name for p in audit(tmp_path).problems if p.problem == "wrong extension"}
    assert wrong == {f"{len(names) - 2}.xyz", f"{len(names) - 1}.{names[-1]}", "bare"}


PLACES = st.sampled_from([f"{s}/{c}" for s in ("train", "validation", "test") for c in ("a", "b")])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(PLACES, st.integers(0, 5)), min_size=1, max_size=14))
def test_quarantine_leaves_one_copy_no_leak_and_no_doubt(tmp_path_factory, entries):
    folder = tmp_path_factory.mktemp("faces")
    (folder / "train" / "a").mkdir(parents=True)
    for i, (place, seed) in enumerate(entries):
        save(folder / place / f"{i}.png", photo(seed, 16))
    classes = {}
    for place, seed in entries:
        classes.setdefault(seed, set()).add(place[-1])
    aside = folder.parent / f"{folder.name}-aside"
    moved = quarantine(audit(folder), aside)
    assert len(moved) == len(set(moved)) == len(files(aside))
    assert len(files(folder)) + len(moved) == len(entries)  # nothing is lost
    left = Counter(entries[int(p.stem)][1] for p in folder.rglob("*.png"))
    assert left == {seed: 1 for seed, names in classes.items() if len(names) == 1}
    if left:
        assert set(audit(folder).totals()) == set(PROBLEMS)
        assert not any(audit(folder).totals()[kind] for kind in auditing.QUARANTINED)


def test_quarantine_keeps_folders_and_what_people_must_judge(clean, tmp_path):
    bad = write(clean / "train/happy/bad.jpg", b"no")
    named = save(clean / "train/sad/named.jpg", photo(50), "PNG")
    near = save(clean / "test/sad/near.jpg", photo(6), "JPEG", quality=80)
    before = files(clean)
    assert quarantine(audit(clean), tmp_path / "aside") == [tmp_path / "aside/train/happy/bad.jpg"]
    assert not bad.exists() and named.exists() and near.exists()
    assert files(clean) == [name for name in before if name != "train/happy/bad.jpg"]
    assert (tmp_path / "aside/train/happy/bad.jpg").read_bytes() == b"no"


@pytest.mark.parametrize("place", [".", "aside", "train/happy", "../faces/aside"])
def test_quarantine_inside_the_folder_is_refused(clean, place):
    write(clean / "train/happy/bad.jpg", b"no")
    report = audit(clean)
    with pytest.raises(DataError, match="inside the audited folder"):
        quarantine(report, clean / place)
    assert (clean / "train/happy/bad.jpg").exists()


def test_quarantine_overwrites_nothing(clean, tmp_path):
    for name in ("a.jpg", "b.jpg"):
        write(clean / "train/happy" / name, b"no")
    taken = write(tmp_path / "aside/train/happy/b.jpg", b"mine")
    with pytest.raises(DataError, match="b.jpg already exists"):
        quarantine(audit(clean), tmp_path / "aside")
    assert taken.read_bytes() == b"mine"
    assert (clean / "train/happy/a.jpg").exists() and (clean / "train/happy/b.jpg").exists()


def test_quarantine_into_a_file_or_of_a_file_that_is_gone(clean, tmp_path):
    bad = write(clean / "train/happy/bad.jpg", b"no")
    report = audit(clean)
    with pytest.raises(DataError, match="cannot be moved"):
        quarantine(report, write(tmp_path / "file", b"x"))
    assert bad.exists()
    bad.unlink()
    with pytest.raises(DataError, match="audit again"):
        quarantine(report, tmp_path / "aside")


def test_text_and_csv_name_the_faults(clean, tmp_path):
    odd = 'a, "b" 😀.png'
    write(clean / "train/happy" / odd, (clean / "train/happy/1.png").read_bytes())
    for i in range(5):
        write(clean / f"train/sad/{i}.txt", b"x")
    report = audit(clean)
    text = report.text()
    assert "14 files" in text and "sizes: all 64 x 64" in text
    assert f"train/happy/{odd}" in text and "train/sad/2.txt" in text
    assert "train/sad/3.txt" not in text and "and 2 more" in text
    report.to_csv(tmp_path / "faults.csv")
    with open(tmp_path / "faults.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(report.problems) == 6
    copy = next(row for row in rows if row["problem"] == "exact duplicate")
    assert {copy["file"], copy["other file"]} == {"train/happy/1.png", f"train/happy/{odd}"}
    with pytest.raises(DataError, match="cannot be written"):
        report.to_csv(tmp_path)


def test_folder_without_a_readable_picture(tmp_path):
    write(tmp_path / "happy" / "x.jpg", b"no")
    report = audit(tmp_path)
    assert report.totals()["not a picture"] == 1 and report.sizes == ()
    assert "x.jpg" in report.text()


def test_audit_loads_nothing_heavy(clean):
    code = (
        f"import sys; from emolib.data import audit; audit({str(clean)!r});"
        "heavy = {'tensorflow', 'keras', 'sklearn', 'matplotlib', 'tqdm', 'cv2'};"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent)


def memory_runs_out(*args, **options):
    raise MemoryError


@pytest.mark.parametrize("place", ["emolib.data.dataset.open_image", "PIL.Image.Image.copy"])
def test_no_file_is_moved_because_memory_ran_out(clean, monkeypatch, place):
    before = files(clean)
    for use in (audit, scan):
        with monkeypatch.context() as patch:
            patch.setattr(place, memory_runs_out)
            with pytest.raises(DataError) as error:
                use(clean)
        one_sentence(error, "not enough memory", ".png")
    assert files(clean) == before and audit(clean).problems == ()


@pytest.mark.parametrize("place", ["pixel_digest", "perceptual_hash"])
def test_a_bug_is_no_fault_of_a_picture(clean, monkeypatch, place):
    def broken(image):
        raise ZeroDivisionError

    monkeypatch.setattr(dataset, place, broken)
    with pytest.raises(ZeroDivisionError):
        audit(clean)


@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_files_that_the_system_cannot_read_are_named_but_stay(clean, tmp_path, monkeypatch, code):
    locked = clean / "train/happy/1.png"
    write(clean / "train/happy/bad.jpg", b"no")

    def refuse(path, *args):
        if path == str(locked):
            raise OSError(code, "refused")
        return open(path, *args)

    with monkeypatch.context() as patch:
        patch.setattr("emolib.images.open", refuse, raising=False)
        report = audit(clean)
    assert ("train/happy/1.png", "unreadable") in found(report)
    assert quarantine(report, tmp_path / "aside") == [tmp_path / "aside/train/happy/bad.jpg"]
    assert locked.exists()


def test_a_disk_that_fails_while_it_is_read_is_no_fault_of_the_file(clean, tmp_path, monkeypatch):
    def fail(self):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("PIL.Image.Image.copy", fail)
        report = audit(clean)
    assert report.totals()["unreadable"] == 8
    assert quarantine(report, tmp_path / "aside") == []


def test_spreadsheets_do_not_compute_file_names(clean, tmp_path):
    write(clean / "train/happy/=1+1.png", b"no")
    moved = clean.rename(tmp_path / "=faces")
    (moved / "train").rename(moved / "=train")
    audit(moved).to_csv(tmp_path / "faults.csv")
    with open(tmp_path / "faults.csv", newline="", encoding="utf-8") as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["'=train/happy/=1+1.png"]


def test_every_broken_file_is_to_blame(tmp_path):
    cases = bad_images.make(tmp_path / "all" / "a")
    report = audit(tmp_path / "all")
    bad = {p.path for p in report.problems if p.problem in ("unreadable", "not a picture")}
    assert len(bad) > 60
    assert bad == {case.path for case in cases if case.says and os.path.isfile(case.path)}
    assert not [p.path.name for p in report.problems if p.blameless]
