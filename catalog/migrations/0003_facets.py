from django.db import migrations, models
from django.db.models.deletion import CASCADE
from django.db.models.functions import Lower

import catalog.models.facet

FACET_KINDS = [
    (1, "Listed"),
    (2, "Rating"),
    (3, "Brand"),
    (4, "Category"),
    (5, "Attribute"),
    (11, "In Stock"),
    (12, "Sale"),
    (13, "Price"),
    (14, "Option"),
]


def key():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_initial")]

    operations = [
        migrations.CreateModel(
            name="FacetColumn",
            fields=[
                ("id", key()),
                ("kind", models.PositiveSmallIntegerField(choices=FACET_KINDS)),
                ("owner", models.PositiveBigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "facet column",
                "verbose_name_plural": "facet columns",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "owner"), name="facet_column_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="FacetValue",
            fields=[
                ("id", key()),
                ("code", models.PositiveIntegerField()),
                ("label", models.CharField(max_length=255)),
                ("slug", models.CharField(max_length=255)),
                (
                    "column",
                    models.ForeignKey(
                        on_delete=CASCADE, related_name="values", to="catalog.facetcolumn"
                    ),
                ),
                ("ref", models.PositiveBigIntegerField(null=True)),
            ],
            options={
                "verbose_name": "facet value",
                "verbose_name_plural": "facet values",
                "indexes": [models.Index(fields=["slug"], name="facet_value_slug")],
                "constraints": [
                    models.UniqueConstraint(fields=("column", "code"), name="facet_value_code_once"),
                    models.UniqueConstraint(fields=("column", "ref"), name="facet_value_ref_once"),
                    models.UniqueConstraint(
                        models.F("column"),
                        Lower("label"),
                        condition=models.Q(("ref", None)),
                        name="facet_value_label_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FacetBlock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "column_id",
                        "layer",
                        "place",
                        "block",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("layer", models.PositiveSmallIntegerField()),
                ("place", models.PositiveSmallIntegerField()),
                ("block", models.PositiveIntegerField()),
                ("bits", catalog.models.facet.BitField()),
                (
                    "column",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=CASCADE,
                        related_name="blocks",
                        to="catalog.facetcolumn",
                    ),
                ),
            ],
            options={
                "verbose_name": "facet block",
                "verbose_name_plural": "facet blocks",
                "indexes": [models.Index(fields=["block"], name="facet_block_place")],
            },
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["-is_available", "-sold_count", "-publish_at", "-id"],
                name="product_featured",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["-publish_at", "-id"],
                name="product_by_age",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                models.OrderBy(models.F("rating"), descending=True, nulls_last=True),
                models.OrderBy(models.F("rating_count"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("status", "active")),
                name="product_by_rating",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["price_from", "id"],
                name="product_by_price",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                models.OrderBy(models.F("price_from"), descending=True, nulls_last=True),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("status", "active")),
                name="product_by_price_falling",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("status", "active")),
                fields=["-sold_count", "-publish_at", "-id"],
                name="product_bestselling",
            ),
        ),
    ]
