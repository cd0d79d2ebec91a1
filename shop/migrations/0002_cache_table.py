from django.db import migrations


class Migration(migrations.Migration):
    """
    The table of Django's database cache, so that `migrate` is all a fresh shop needs.

    Unlogged: after a crash of the server it is empty, which is what a cache may be, and
    writing to it costs no log.
    """

    dependencies = [("shop", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            CREATE UNLOGGED TABLE shop_cache (
                cache_key varchar(255) PRIMARY KEY,
                value text NOT NULL,
                expires timestamptz NOT NULL
            );
            CREATE INDEX shop_cache_expires ON shop_cache (expires);
            """,
            "DROP TABLE shop_cache",
        )
    ]
