import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from emolib import __version__
from emolib.cli import main
from emolib.course import doctor, setup
from emolib.course.doctor import ERROR, OK, WARNING, Finding


def only(look) -> Finding:
    (finding,) = look()
    return finding


@pytest.mark.slow  # imports TensorFlow in a process of its own
def test_here_all_is_fine_and_one_line_says_so(capsys):
    assert main(["doctor"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert "can take half a minute" in first
    topics = [line.split(":")[0].split()[-1] for line in lines[:-3]]
    looked_at = ["Python", "packages", "kernel", "widgets", "memory", "disk", "models"]
    assert topics == [*looked_at, "TensorFlow"]
    assert "ERROR" not in "".join(lines)
    assert lines[-2] == "Send this line to your teacher:"
    assert lines[-1].startswith(f"emolib {__version__}, Python 3.")
    assert os.path.expanduser("~") not in lines[-1]


@pytest.mark.parametrize(
    ("version", "state"), [((3, 11, 0), OK), ((3, 13, 9), OK), ((3, 14, 0), ERROR)]
)
def test_a_python_newer_than_tensorflow_is_named(monkeypatch, version, state):
    monkeypatch.setattr(sys, "version_info", version)
    assert only(doctor._python).state == state


def test_an_old_package_is_named_with_the_command_that_fixes_it(monkeypatch):
    versions = setup._version
    monkeypatch.setattr(
        setup, "_version", lambda name: "7.6.0" if name == "ipywidgets" else versions(name)
    )
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    found = only(doctor._packages)
    assert found.state == ERROR
    assert 'ipywidgets 7.6.0 is not supported: run pip install "ipywidgets' in found.words


def test_a_kernel_of_a_different_python_is_found(monkeypatch, tmp_path):
    kernel = tmp_path / "kernels" / "python3"
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(
        '{"argv": ["/usr/bin/another-python", "-m", "ipykernel_launcher", "-f", "x"],'
        ' "display_name": "Python 3", "language": "python"}'
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    found = only(doctor._kernel)
    assert found.state == ERROR
    assert "python -m ipykernel install --sys-prefix" in found.words


def test_a_missing_extension_is_found_out(monkeypatch, tmp_path):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *parts: [str(tmp_path)])
    found = only(doctor._widgets)
    assert found.state == ERROR
    assert "pip install --force-reinstall ipywidgets" in found.words


@pytest.mark.parametrize(
    ("total", "free", "state", "word"),
    [
        (16.8, 9.0, OK, "9 of 17 GB"),
        (4.1, 2.6, WARNING, "one notebook at a time"),
        (8.2, 0.9, WARNING, "close other programs"),
    ],
)
def test_little_memory_is_named(monkeypatch, total, free, state, word):
    monkeypatch.setattr(doctor, "_memory_in_gb", lambda: (total, free))
    found = only(doctor._memory)
    assert found.state == state and word in found.words


def test_a_folder_that_cannot_be_written_to_is_found_out(monkeypatch):
    def refuse(dir):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    found = only(doctor._disk)
    assert found.state == ERROR and "copy the whole course" in found.words


def test_a_folder_that_can_only_be_read_is_named_where_networks_have_a_place(monkeypatch, tmp_path):
    monkeypatch.setenv("EMOLIB_MODELS", str(tmp_path / "not" / "there" / "yet"))
    monkeypatch.setattr(doctor.os, "access", lambda place, mode: False)
    found = only(doctor._disk)
    assert found.state == WARNING and "python -m emolib student" in found.words
    assert not (tmp_path / "not").exists()


def test_on_a_hub_a_learner_in_an_own_folder_is_told_where_networks_go(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    monkeypatch.delenv("EMOLIB_MODELS", raising=False)
    monkeypatch.chdir(tmp_path)
    found = only(doctor._disk)
    assert found.state == OK and found.words.endswith("your networks go to ~/emolib/models")


def test_a_full_disk_is_named(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: SimpleNamespace(free=2e8))
    found = only(doctor._disk)
    assert found.state == WARNING and "only 0.2 GB are free" in found.words


def test_a_damaged_model_is_found_out(monkeypatch, tmp_path):
    monkeypatch.setattr("emolib.inference.classifier.RELEASED", tmp_path / "emotion_model.onnx")
    found = only(doctor._models)
    assert found.state == ERROR and "does not exist" in found.words


@pytest.mark.parametrize(
    ("code", "stderr", "words"),
    [
        (-4, "", "no AVX"),
        (1, "Traceback\nImportError: DLL load failed", "ImportError: DLL load failed"),
    ],
)
def test_a_tensorflow_that_does_not_start_is_found_out(monkeypatch, code, stderr, words):
    done = subprocess.CompletedProcess([], code, "", stderr)
    monkeypatch.setattr(doctor.subprocess, "run", lambda *args, **options: done)
    found = only(doctor._tensorflow)
    assert found.state == ERROR and words in found.words


def test_a_look_that_fails_does_not_stop_the_others(monkeypatch):
    def break_off():
        raise RuntimeError("no such thing")
        yield

    monkeypatch.setattr(doctor, "_memory", break_off)
    monkeypatch.setattr(doctor, "_tensorflow", lambda: iter([]))
    found = {finding.topic: finding for finding in doctor.examine()}
    assert found["memory"].state == WARNING and "no such thing" in found["memory"].words
    assert found["models"].state == OK


def test_the_line_for_the_teacher_names_what_is_wrong():
    findings = [Finding("kernel", ERROR, ""), Finding("memory", WARNING, ""), Finding("x", OK, "")]
    assert doctor.summary(findings).endswith("; error: kernel; warning: memory")
    assert doctor.summary([]).endswith("; all ok")
