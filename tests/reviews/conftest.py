"""Orders that reviews are written after, placed as the tests of orders do."""

from tests.orders.conftest import fill_cart, parcel, place  # noqa: F401
