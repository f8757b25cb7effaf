"""What a reader does with a notebook in JupyterLab."""

import nbformat
from notebook_names import made_and_used

from .views import expect

A_NOTEBOOK = 300_000  # milliseconds
ERROR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']"
SETTINGS = {
    # every cell is in the page, not only those in sight
    "@jupyterlab/notebook-extension/tracker": '{"windowingMode": "none"}',
    # the widgets' state goes into a saved notebook
    "@jupyter-widgets/jupyterlab-manager/plugin": '{"saveState": true}',
    "@jupyterlab/apputils-extension/notification": '{"fetchNews": "false"}',
}


def write_settings(config):
    for plugin, text in SETTINGS.items():
        path = config / "lab" / "user-settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def open_notebook(page, server, name):
    page.goto(f"{server.address}/lab/tree/{name}?reset&token=check")
    page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()


def run_all(page):
    # prompts of folded cells are not in the page
    for words in (("View", "Expand All Code"), ("Run", "Run All Cells")):
        for word in words:
            page.get_by_role("menuitem", name=word, exact=True).click()
    finish(page)


def run_for(page, path, words):
    """Run the cell with these words in it, and before it those cells that it needs."""
    for number in needed(path, words):
        page.locator(".jp-Cell").nth(number).locator(".cm-content").click()
        page.keyboard.press("Control+Enter")
    finish(page)
    return cell(page, words)


def needed(path, words):
    """The numbers of the cells that make what the cell with these words uses, and its own."""
    cells = list(enumerate(nbformat.read(path, 4).cells))
    last = next(i for i, c in cells if c.cell_type == "code" and words in c.source)
    numbers, names = [last], made_and_used(cells[last][1].source)[1]
    for i, c in reversed(cells[:last]):
        if c.cell_type == "code":
            made, used = made_and_used(c.source)
            if made & names or "setup" in c.metadata.get("tags", ()):
                numbers.append(i)
                names = names | used
    return sorted(numbers)


def finish(page):
    """Wait until the last cell has run; all must have run well."""
    waiting = page.locator(".jp-InputPrompt", has_text="[*]")
    waiting.first.wait_for()
    expect(waiting).to_have_count(0, timeout=A_NOTEBOOK)
    assert page.locator(ERROR).all_inner_texts() == []


def cell(page, words):
    return page.locator(".jp-CodeCell", has=page.locator(".cm-content", has_text=words)).first


def save(page):
    """Save as a reader does, and wait until notebook and checkpoint are written."""
    page.locator(".jp-MarkdownCell").first.click()
    with page.expect_response(lambda r: r.request.method == "POST" and "/checkpoints" in r.url):
        page.keyboard.press("Control+s")
