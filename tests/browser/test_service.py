"""The web service's own page, in a browser that runs no JavaScript, and its page of the API."""

import pytest
from web_service import Process

from emolib.data import portraits

from .conftest import HEIGHT, WIDTH
from .views import PATIENCE, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    service = Process(tmp_path_factory.mktemp("service"))
    yield service
    service.stop()


@pytest.fixture
def plain_page(chromium, visits):
    """A page where no JavaScript runs."""
    size = {"width": WIDTH, "height": HEIGHT}
    page = chromium.new_context(viewport=size, java_script_enabled=False).new_page()
    page.set_default_timeout(PATIENCE)
    visits.append(page)
    return page


def test_a_portrait_is_answered_without_javascript(plain_page, service, happy, tmp_path):
    (tmp_path / "letter.jpg").write_text("Dear diary")
    portrait = tmp_path / "portrait.png"
    next(one for one in portraits() if one.expression == "sad").image.save(portrait)
    page = plain_page
    page.goto(service.address)
    page.get_by_label("Photos").set_input_files([portrait, happy[0], tmp_path / "letter.jpg"])
    page.get_by_role("button", name="Answer").click()
    cards = page.get_by_role("article")
    expect(cards).to_have_count(3)
    expect(cards.nth(0)).to_contain_text("portrait.png: 1 face")
    expect(cards.nth(1)).to_contain_text("happy")
    expect(cards.nth(2)).to_contain_text("letter.jpg is not an image")
    for number in range(2):
        box = cards.nth(number).get_by_role("img").bounding_box()
        assert min(box["width"], box["height"]) > 99
    expect(page.get_by_text("It does not see what someone feels")).to_be_visible()


def test_its_page_has_no_serious_fault_of_accessibility(page, service, happy):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()

    # the page itself allows no script; here one looks at it
    context = page.context.browser.new_context(bypass_csp=True)
    looked_at = context.new_page()
    looked_at.goto(service.address)
    looked_at.get_by_label("Photos").set_input_files(happy[:2])
    looked_at.get_by_role("button", name="Answer").click()
    expect(looked_at.get_by_role("article")).to_have_count(2)
    found = axe.run(looked_at).response["violations"]
    context.close()
    assert [(fault["id"], fault["impact"]) for fault in found] == []


def test_the_page_of_the_api_asks_no_other_machine(page, service):
    page.goto(f"{service.address}/docs")
    page.get_by_text("Classify every face in one or more pictures").click()
    expect(page.get_by_text("One item per picture, in the order")).to_be_visible()
