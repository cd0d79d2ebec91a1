"""Where a cart goes, as far as prices depend on it."""

from dataclasses import dataclass

from accounts.models import PostalAddress


@dataclass(frozen=True)
class Destination:
    """A country by its two letters, and within it a region and a postcode, where they are known."""

    country: str
    region: str = ""
    postcode: str = ""

    @classmethod
    def of(cls, address: PostalAddress) -> "Destination":
        return cls(str(address.country), address.region, address.postcode)

    @property
    def area(self) -> str:
        """The region with its country: US-CA."""
        return f"{self.country}-{self.region}"
