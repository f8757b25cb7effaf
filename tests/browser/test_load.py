"""Ten readers at once, and what is left when they have gone."""

import time

import psutil
import pytest

from .pictures import file, photo
from .views import leave, open_app

pytestmark = pytest.mark.browser
READERS = 10
PATIENCE = 30  # seconds


def test_ten_readers_at_once_are_answered_and_leave_nothing(new_page, voila, happy, capsys):
    leave(open_app(new_page(), voila))
    wait_for_no_kernel(voila)
    before, start = megabytes(voila), time.monotonic()
    # one after the other: who opens a page while ten kernels start may have to load it again
    views = [open_app(new_page(), voila) for _ in range(READERS)]
    opened = time.monotonic() - start
    for number, view in enumerate(views):
        selfie = photo(happy[number % len(happy)], f"reader {number}.jpg")
        view.choose(selfie, file("broken.jpg", selfie["buffer"][:2000]))
    for number, view in enumerate(views):
        answer, broken = view.answers(2)
        assert f"reader {number}.jpg: 1 face" in answer and "happy" in answer
        assert broken.startswith("broken.jpg is damaged")
    answered, most = time.monotonic() - start - opened, megabytes(voila)
    assert len(voila.kernels()) == READERS
    for view in views:
        leave(view)
    wait_for_no_kernel(voila)
    after = megabytes(voila)
    with capsys.disabled():
        print(f"\n{READERS} pages opened in {opened:.0f} s, all answered {answered:.0f} s later;")
        print(f"{before:.0f} MB before, {most:.0f} MB at most, {after:.0f} MB after")
    assert after < before + 100


def megabytes(server):
    family = [psutil.Process(server.process.pid), *server.kernels()]
    return sum(process.memory_info().rss for process in family) / 1e6


def wait_for_no_kernel(server):
    end = time.monotonic() + PATIENCE
    while server.kernels() and time.monotonic() < end:
        time.sleep(0.1)
    assert server.kernels() == []
