"""Work in threads gives what a plain loop gives."""

import pytest

from emolib.images import map_threaded


def test_results_come_in_order(capsys):
    for progress in (False, True):
        assert map_threaded(str, range(500), "counting", progress) == [str(i) for i in range(500)]
    assert capsys.readouterr().out == ""


def test_a_failure_is_raised():
    with pytest.raises(ZeroDivisionError):
        map_threaded(lambda n: 1 // n, [2, 1, 0], "dividing", False)
