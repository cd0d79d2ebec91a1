"""
What crawlers may read, and under which address they know a page.

One list is one page to them, however it is filtered and sorted: filtered and re-sorted lists say so
(`noindex, follow`), and robots.txt asks not to fetch them at all. The pages of a list are pages of
their own, each with its own address; a search is none. The rest is in the templates that are nobody's
but the shopper's (base_account.html, base_enclosed.html, base_error.html: `noindex`).
"""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django_countries import countries

from catalog.models import Category
from catalog.structured import absolute
from shop.models import Page, ShopSettings

FOLLOW_ONLY = "noindex, follow"

# Beginnings of paths; of rules that fit a path the longest holds.
CLOSED = ["/admin/", "/account/", "/cart/", "/checkout/", "/orders/", "/payments/", "/appearance/"]
CLOSED_QUERIES = ["/c/*?", "/collections/*?", "/search/?"]
OPEN_QUERIES = ["/c/*?page=", "/collections/*?page="]
CLOSED_AGAIN = ["/c/*?page=*&", "/collections/*?page=*&"]

TOLD = 200  # Categories that llms.txt names; its readers want to know the shop, not its catalogue.


def robots_of_list(request: HttpRequest, form: Any) -> str:
    """What a list tells crawlers of itself; "" for the list as it is."""
    is_as_it_is = not form.chips and not request.GET.get("sort")
    return "" if is_as_it_is else FOLLOW_ONLY


def robots_txt() -> str:
    rules = [f"Disallow: {path}" for path in [*CLOSED, *CLOSED_QUERIES]]
    rules += [f"Allow: {path}" for path in OPEN_QUERIES]
    rules += [f"Disallow: {path}" for path in CLOSED_AGAIN]
    sitemap = f"Sitemap: {absolute(reverse('catalog:sitemaps'))}"
    return "\n".join(["User-agent: *", *rules, "", sitemap, ""])


def open_categories() -> Iterator[Category]:
    """The categories that can be reached, in the order of the tree: none inside a hidden one."""
    hidden_tree, hidden_until = 0, 0
    for each in Category.objects.select_related("image").order_by("tree_id", "lft"):
        if each.tree_id == hidden_tree and each.rght <= hidden_until:
            continue
        if each.is_listed:
            yield each
        else:
            hidden_tree, hidden_until = each.tree_id, each.rght


def llms_txt() -> str:
    """The shop in a page of Markdown, by the proposal of llmstxt.org: a title, a summary, lists of links."""
    shop = ShopSettings.load()
    parts = [f"# {plain(shop.name)}"]
    if shop.tagline:
        parts.append(f"> {plain(shop.tagline)}")
    parts += [about(shop), *sections()]
    return "\n\n".join(part for part in parts if part) + "\n"


def about(shop: ShopSettings) -> str:
    told = [
        f"An online shop in {countries.name(str(shop.country))}; prices are in {shop.currency}."
    ]
    if shop.legal_name:
        told.append(f"It belongs to {plain(shop.legal_name)}.")
    if shop.email:
        told.append(f"Questions go to {shop.email}.")
    told.append("Each product has one page, with its variants, prices and stock as JSON-LD.")
    return " ".join(told)


def sections() -> Iterator[str]:
    upper = [each for each in open_categories() if each.level <= 1][:TOLD]
    pages = Page.objects.published().order_by("title")
    lists = {
        "Categories": [link(each.name, each.get_absolute_url(), each.description) for each in upper],
        "Pages": [link(each.title, each.get_absolute_url(), each.description) for each in pages],
        "Optional": [
            link("All categories", reverse("catalog:categories")),
            link("Search", reverse("catalog:search"), "Takes what is looked for as ?q=."),
            link("Product feed", reverse("catalog:google_feed"), "Every variant, in Google's format."),
            link("Sitemap", reverse("catalog:sitemaps"), "Every page, with the day it last changed."),
        ],
    }  # fmt: skip
    for title, links in lists.items():
        if links:
            yield "\n".join([f"## {title}", "", *links])


def link(name: str, path: str, told: str = "") -> str:
    line = f"- [{plain(name)}]({absolute(path)})"
    return f"{line}: {plain(told)}" if told else line


def plain(text: str) -> str:
    """One line in which nothing is Markdown but what this module wrote."""
    escaped = str(text).replace("\\", "\\\\")
    for mark in "[]<>`*_#":
        escaped = escaped.replace(mark, f"\\{mark}")
    return " ".join(escaped.split())
