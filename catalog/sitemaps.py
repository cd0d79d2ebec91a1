"""What search engines should know of."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from catalog.models import Category, Collection, Product
from shop.models import Page


class HomeSitemap(Sitemap):
    def items(self) -> list[str]:
        return ["catalog:home", "catalog:categories"]

    def location(self, item: str) -> str:
        return reverse(item)


class CategorySitemap(Sitemap):
    limit = 10000

    def items(self) -> QuerySet[Category]:
        return Category.objects.filter(is_listed=True).order_by("pk")


class CollectionSitemap(Sitemap):
    limit = 10000

    def items(self) -> QuerySet[Collection]:
        filled = Collection.objects.filter(is_listed=True, items__isnull=False)
        return filled.distinct().order_by("pk")


class ProductSitemap(Sitemap):
    limit = 10000

    def items(self) -> QuerySet[Product]:
        return Product.objects.listed().only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: Product) -> datetime:
        return item.updated_at


class PageSitemap(Sitemap):
    def items(self) -> QuerySet[Page]:
        return Page.objects.published().only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: Page) -> datetime:
        return item.updated_at


SITEMAPS = {
    "home": HomeSitemap,
    "categories": CategorySitemap,
    "collections": CollectionSitemap,
    "products": ProductSitemap,
    "pages": PageSitemap,
}
