"""What each address of the web service answers."""

import io
import json
import sys
import threading

import numpy as np
import pytest
from bad_images import encoded, not_images, png
from PIL import Image
from web_service import connection, files, head, in_thread, reply

from conftest import mouth
from emolib.cli import main
from emolib.data import selfies
from emolib.inference import load_classifier
from emolib.service import Settings, create_app, limits, uploads

JPEG = {"Content-Type": "image/jpeg"}
OPENED = []  # what this process opened for writing while `watching` is set
watching = threading.Event()


def note_writing(event, details):
    if event == "open" and watching.is_set():
        _, mode, flags = details
        if set("wax+") & set(str(mode or "")) or flags & 3:
            OPENED.append(details)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


@pytest.fixture(scope="module")
def client(classifier):
    settings = Settings(max_mb=2, hosts=("127.0.0.1", "localhost"))
    with in_thread(create_app(classifier, settings)) as client:
        yield client


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """A face, no face, and no picture."""
    folder = tmp_path_factory.mktemp("album")
    (folder / "bad.jpg").write_text("hello")
    (folder / "me.jpg").write_bytes(selfies()[0].read_bytes())
    Image.new("RGB", (64, 64)).save(folder / "wall.png")
    return folder


def sentence(answer, status):
    """Check that a refusal is one sentence; return it."""
    assert answer.status_code == status
    said = answer.json()["detail"]
    assert said.endswith((".", '").')) and "\n" not in said and "Traceback" not in said
    return said


def test_it_answers_what_the_command_line_prints(client, album, capsys):
    assert main(["predict", "--json", str(album)]) == 1
    printed = json.loads(capsys.readouterr().out)
    answer = client.post("/predict", files=files(*sorted(album.iterdir())))
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    names = ["bad.jpg", "me.jpg", "wall.png"]
    assert answer.json() == [
        facts | {"file": name} for facts, name in zip(printed, names, strict=True)
    ]


def test_one_picture_as_the_body(client, album):
    [answer] = client.post("/predict", content=(album / "me.jpg").read_bytes(), headers=JPEG).json()
    [face] = answer["faces"]
    assert answer["file"] == "" and face["label"] == "happy" and face["sure"]


@pytest.mark.parametrize("how", ["in the address", "in the form"])
def test_cropped_faces(client, tmp_path, how):
    mouth(True, 0).save(tmp_path / "face.png")
    more = {"params": {"face": "true"}} if how == "in the address" else {"data": {"face": "true"}}
    [answer] = client.post("/predict", files=files(tmp_path / "face.png"), **more).json()
    assert answer["faces"][0]["box"] == [0, 0, 48, 48]
    [without] = client.post("/predict", files=files(tmp_path / "face.png")).json()
    assert without != answer


@pytest.mark.parametrize("name", ["text.jpg", "program.eps"])
def test_the_only_picture_cannot_be_used(client, name):
    content, says = not_images()[name]
    answer = client.post("/predict", content=content, headers=JPEG)
    assert answer.status_code == 422
    [item] = answer.json()
    assert says in item["error"] and item["faces"] == [] and item["width"] == 0
    assert says in sentence(client.post("/annotate", content=content, headers=JPEG), 422)
    assert client.post("/predict", content=b"", headers=JPEG).status_code == 422


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "JPEG"),
        ("image/png", "PNG"),
        ("image/jpeg, image/png", "JPEG"),
    ],
)
def test_annotate_gives_the_picture_back(client, album, accept, kind):
    sent = files(album / "me.jpg")
    answer = client.post("/annotate", files=sent, headers={"Accept": accept})
    assert answer.headers["content-type"] == f"image/{kind.lower()}"
    with Image.open(io.BytesIO(answer.content)) as drawn, Image.open(album / "me.jpg") as photo:
        assert drawn.format == kind and drawn.size == photo.size
        colors = np.asarray(drawn.convert("RGB"), int)
    orange = np.abs(colors - (230, 159, 0)).sum(axis=2) < 60  # happy's color
    assert orange.sum() > 1000
    assert "send one" in sentence(client.post("/annotate", files=sent * 2), 400)


