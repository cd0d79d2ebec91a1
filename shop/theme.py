"""A merchant's colours, as a style sheet of the design's last layer."""

import hashlib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from shop.models import ShopSettings

APPEARANCES = ["light", "dark"]

# A colour that is not set keeps the design's own of static/css/tokens.css.
DESIGN = {
    "paper": ("#ece6de", "#191613"),
    "ink": ("#26211c", "#efe8dd"),
    "clay": ("#94442a", "#e39a78"),
    "on_clay": ("#fff9f3", "#23140c"),
    "pine": ("#2c5243", "#a3c9b3"),
}


def theme_css(shop: ShopSettings) -> str:
    """Return the style sheet. Colours were validated, so nothing in it can end a declaration."""
    lines = []
    for name, (design_light, design_dark) in DESIGN.items():
        light, dark = getattr(shop, f"{name}_light"), getattr(shop, f"{name}_dark")
        if light or dark:
            pair = f"{light or design_light}, {dark or design_dark}"
            lines.append(f"    --{name.replace('_', '-')}: light-dark({pair});")
    if not lines:
        return ""
    return "@layer theme {\n  :root {\n" + "\n".join(lines) + "\n  }\n}\n"


def theme_version(shop: ShopSettings) -> str:
    """Return the hash of the style sheet, which its address carries; empty for the design's own."""
    css = theme_css(shop)
    return hashlib.sha256(css.encode()).hexdigest()[:12] if css else ""


# What is read on what. 4.5 : 1 is what WCAG asks of text.
READ_ON = [("ink", "paper"), ("clay", "paper"), ("pine", "paper"), ("on_clay", "clay")]
LEAST_CONTRAST = 4.5


def unreadable_pairs(shop: ShopSettings) -> Iterator[tuple[str, str]]:
    """Yield a field and a sentence for each colour that is too close to what it is read on."""
    for index, mode in enumerate(["light", "dark"]):
        for text, ground in READ_ON:
            if not (getattr(shop, f"{text}_{mode}") or getattr(shop, f"{ground}_{mode}")):
                continue
            colours = [getattr(shop, f"{n}_{mode}") or DESIGN[n][index] for n in (text, ground)]
            if (ratio := contrast(*colours)) < LEAST_CONTRAST:
                words = _(
                    "Text in %(text)s on %(ground)s has a contrast of %(ratio).1f; 4.5 is needed."
                )
                changed = text if getattr(shop, f"{text}_{mode}") else ground
                yield (
                    f"{changed}_{mode}",
                    words % {"text": colours[0], "ground": colours[1], "ratio": ratio},
                )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours like #94442a as WCAG 2 reckons it: from 1 to 21."""
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
