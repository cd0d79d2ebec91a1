"""The line above every page can be put away: in this browser, until it is closed, without a cookie and a jump."""

import time

from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Browse

# Whether the header moved, as all below the notice does if that goes late. (A web font that comes late may break
# the lines of a title anew.)
JUMPS = """
window.jumps = [];
new PerformanceObserver((list) => {
  for (const {sources} of list.getEntries()) {
    for (const {node, previousRect, currentRect} of sources) {
      const isHeader = node?.parentElement?.closest(".site-header") || node?.matches?.(".site-header");
      if (isHeader && Math.abs(previousRect.y - currentRect.y) > 9) jumps.push(node.className);
    }
  }
}).observe({type: "layout-shift", buffered: true});
"""


def jumps(page: Page) -> list[str]:
    page.wait_for_timeout(300)
    return page.evaluate("jumps")


def late(route: Route) -> None:
    """However long the script takes, nothing is drawn before it has run."""
    time.sleep(1)
    route.continue_()


def test_a_notice_stays_away_until_the_browser_is_closed(browse: Browse) -> None:
    page = browse()
    page.add_init_script(JUMPS)
    page.goto("/")
    notice = page.get_by_role("region", name="Notice")
    expect(notice.get_by_role("link")).to_have_attribute("href", "/collections/chosen/")
    assert jumps(page) == []

    page.keyboard.press("Tab")  # The way to the content comes first.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Put this notice away")).to_be_focused()
    page.keyboard.press("Enter")
    expect(notice).to_be_hidden()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.site-header') !== null")

    page.route("**/notice.js", late)
    page.goto("/search/")
    expect(page.get_by_role("region", name="Notice")).to_be_hidden()
    assert jumps(page) == []
    assert page.context.cookies() == []

    other = browse()
    other.goto("/")
    expect(other.get_by_role("region", name="Notice")).to_be_visible()


def test_a_notice_stays_where_there_are_no_scripts(browse: Browse) -> None:
    page = browse(scripts=False)
    page.goto("/")
    expect(page.get_by_role("region", name="Notice")).to_be_visible()
    expect(page.get_by_role("button", name="Put this notice away")).to_be_hidden()
