"""
Paper: an A4 sheet in the shop's hand, which invoices, packing slips and pick lists are drawn on.

The shop's own font is in it. Letters that Figtree has not (Greek, Cyrillic) come from Noto Sans.
"""

from typing import Any

from django.conf import settings
from fpdf import FPDF
from fpdf.enums import XPos, YPos

VENDOR = settings.BASE_DIR / "static" / "vendor"
INK, MUTED, LINE = (38, 33, 28), (93, 84, 74), (205, 195, 182)
MARGIN, WIDTH = 20, 170  # Of A4, in millimetres.
SMALL, TEXT, TITLE, MARK = 8.5, 10, 20, 24  # In points.


class Sheet(FPDF):
    """A4 with the shop's name above each page."""

    def __init__(self, shop: str) -> None:
        super().__init__(format="A4")
        self.shop = shop
        self.set_margins(MARGIN, MARGIN, MARGIN)
        weights: dict[Any, float] = {"": 400.0, "B": 600.0}
        for style, weight in weights.items():
            for family, name in (("text", "figtree"), ("extra", "figtree-latin-ext")):
                file = VENDOR / "figtree" / f"{name}-variable.woff2"
                self.add_font(family, style, file, variations={"wght": weight})
        self.add_font("mark", "", VENDOR / "hedvig-letters-serif/hedvig-letters-serif-400.woff2")
        for script in ("greek", "cyrillic"):
            self.add_font(script, "", VENDOR / f"noto-sans/noto-sans-{script}-400.woff2")
        self.set_fallback_fonts(["extra", "greek", "cyrillic"], exact_match=False)

    def header(self) -> None:
        self.set_font("mark", "", MARK)
        self.set_text_color(*INK)
        self.cell(0, 10, self.shop, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(8)

    def write_title(self, words: str) -> None:
        self.set_font("mark", "", TITLE)
        self.set_text_color(*INK)
        self.cell(0, 10, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3)

    def write_block(
        self, text: str, *, size: float = TEXT, style: str = "", muted: bool = False, **cell: Any
    ) -> None:
        """Lines of text, one below the other, from the left margin unless `cell` says otherwise."""
        self.set_font("text", style, size)
        self.set_text_color(*(MUTED if muted else INK))
        height = size * 0.5
        place: dict[str, Any] = {"new_x": XPos.LMARGIN, "new_y": YPos.NEXT, "align": "L"} | cell
        self.multi_cell(place.pop("w", 0), height, text, **place)
