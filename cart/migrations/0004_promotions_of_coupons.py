"""Each coupon of before gets a promotion of its own, with what it took off."""

from django.db import migrations


def make_promotions(apps, schema_editor):
    Coupon = apps.get_model("cart", "Coupon")
    Promotion = apps.get_model("cart", "Promotion")
    for coupon in Coupon.objects.filter(promotion=None).order_by("pk"):
        coupon.promotion = Promotion.objects.create(
            name=coupon.code,
            needs_code=True,
            percent=coupon.percent,
            minimum=coupon.minimum or None,
        )
        coupon.save(update_fields=["promotion"])


# The history of before knows no promotion: that of the coupon, or of one that is gone, none (0).
HISTORY = """
    UPDATE cart_couponchange SET promotion_id = coalesce(
        (SELECT promotion_id FROM cart_coupon WHERE cart_coupon.id = cart_couponchange.pgh_obj_id), 0
    ) WHERE promotion_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("cart", "0003_promotions")]

    operations = [
        migrations.RunPython(make_promotions, migrations.RunPython.noop),
        migrations.RunSQL(HISTORY, migrations.RunSQL.noop),
    ]
