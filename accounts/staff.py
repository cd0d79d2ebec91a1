"""Who works here, and what that lets them do."""

from django.contrib.auth.models import Group, Permission

# "catalog.*" is all that can be done with the tables of an app; the rest is named by verb and table.
SHOP_STAFF = [
    "catalog.*",
    "cart.*",
    "reviews.*",
    "orders.view",
    "orders.change",
    "orders.add_giftcard",
    "accounts.view",
    "accounts.erase_user",
    "shop.view",
    "shop.change",
    "shop.add_page",
]
# Records that nobody types over, and what opens doors.
NEVER = {
    "change_user",
    "change_shipment",
    "change_paymentevent",
    "change_orderevent",
    "change_giftcardentry",
}


def shop_staff() -> Group:
    """
    Return the group of those who run the shop, with exactly its permissions.

    They keep the catalogue, coupons, reviews and pages, and move orders along by the verbs. They see
    customers, and can neither change accounts nor make staff. Run after `migrate`, which writes
    the permissions.
    """
    group, _is_new = Group.objects.get_or_create(name="Shop staff")
    granted = [
        each for each in Permission.objects.select_related("content_type") if is_granted(each)
    ]
    group.permissions.set(granted)
    return group


def is_granted(permission: Permission) -> bool:
    app, verb = permission.content_type.app_label, permission.codename.split("_")[0]
    names = {f"{app}.*", f"{app}.{verb}", f"{app}.{permission.codename}"}
    return permission.codename not in NEVER and not names.isdisjoint(SHOP_STAFF)
