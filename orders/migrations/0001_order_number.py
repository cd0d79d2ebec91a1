"""Where order numbers come from."""

from django.db import migrations


class Migration(migrations.Migration):
    operations = [migrations.RunSQL("CREATE SEQUENCE order_number START 100001", "DROP SEQUENCE order_number")]
