"""The view that takes photos, as a reader finds it in a page."""

try:
    from playwright.sync_api import expect
except ModuleNotFoundError:  # every test is skipped
    expect = None

PATIENCE = 90_000  # milliseconds: a machine may be slow


class PhotoView:
    """The view's parts, by what they are called."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(".emo-photos")
        self.cards = self.root.locator("article.emo-card")
        self.status = self.root.get_by_role("status")

    def wait(self):
        """Wait until the view is in the page."""
        self.root.get_by_role("button").first.wait_for()
        return self

    def button(self, name):
        return self.root.get_by_role("button", name=name)

    def choose(self, *files):
        """Choose files: paths, or a name and content each (see `pictures.file`)."""
        with self.page.expect_file_chooser() as chooser:
            self.button("Choose photos").click()
        chooser.value.set_files(list(files))

    def answers(self, n):
        """Wait for n answers and return what they say."""
        expect(self.cards).to_have_count(n)
        return self.cards.all_inner_texts()

    def sentences(self, n):
        """Wait for n answers and return the first sentence of each."""
        self.answers(n)
        return self.cards.locator(".emo-said").all_inner_texts()

    def forget(self):
        """Begin anew, as far as something was answered."""
        if self.button("Forget all").is_visible():
            self.button("Forget all").click()
        expect(self.cards).to_have_count(0)
        return self


def open_app(page, voila):
    """Open the app and wait for its view."""
    page.goto(voila.address)
    return PhotoView(page).wait()


def leave(view):
    """Close a page as a reader does: its last word tells the server so."""
    # its context stays: closed at once, it may take the last word with it on a busy machine
    with view.page.expect_event("close"):
        view.page.close(run_before_unload=True)
