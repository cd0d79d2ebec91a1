"""The line above every page can be put away: in this browser, until it is closed, without a cookie and a jump."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Browse

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries().map((each) => each.value)))
  .observe({type: "layout-shift", buffered: true});
"""


def shifts(page: Page) -> list[float]:
    page.wait_for_timeout(300)
    return page.evaluate("shifts")


def test_a_notice_stays_away_until_the_browser_is_closed(browse: Browse) -> None:
    page = browse()
    page.add_init_script(SHIFTS)
    page.goto("/")
    notice = page.get_by_role("region", name="Notice")
    expect(notice.get_by_role("link")).to_have_attribute("href", "/collections/chosen/")
    assert shifts(page) == []

    page.keyboard.press("Tab")  # The way to the content comes first.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Put this notice away")).to_be_focused()
    page.keyboard.press("Enter")
    expect(notice).to_be_hidden()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.site-header') !== null")

    page.goto("/search/")
    expect(page.get_by_role("region", name="Notice")).to_be_hidden()
    assert shifts(page) == []
    assert page.context.cookies() == []

    other = browse()
    other.goto("/")
    expect(other.get_by_role("region", name="Notice")).to_be_visible()


def test_a_notice_stays_where_there_are_no_scripts(browse: Browse) -> None:
    page = browse(scripts=False)
    page.goto("/")
    expect(page.get_by_role("region", name="Notice")).to_be_visible()
    expect(page.get_by_role("button", name="Put this notice away")).to_be_hidden()
