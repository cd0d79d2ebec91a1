"""Every address of the shop, and the fields of the forms that stand there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import RegexPattern, URLResolver

HOLE = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P(<\w+>)[^)]*\)")


@dataclass(frozen=True)
class Address:
    """A pattern of the urlconf as text with holes, such as /p/<slug>/, and the view it leads to."""

    text: str
    view: Any

    @property
    def holes(self) -> list[str]:
        return HOLE.findall(self.text)

    def filled(self, words: dict[str, str]) -> str:
        """The address with a word in each hole; a hole that has none gets 1, which is a key of most tables."""
        return HOLE.sub(lambda hole: words.get(hole[1], "1"), self.text)


def addresses(resolver: Any = None, before: str = "/") -> Iterator[Address]:
    for entry in (resolver or get_resolver()).url_patterns:
        text = before + text_of(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, text)
        else:
            yield Address(text, entry.callback)


def text_of(pattern: Any) -> str:
    """A pattern as a route; a regular expression without its anchors, a hole for each group."""
    if not isinstance(pattern, RegexPattern):
        return str(pattern)
    return GROUP.sub(r"\1", str(pattern)).strip("^$")


class Fields(HTMLParser):
    """The names and values that the forms of a page would send as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.select = self.area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag in {"input", "button"} and name:
            self.found.setdefault(name, value)
        elif tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
        elif tag == "option" and self.select and ("selected" in given or value):
            self.found.setdefault(self.select, value)

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found.setdefault(self.area, data.strip())
