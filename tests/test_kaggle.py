"""Kaggle's answers, good and bad, with the real kagglehub."""

import errno
import io
import json
import os
import sys
import zipfile

import pytest

from conftest import below, one_sentence
from emolib.data import DataError, download_fer2013, fer2013

requests = pytest.importorskip("requests")
kagglehub = pytest.importorskip("kagglehub")


@pytest.fixture
def answers(tmp_path, monkeypatch):
    """Return Kaggle's answers: {request: (status, content)}; nothing is sent anywhere."""
    for name in [name for name in os.environ if name.startswith("KAGGLE")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fer2013, "FER2013_COUNTS", {"train": {"a": 2}, "test": {"a": 1}})
    answers = {"GetDataset": (200, json.dumps({"currentVersionNumber": 1}).encode())}

    def send(session, request, timeout=None, **options):
        assert timeout == (10, 60)  # without one, a stalled download never ends
        response = requests.Response()
        response.url = request.url
        response.status_code, content = answers[request.url.rpartition("/")[2]]
        kind = "json" if content.startswith(b"{") else "zip"
        response.headers = {"Content-Type": f"application/{kind}", "Content-Length": len(content)}
        response.raw = io.BytesIO(content)
        return response

    monkeypatch.setattr(requests.Session, "send", send)
    return answers


def packed(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, b"x")
    return 200, file.getvalue()


def refusal(tmp_path, *words):
    with pytest.raises(DataError) as error:
        download_fer2013(tmp_path / "data/fer", progress=False)
    one_sentence(error, *words)
    assert not (tmp_path / "data").exists()
    return str(error.value)


def test_data_set_is_downloaded_unpacked_and_copied(answers, tmp_path, capfd):
    names = ["test/a/1.jpg", "train/a/1.jpg", "train/a/2.jpg"]
    answers["DownloadDataset"] = packed(*names)
    assert below(download_fer2013(tmp_path / "data/fer", progress=False)) == names
    assert capfd.readouterr() == ("", "")


def test_incomplete_download_names_its_folder(answers, tmp_path):
    answers["DownloadDataset"] = packed("train/a/1.jpg", "test/a/1.jpg")
    place = str(tmp_path / "cache/datasets/msambare")
    refusal(tmp_path, place, "train/a has 1 pictures, not 2", "delete this folder")
    assert kagglehub.http_resolver.build_kaggle_client is kagglehub.clients.build_kaggle_client


@pytest.mark.parametrize("request_name", ["GetDataset", "DownloadDataset"])
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, ["does not accept the key on this computer (401)", "~/.kaggle"]),
        (403, ["does not allow the download (403)", "with a browser"]),
        (404, ["no longer has msambare/fer2013 (404)"]),
        (500, ["cannot be downloaded (", "internet"]),
    ],
)
def test_refusals_have_sentences(answers, tmp_path, request_name, status, words):
    body = json.dumps({"code": status, "message": "no\nway"}).encode()
    answers[request_name] = (status, body)
    assert refusal(tmp_path, *words).endswith(fer2013.OWN_COPY)


def test_missing_connection_is_one_sentence_with_both_ways(answers, tmp_path, monkeypatch, capfd):
    def send(*args, **options):
        raise requests.ConnectionError("HTTPSConnectionPool: Max retries exceeded")

    monkeypatch.setattr(requests.Session, "send", send)
    refusal(tmp_path, "cannot be downloaded (ConnectionError)", "internet", fer2013.OWN_COPY)
    assert capfd.readouterr() == ("", "")


def test_cache_that_cannot_be_written_is_named(answers, tmp_path):
    (tmp_path / "cache").write_text("a file")
    text = refusal(tmp_path, f"cannot be saved in {tmp_path / 'cache'} (", "KAGGLEHUB_CACHE")
    assert "internet" not in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), ["The disk is full", "free 300 MB"]),
        (PermissionError(errno.EACCES, "Permission denied"), ["(Permission denied)", "may write"]),
        (MemoryError(), None),
    ],
)
def test_faults_of_the_computer_do_not_blame_the_internet(tmp_path, monkeypatch, error, words):
    def dataset_download(handle):
        raise error

    monkeypatch.setattr(kagglehub, "dataset_download", dataset_download)
    if words:
        assert "internet" not in refusal(tmp_path, *words)
        return
    with pytest.raises(MemoryError):
        download_fer2013(tmp_path / "fer", progress=False)


def test_missing_kagglehub_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    refusal(tmp_path, "package kagglehub", "pip install kagglehub")
