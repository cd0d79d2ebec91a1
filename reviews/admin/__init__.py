"""Reviews, as staff see them."""

from reviews.admin import photo, review, settings

__all__ = ["photo", "review", "settings"]
