"""The people of the demo shop: who runs it, and a customer to sign in as."""

from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.models import User
from accounts.staff import shop_staff

# Known to everybody who reads this: given only where the shop says that it is a demo.
PASSWORD = "kiln-and-linen"  # noqa: S105
ADMIN = "admin@kilnandlinen.example"
STAFF = "staff@kilnandlinen.example"
CUSTOMER = "anna.lind@shoppers.example"
PEOPLE: dict[str, dict[str, object]] = {
    ADMIN: {"name": "Mira Albrecht", "is_staff": True, "is_superuser": True},
    STAFF: {"name": "Jonas Weber", "is_staff": True},
    CUSTOMER: {"name": "Anna Lind"},
}


def load(write: Callable[[str], object]) -> None:
    """Make the demo accounts that are not there yet; those that are stay as they are."""
    password = PASSWORD if settings.DEMO or settings.DEBUG else None
    added = [user for email in PEOPLE if (user := add(email, password))]
    group = shop_staff()
    for user in added:
        if user.email == STAFF:
            user.groups.add(group)
    write(f"{len(added)} accounts made")
    write(
        "nobody can sign in: set DEMO=true first"
        if password is None
        else f"staff: {STAFF}, {password}"
    )


def add(email: str, password: str | None) -> User | None:
    if User.objects.filter(email=email).exists():
        return None
    user = User.objects.create_user(email, password, **PEOPLE[email])
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user
