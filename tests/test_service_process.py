"""The web service as a process of its own: how it starts and ends, and what clients do to it."""

import importlib.util
import os
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from bad_images import encoded, make, noisy, png
from web_service import Process, connection, files, head, reply

from emolib.cli import main
from emolib.data import selfies

MEMORY = 300  # MB that a worker may have
JPEG = {"Content-Type": "image/jpeg"}
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    service = Process(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture
def client(service):
    with service.client() as client:
        yield client


def works(client):
    answer = client.post("/predict", content=png(), headers=JPEG)
    return answer.status_code == 200 and answer.json()[0]["error"] is None


def test_it_says_where_it_is_and_logs_nothing(service, client):
    names = [("files", ("a_secret_name.jpg", content)) for content in (b"no picture", png())]
    assert client.post("/predict?face=true&a_secret=1", files=names).status_code == 200
    assert client.post("/predict", files={"a": ("a_secret", b"x" * 51_000_000)}).status_code == 413
    [line] = service.log.read_text().splitlines()
    assert line.startswith(f"emolib answers at {service.address} (API: {service.address}/docs).")
    assert service.address.startswith("http://127.0.0.1:")


@on_linux
def test_it_writes_nothing_to_disk(service, client):
    large = encoded("BMP", noisy((1800, 1800)))  # 10 MB
    form = {"files": {"a": large}, "data": {"face": "true"}}
    client.post("/predict", **form)
    before = service.written()
    for address in ("/predict", "/annotate", "/"):
        assert client.post(address, **form).status_code == 200
    assert client.post("/predict?face=true", content=large, headers=JPEG).status_code == 200
    assert service.written() == before
    assert not list(service.temporary.iterdir())


@on_linux
def test_it_needs_no_tensorflow_and_little_memory(service, client):
    assert client.post("/predict", files=files(*selfies())).status_code == 200
    with open(f"/proc/{service.process.pid}/maps") as maps:
        assert "tensorflow" not in maps.read()
    assert service.memory()[0] < MEMORY


def test_too_large_is_said_before_it_is_read(service, client):
    with connection(service.address) as wire:
        wire.sendall(head(60_000_000) + b"a few bytes")
        assert reply(wire).startswith("HTTP/1.1 413 ")
    with connection(service.address) as wire:
        wire.sendall(head())
        piece = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        for _ in range(48):  # more than the limit, and no end
            wire.sendall(piece)
        assert reply(wire).startswith("HTTP/1.1 413 ")
    assert works(client)


def test_clients_that_break_off_or_lie_do_no_harm(service, client):
    selfie = selfies()[0].read_bytes()
    for sent in (
        head(len(selfie)) + selfie[:50_000],  # it hangs up while it sends
        head(len(selfie)) + selfie,  # it hangs up before the answer
        head(100) + b"x" * 200_000,  # the body is larger than it says
        head() + b"zzz\r\n",  # no number of bytes
        head(10, kind="multipart/form-data; boundary=a") + b"--a\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",  # https
    ):
        with connection(service.address) as wire:
            wire.sendall(sent)
        assert works(client)
    with connection(service.address) as wire:
        wire.sendall(head(100) + b"x" * 200)
        assert "422" in reply(wire).partition("\r\n")[0]
    assert "Traceback" not in service.log.read_text()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_sigterm_lets_it_finish_what_it_has_begun(tmp_path, workers):
    service = Process(tmp_path, "--workers", workers)
    selfie = selfies()[0].read_bytes()
    try:
        assert len(service.workers()) == int(workers)
        with connection(service.address) as wire:
            wire.sendall(head(len(selfie), more=["Expect: 100-continue"]))
            assert wire.recv(1000).startswith(b"HTTP/1.1 100 ")  # it waits for the picture
            service.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            wire.sendall(selfie)
            assert '"label":"happy"' in reply(wire)
        assert service.process.wait(60) in (0, -signal.SIGTERM)
    finally:
        service.stop()
    assert "Traceback" not in service.log.read_text()


def test_other_machines_are_let_in_only_when_asked(tmp_path):
    service = Process(tmp_path, "--host", "0.0.0.0", "--max-mb", "1", "--model", "seven")
    try:
        assert "Other machines can reach it" in service.log.read_text()
        with service.client() as client:
            assert client.get("/health", headers={"Host": "my.example"}).status_code == 200
            assert len(client.get("/model").json()["class_names"]) == 7
            assert client.post("/", files={"a": b"x" * 1_000_001}).status_code == 413
    finally:
        service.stop()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--model", "none.onnx"], "none.onnx does not exist"),
        (["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
        (["--port", "taken"], "choose a different one"),
    ],
)
def test_it_does_not_start_and_says_why(words, says, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", *(port if word == "taken" else word for word in words)]) == 1
    said = capsys.readouterr().err.strip()
    assert says in said and "\n" not in said


def test_no_such_port(capsys):
    with pytest.raises(SystemExit):
        main(["serve", "--port", "99999"])
    assert "must be from 0 to 65535" in capsys.readouterr().err


def test_without_the_extra_the_command_that_installs_it_is_named(monkeypatch, capsys):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["serve"]) == 1
    assert 'pip install "emolib[service]"' in capsys.readouterr().err


@pytest.mark.slow
def test_hostile_pictures_are_each_a_sentence(service, client, tmp_path):
    cases = [case for case in make(tmp_path) if os.path.isfile(case.path)]
    for case in cases:
        answer = client.post("/predict", files={"a": ("a.jpg", case.path.read_bytes())})
        [item] = answer.json()
        assert answer.status_code == (422 if case.says else 200), case.path.name
        assert (item["error"] is None) == (case.says is None)
        assert case.says is None or (case.says in item["error"] and "\n" not in item["error"])
        assert client.post("/", files={"a": case.path.read_bytes()}).status_code == 200
        drawn = client.post("/annotate", content=case.path.read_bytes(), headers=JPEG)
        assert drawn.status_code == answer.status_code
    assert "Traceback" not in service.log.read_text() and works(client)


@pytest.mark.slow
def test_twenty_clients_with_three_hundred_photos(service):
    photos = [path.read_bytes() for path in selfies()]
    calm = crowd(service, photos)
    memory = service.memory()[0]
    crowd(service, photos)
    assert calm >= {200} and calm <= {200, 503}
    assert service.memory()[0] < memory + 60
    assert "Traceback" not in service.log.read_text()


def crowd(service, photos):
    """20 clients with 15 photos each; return the statuses seen, once every photo is answered."""
    seen = set()

    def visit(number):
        with service.client() as client:
            for turn in range(15):
                content = photos[(number + turn) % len(photos)]
                while True:
                    answer = client.post("/predict", content=content, headers=JPEG)
                    seen.add(answer.status_code)
                    if answer.status_code != 503:
                        break
                    time.sleep(int(answer.headers["retry-after"]))
                assert len(answer.json()[0]["faces"]) == 1

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(visit, range(20)))
    return seen
