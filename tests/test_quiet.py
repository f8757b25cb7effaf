"""Compiled libraries are silenced for a moment; nothing that Python writes is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MODELS = Path(__file__).parents[1] / "models"
START = """
import logging, os, sys, threading
from emolib.model import load_model, silent_stderr

def compiled(text):
    os.write(2, (text + "\\n").encode())
"""


def stderr_of(code: str, **options) -> str:
    """Return what a program writes to stderr."""
    command = [sys.executable, "-c", START + code, MODELS]
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_only_compiled_libraries_are_silenced(unbuffered):
    said = stderr_of(
        """
logging.basicConfig(format="%(message)s")
descriptors = len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else 0
with silent_stderr():
    compiled("HIDDEN")
    logging.warning("logged")
    print("printed", file=sys.stderr)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    with silent_stderr():
        compiled("HIDDEN")
    compiled("HIDDEN")
try:
    with silent_stderr():
        raise ValueError
except ValueError:
    compiled("compiled after")
print("printed after", file=sys.stderr)
assert "<stderr>" in repr(sys.stderr)
assert descriptors == (len(os.listdir("/dev/fd")) if descriptors else 0)
""",
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
    )
    assert "HIDDEN" not in said
    assert "ZeroDivisionError: division by zero" in said
    lines = said.splitlines()
    assert lines[:2] == ["logged", "printed"]
    assert lines[-2:] == ["compiled after", "printed after"]


def test_converters_are_silenced_whole_and_only_for_a_while():
    said = stderr_of(
        """
import contextlib, io, warnings
from emolib.model import silent_output
with contextlib.redirect_stdout(io.StringIO()) as printed:
    with silent_output():
        compiled("HIDDEN")
        print("HIDDEN")
        warnings.warn("HIDDEN")
    print("printed")
warnings.warn("warned")
compiled(printed.getvalue())
"""
    )
    assert "HIDDEN" not in said and "warned" in said and "printed" in said


def test_silences_that_overlap_end_with_the_last_one():
    said = stderr_of(
        """
first, second = silent_stderr(), silent_stderr()
first.__enter__()
second.__enter__()
first.__exit__(None, None, None)
compiled("HIDDEN")
second.__exit__(None, None, None)
compiled("heard")
"""
    )
    assert said == "heard\n"


@pytest.mark.slow  # imports TensorFlow in a process of its own
def test_two_threads_that_load_models_leave_stderr_as_it_was():
    said = stderr_of(
        """
paths = [f"{sys.argv[1]}/{name}.keras" for name in ("emotion_model", "emotion_model_7")]
threads = [threading.Thread(target=load_model, args=(path,)) for path in paths]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
compiled("loaded")
threading.Thread(target=lambda: 1 / 0).start()
"""
    )
    assert said.startswith("loaded\n")
    assert said.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.slow  # imports TensorFlow in a process of its own
def test_a_model_loads_where_there_is_no_stderr():
    stderr_of('os.close(2)\nload_model(sys.argv[1] + "/emotion_model.keras")')


@pytest.mark.skipif(os.name == "nt", reason="closes a descriptor as Unix shells do")
def test_a_descriptor_that_was_never_stderr_is_left_alone(tmp_path):
    # without a stderr, the next file that is opened becomes descriptor 2
    code = START + (
        "file = open(sys.argv[1], 'w')\n"
        "assert file.fileno() == 2\n"
        "with silent_stderr():\n"
        "    file.write('kept')\n"
        "    file.flush()\n"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "mine.txt")]
    subprocess.run(["sh", "-c", 'exec "$@" 2>&-', "sh", *words])
    assert (tmp_path / "mine.txt").read_text() == "kept"