def test_a_picture_too_long_for_a_jpeg_is_annotated_as_a_png(client):
    long = encoded("PNG", Image.new("RGB", (66_000, 16)))
    answer = client.post("/annotate?face=true", content=long, headers=JPEG)
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"


def test_it_says_what_the_model_knows(client, classifier):
    facts = client.get("/model").json()
    assert facts["class_names"] == classifier.class_names and facts["license"] == "MIT"
    assert facts["probability"] == classifier.card.probability
    assert facts["figures"] == json.loads(json.dumps(classifier.card.figures))
    assert client.get("/health").json() == {"status": "ok"}


def test_its_description_and_its_page_need_no_other_machine(client):
    description = client.get("/openapi.json").json()
    for name in ("PhotoAnswer", "FaceAnswer", "ModelFacts", "Problem"):
        fields = description["components"]["schemas"][name]["properties"]
        assert all(field["description"] for field in fields.values()), name
    assert set(description["paths"]) == {"/predict", "/annotate", "/model", "/health"}
    page = client.get("/docs").text
    assert "://" not in page
    for address in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert address in page
        assert client.get(f"/static-offline-docs/{address}").status_code == 200


@pytest.mark.parametrize(
    ("request_", "status", "says"),
    [
        ({"content": b"a=1", "headers": {"Content-Type": "application/json"}}, 415, "no picture"),
        ({"content": b"a=1"}, 415, "curl"),
        ({"data": {"face": "true"}, "files": {"a": ("", b"")}}, 400, "no file"),
        ({"files": {"a": b"x"}, "data": {"face": "perhaps"}}, 400, "neither true nor false"),
        ({"files": {"a": b"x"}, "params": {"face": "perhaps"}}, 400, "neither true nor false"),
        ({"files": [("a", (f"{i}", b"x")) for i in range(201)]}, 413, "More than 200"),
        ({"content": b"x" * 2_000_001, "headers": JPEG}, 413, "larger than 2 MB"),
        ({"files": {"a": b"x" * 2_000_001}}, 413, "larger than 2 MB"),
        ({"files": {"a": b"x"}, "headers": {"Host": "evil.example"}}, 400, "127.0.0.1"),
        ({"files": {"a": b"x"}, "headers": {"Host": "[::1"}}, 400, "127.0.0.1"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(client, request_, status, says):
    assert says in sentence(client.post("/predict", **request_), status)
    page = client.post("/", **request_)
    if "params" not in request_:
        assert page.status_code == status and "<h1>This did not work</h1>" in page.text


@pytest.mark.parametrize(
    "kind", ["", "; boundary=x", '; boundary=x; charset="a\0b"', "; charset=zip"]
)
def test_a_broken_form_is_one_sentence(client, kind):
    content = b'--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\nb\r\n--x--\r\n'
    headers = {"Content-Type": f"multipart/form-data{kind}".replace("\0", "%00")}
    for body in (content, content[:40], b""):
        sentence(client.post("/predict", content=body, headers=headers), 400)


def test_other_addresses_and_methods(client):
    assert "/docs" in sentence(client.get("/nothing"), 404)
    answer = client.get("/predict")
    assert "GET" in sentence(answer, 405) and answer.headers["allow"] == "POST"


def test_a_refusal_does_not_hold_its_connection_up(client, monkeypatch):
    monkeypatch.setattr(limits, "LINGER", 1000)
    for content, status in ((b"no picture", 422), (b"x" * 2_000_001, 413), (b"", 422)):
        answer = client.post("/annotate", content=content, headers=JPEG)
        assert answer.status_code == status
        assert client.get("/nothing").status_code == 404


def test_names_are_shown_and_never_used(client, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    for name in (str(tmp_path / "secret.txt"), "../../etc/passwd", "<script>alert(1)</script>.png"):
        [answer] = client.post("/predict", files={"a": (name, png())}).json()
        assert answer["file"] == name.rpartition("/")[2] and answer["error"] is None
        page = client.post("/", files={"a": (name, png())})
        assert page.status_code == 200 and "<script" not in page.text


def test_the_page_answers_without_javascript(client, album):
    page = client.get("/")
    assert (
        "<script" not in page.text
        and "default-src 'none'" in page.headers["content-security-policy"]
    )
    assert '<html lang="en">' in page.text and "feels" in page.text
    page = client.post("/", files=files(*sorted(album.iterdir())))
    assert page.text.count("<article>") == 3 and page.headers["cache-control"] == "no-store"
    assert "bad.jpg is not an image" in page.text and "wall.png: no face found" in page.text
    assert "happy 98%" in page.text and page.text.count("data:image/jpeg;base64,") == 2


def test_nothing_is_written_anywhere(client, tmp_path):
    large = encoded("BMP", Image.new("RGB", (700, 700)))  # 1.5 MB: other services write a file
    form = {"files": {"a": large}, "data": {"face": "true"}}
    client.post("/predict", **form)  # what is loaded late is loaded now
    if not OPENED:
        sys.addaudithook(note_writing)
    OPENED.clear()
    watching.set()
    try:
        with open(tmp_path / "control", "w"):
            pass
        for address in ("/predict", "/annotate", "/"):
            assert client.post(address, **form).status_code == 200
        assert client.post("/", files={"a": large + large}).status_code == 413
    finally:
        watching.clear()
    assert [str(path) for path, *_ in OPENED] == [str(tmp_path / "control")]


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [(RuntimeError("a secret"), 500, "bug"), (MemoryError(), 503, "not enough memory")],
)
def test_our_own_mistakes_are_not_blamed_on_the_picture(
    classifier, monkeypatch, caplog, error, status, says
):
    def fail(*args, **options):
        raise error

    monkeypatch.setattr(classifier, "_answer", fail)
    with in_thread(create_app(classifier)) as client:
        for address in ("/predict", "/annotate"):
            said = sentence(client.post(address, content=png(), headers=JPEG), status)
            assert says in said and "secret" not in said
        answer = client.post("/predict", files=[("a", png()), ("a", png())])
        assert answer.status_code == 200 and says in answer.json()[1]["error"]
    assert "secret" not in caplog.text and "Traceback" not in caplog.text


@pytest.fixture
def held(classifier, monkeypatch):
    """Let no answer leave before this event is set."""
    go = threading.Event()
    predict = classifier.predict

    def wait(*args, **options):
        go.wait(60)
        return predict(*args, **options)

    monkeypatch.setattr(classifier, "predict", wait)
    yield go
    go.set()


def test_the_queue_is_bounded_and_the_service_stays_awake(classifier, monkeypatch, held):
    monkeypatch.setattr(limits, "PLACES", 2)
    done = []
    with in_thread(create_app(classifier)) as client:

        def ask():
            done.append(client.post("/predict", content=png(), headers=JPEG).status_code)

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(done) < 2:
            assert client.get("/health").status_code == 200
        answer = client.post("/predict", content=png(), headers=JPEG)
        assert "try again" in sentence(answer, 503) and answer.headers["retry-after"] == "2"
        held.set()
        for thread in threads:
            thread.join()
        assert sorted(done) == [200, 200, 503, 503]
        assert client.post("/predict", content=png(), headers=JPEG).status_code == 200


def test_bodies_that_wait_have_a_limit_too(classifier, monkeypatch, held):
    monkeypatch.setattr("emolib.service.app.ROOM", 1)
    with in_thread(create_app(classifier, Settings(max_mb=1))) as client:
        content = png() + b"\0" * 600_000
        done = []

        def ask():
            done.append(client.post("/predict", content=content, headers=JPEG).status_code)

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        while not done:
            client.get("/health")
        assert done == [503]
        held.set()
        for thread in threads:
            thread.join()
        assert done == [503, 200]
        assert client.post("/predict", content=content, headers=JPEG).status_code == 200


def test_a_client_that_is_slow_gives_its_place_up(classifier, monkeypatch):
    monkeypatch.setattr(uploads, "PATIENCE", 0.3)
    with in_thread(create_app(classifier)) as client:
        with connection(str(client.base_url)) as wire:
            wire.sendall(head(1000) + b"half")
            assert "408" in reply(wire).partition("\r\n")[0]
        assert client.post("/predict", content=png(), headers=JPEG).status_code == 200
