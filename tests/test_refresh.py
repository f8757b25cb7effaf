"""The command that brings notebooks up to date."""

import nbformat
import pytest
import refresh_notebooks
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output


def cell_with(*outputs):
    return new_code_cell(
        "pass", outputs=list(outputs), metadata={"execution": {"iopub.status.busy": "now"}}
    )


def test_refresh_joins_what_is_printed_and_drops_what_needs_a_kernel():
    view = {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Button()"}
    parts = [new_output("stream", text="a\n"), new_output("stream", text="b\n")]
    cell = cell_with(*parts, new_output("display_data", data=view))
    refresh_notebooks.tidy(cell, 1)
    assert [o.get("text") for o in cell.outputs] == ["a\nb\n", None] and not cell.metadata
    assert cell.outputs[1].data == {"text/plain": "Button()"}
    with pytest.raises(refresh_notebooks.Refused, match="cell 3 writes to stderr:\nmind"):
        refresh_notebooks.tidy(cell_with(new_output("stream", name="stderr", text="mind")), 3)


def test_a_figure_is_stored_with_its_description():
    cell = cell_with(new_output("display_data", data={"image/png": "", "text/plain": "<Figure>"}))
    cell.metadata.alt = "A falling curve."
    refresh_notebooks.tidy(cell, 1)
    assert cell.outputs[0].metadata == {"image/png": {"alt": "A falling curve."}}


@pytest.mark.slow  # starts a kernel
def test_a_fact_that_does_not_hold_is_refused_and_not_kept(tmp_path):
    nb = new_notebook(cells=[new_code_cell("x = 1")])
    refresh_notebooks.execute(nb, tmp_path, "assert x == 1")
    assert [cell.source for cell in nb.cells] == ["x = 1"]
    with pytest.raises(refresh_notebooks.Refused, match="x == 2"):
        refresh_notebooks.execute(nb, tmp_path, "assert x == 2")


@pytest.mark.slow  # starts a kernel
def test_refresh_does_not_save_a_notebook_that_fails(tmp_path, capsys, monkeypatch):
    nb = new_notebook(cells=[new_markdown_cell("# 99\n\n<!-- badges -->"), new_code_cell("1 / 0")])
    nb.cells[1].metadata.tags = ["setup"]
    monkeypatch.setattr(refresh_notebooks, "SETUP", "1 / 0")
    monkeypatch.setattr(refresh_notebooks, "NOTEBOOKS", tmp_path)
    nbformat.write(nb, tmp_path / "99_fails.ipynb")
    before = (tmp_path / "99_fails.ipynb").read_bytes()
    assert refresh_notebooks.main(["99"]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out
    assert refresh_notebooks.main(["--check"]) == 1
    assert "out of date" in capsys.readouterr().out
    assert refresh_notebooks.main(["98"]) == 1
    assert (tmp_path / "99_fails.ipynb").read_bytes() == before


def test_setup_cell_keeps_the_note_that_no_tensorflow_is_needed():
    assert "setup_check()" in refresh_notebooks.setup_source("emolib.setup_check()")
    source = refresh_notebooks.setup_source("emolib.setup_check(tensorflow=False)")
    assert source == refresh_notebooks.setup_source(source)
    assert source.endswith("emolib.setup_check(tensorflow=False)")
