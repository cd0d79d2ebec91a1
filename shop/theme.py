"""A merchant's colours, as a style sheet of the design's last layer."""

import hashlib

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
