"""What templates may say without loading anything."""

from decimal import Decimal

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from django.test.utils import override_script_prefix

from shop.templatetags.shop import icon, percent_off, wordmark


def test_an_ampersand_in_the_name_has_a_span_of_its_own() -> None:
    assert wordmark("Kiln & Linen") == "Kiln <span>&amp;</span> Linen"


def test_a_name_is_escaped() -> None:
    assert wordmark("<b>Mercer") == "&lt;b&gt;Mercer"


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in icon("x", kind="s flip")
    assert 'class="icon icon--s icon--flip"' in icon("x", kind="s flip")
    assert 'role="img" aria-label="Close"' in icon("x", "Close")


@pytest.mark.parametrize(
    ("price", "was", "percent"),
    [("32.00", "38.00", 15), ("50.00", "100.00", 50), ("99.99", "100.00", 0)],
)
def test_a_reduction_is_never_rounded_up(price: str, was: str, percent: int) -> None:
    assert percent_off(Decimal(price), Decimal(was)) == percent


def pages(path: str, number: int, of: int = 100) -> str:
    request = RequestFactory().get(path)
    context = Context({"page": Paginator(range(of), 10).page(number), "request": request})
    context.request = request  # type: ignore[attr-defined]
    return get_template("_pagination.html").template.render(context)  # type: ignore[attr-defined]


def test_page_one_has_no_number_in_its_address() -> None:
    html = pages("/c/mugs/?page=2", 2)

    assert 'href="/c/mugs/" aria-label="Page 1"' in html
    assert 'href="?page=3"' in html


def test_page_links_keep_what_else_the_address_says() -> None:
    html = pages("/c/mugs/?colour=red&page=2", 2)

    assert 'href="/c/mugs/?colour=red" aria-label="Page 1"' in html
    assert 'href="?colour=red&amp;page=3"' in html


def test_a_list_of_one_page_has_no_links() -> None:
    assert pages("/c/mugs/", 1, of=3).strip() == ""


def test_an_address_that_a_template_names_is_remembered_by_how_the_shop_is_reached() -> None:
    link = Template('{% url "shop:page" "returns" %}')

    assert link.render(Context()) == link.render(Context()) == "/pages/returns/"
    with override_script_prefix("/house/"):
        assert link.render(Context()) == "/house/pages/returns/"
    assert link.render(Context()) == "/pages/returns/"


def test_an_address_of_something_is_written_anew_for_each() -> None:
    link = Template('{% url "shop:page" slug %}')

    assert [link.render(Context({"slug": slug})) for slug in ("returns", "terms")] == [
        "/pages/returns/",
        "/pages/terms/",
    ]
