"""Addresses that pages used to have."""

from django.db import models
from django.db.models import Q


class SlugChange(models.Model):
    """An old address of a product or a category: it answers 301 with today's."""

    old_slug = models.CharField(max_length=1000)
    product = models.ForeignKey(
        "catalog.Product", models.CASCADE, null=True, related_name="old_slugs"
    )
    category = models.ForeignKey(
        "catalog.Category", models.CASCADE, null=True, related_name="old_paths"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="slug_change_of_one_thing",
                condition=Q(product__isnull=True, category__isnull=False)
                | Q(product__isnull=False, category__isnull=True),
            ),
            models.UniqueConstraint(
                "old_slug", condition=Q(product__isnull=False), name="old_product_slug_once"
            ),
            models.UniqueConstraint(
                "old_slug", condition=Q(category__isnull=False), name="old_category_path_once"
            ),
        ]

    def __str__(self) -> str:
        return self.old_slug

    @classmethod
    def remember_categories(cls, moved: dict[str, int]) -> None:
        """Record the old paths of categories by their pk; an address in use again is forgotten."""
        from catalog.models.category import Category

        cls.objects.filter(category__isnull=False, old_slug__in=moved).delete()
        SlugChange.objects.bulk_create(
            SlugChange(old_slug=path, category_id=pk) for path, pk in moved.items()
        )
        cls.objects.filter(
            old_slug__in=Category.objects.values("path"), category__isnull=False
        ).delete()

    @classmethod
    def remember_product(cls, old_slug: str, product_id: int) -> None:
        from catalog.models.product import Product

        cls.objects.update_or_create(
            old_slug=old_slug, product__isnull=False, defaults={"product_id": product_id}
        )
        cls.objects.filter(
            product__isnull=False, old_slug__in=Product.objects.values("slug")
        ).delete()
