"""What a shopper reads about."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from mptt.fields import TreeForeignKey, TreeManyToManyField

from catalog.addresses import product_address
from catalog.models.category import Category
from catalog.models.image import Image
from catalog.models.tax import TaxClass
from shop.html import clean_html


class Brand(models.Model):
    """Who makes it."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        constraints = [models.UniqueConstraint(Lower("name"), name="brand_name_once")]

    def __str__(self) -> str:
        return self.name


class ProductStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("active")
    ARCHIVED = "archived", _("archived")


class ProductQuerySet(models.QuerySet["Product"]):
    def listed(self) -> Self:
        """What shoppers may see and buy now: active, and its day has come."""
        return self.filter(Product.listed_q())

    def within(self, category: Category) -> Self:
        """What stands in the category or below it, be it there first or as well."""
        below = Category.objects.filter(
            tree_id=category.tree_id, lft__gte=category.lft, rght__lte=category.rght
        ).values("pk")
        also = Product.categories.through.objects.filter(category_id__in=below).values("product_id")
        return self.filter(Q(category_id__in=below) | Q(pk__in=also))


class Product(models.Model):
    """A thing with a page of its own; what is priced, counted and sold are its variants."""

    name = models.CharField(_("name"), max_length=255)
    slug = models.SlugField(_("slug"), max_length=255, unique=True)
    description = models.TextField(
        _("description"), blank=True, help_text=_("HTML; scripts and styles are removed.")
    )
    brand = models.ForeignKey(
        Brand,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("brand"),
    )
    category = TreeForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="products",
        verbose_name=_("category"),
    )
    categories = TreeManyToManyField(
        Category, blank=True, related_name="also_products", verbose_name=_("also in")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=ProductStatus, default=ProductStatus.DRAFT
    )
    publish_at = models.DateTimeField(_("show from"), default=timezone.now)
    tax_class = models.ForeignKey(
        TaxClass, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("tax class"),
        help_text=_("Empty for the usual rate."),
    )  # fmt: skip
    max_per_customer = models.PositiveIntegerField(
        _("most for one customer"), null=True, blank=True,
        help_text=_("Over all their orders, all its variants together. Empty for as many as they like."),
    )  # fmt: skip
    tags = ArrayField(
        models.CharField(max_length=255), default=list, blank=True, verbose_name=_("tags")
    )
    seo_title = models.CharField(_("title for search engines"), max_length=255, blank=True)
    seo_description = models.CharField(
        _("description for search engines"), max_length=500, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    # Kept by `catalog.listing.refresh_listing`, recomputed by `manage.py rebuild_listing`.
    price_from = models.DecimalField(max_digits=12, decimal_places=2, null=True, editable=False)
    price_to = models.DecimalField(max_digits=12, decimal_places=2, null=True, editable=False)
    was_price = models.DecimalField(max_digits=12, decimal_places=2, null=True, editable=False)
    is_available = models.BooleanField(default=False, editable=False)
    cover = models.ForeignKey(Image, models.SET_NULL, null=True, editable=False, related_name="+")
    search = SearchVectorField(null=True, editable=False)
    # Kept by reviews and by orders.
    rating = models.DecimalField(max_digits=3, decimal_places=2, null=True, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    sold_count = models.PositiveIntegerField(default=0, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(
                name="product_status_known", condition=Q(status__in=["draft", "active", "archived"])
            ),
            models.CheckConstraint(
                name="product_rating_between_1_and_5",
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
            ),
            models.CheckConstraint(
                name="product_most_for_one",
                condition=Q(max_per_customer__isnull=True) | Q(max_per_customer__gte=1),
                violation_error_message=_("One customer may have one at least."),
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="product_search"),
            GinIndex(fields=["name"], name="product_name_trigrams", opclasses=["gin_trgm_ops"]),
            # For what is shown beside a product.
            models.Index(
                fields=["category", "-is_available", "-sold_count", "-id"],
                condition=Q(status="active"),
                name="product_beside",
            ),
            models.Index(fields=["status", "-publish_at"], name="product_newest"),
            # The orders of `catalog.sorting`, walked by long lists.
            models.Index(
                fields=["-is_available", "-sold_count", "-publish_at", "-id"],
                condition=Q(status="active"),
                name="product_featured",
            ),
            models.Index(
                fields=["-publish_at", "-id"],
                condition=Q(status="active"),
                name="product_by_age",
            ),
            models.Index(
                F("rating").desc(nulls_last=True),
                F("rating_count").desc(),
                F("id").desc(),
                condition=Q(status="active"),
                name="product_by_rating",
            ),
            models.Index(
                fields=["price_from", "id"],
                condition=Q(status="active"),
                name="product_by_price",
            ),
            models.Index(
                F("price_from").desc(nulls_last=True),
                F("id").desc(),
                condition=Q(status="active"),
                name="product_by_price_falling",
            ),
            models.Index(
                fields=["-sold_count", "-publish_at", "-id"],
                condition=Q(status="active"),
                name="product_bestselling",
            ),
            # For the picture that a category without one of its own borrows.
            models.Index(
                fields=["category", "-publish_at"],
                name="product_pictured",
                condition=Q(status="active", cover__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it with clean HTML; an address that changed stays known and answers with the new one."""
        self.description = clean_html(self.description)
        super().save(*args, **kwargs)
        if self._loaded_slug and self._loaded_slug != self.slug:
            from catalog.models.slug import SlugChange

            SlugChange.remember_product(self._loaded_slug, self.pk)
        self._loaded_slug = self.slug

    def get_absolute_url(self) -> str:
        return product_address(self.slug)

    @classmethod
    def from_db(cls, db: Any, field_names: Any, values: Any, **kwargs: Any) -> Self:
        product = super().from_db(db, field_names, values, **kwargs)
        product._loaded_slug = product.__dict__.get("slug", "")
        return product

    _loaded_slug = ""

    @staticmethod
    def listed_q(way: str = "") -> Q:
        """What `listed()` filters by, for a query that reaches products by a way such as "product__"."""
        is_active = {f"{way}status": ProductStatus.ACTIVE}
        return Q(**is_active, **{f"{way}publish_at__lte": timezone.now()})

    @property
    def is_listed(self) -> bool:
        return self.status == ProductStatus.ACTIVE and self.publish_at <= timezone.now()

    @property
    def is_known(self) -> bool:
        """Does its page tell a shopper anything, be it that it is not sold any more?"""
        return self.is_listed or self.status == ProductStatus.ARCHIVED

    @cached_property
    def is_single(self) -> bool:
        """Is it sold in one form only, with nothing to choose?"""
        return not self.product_options.exists()
