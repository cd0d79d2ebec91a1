"""HTML that people bring in: kept to what a page of words needs."""

import nh3

TAGS = {
    *(
        "p",
        "br",
        "hr",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "div",
        "strong",
        "b",
        "em",
        "i",
        "u",
        "s",
        "small",
        "sub",
        "sup",
    ),
    *("ul", "ol", "li", "dl", "dt", "dd", "blockquote", "code", "pre", "a"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "th": {"scope", "colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
}


def clean_html(html: str) -> str:
    """
    Return the HTML without scripts, styles, events, frames and unknown addresses.

    What an element says stays when the element goes, except for scripts and styles. Cleaning
    twice is cleaning once.
    """
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener",
    ).strip()
