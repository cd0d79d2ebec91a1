"""What staff put together: collections, and the sections of the home page."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.image import Image
from catalog.models.product import Product


class Collection(models.Model):
    """Products chosen by hand, in an order."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    products = models.ManyToManyField(Product, through="CollectionItem", related_name="collections")

    class Meta:
        ordering = ["name"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.name


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "product"], name="collected_once")
        ]

    def __str__(self) -> str:
        return str(self.product)


class SectionKind(models.TextChoices):
    HERO = "hero", _("hero")
    CATEGORIES = "categories", _("the categories")
    COLLECTION = "collection", _("a collection")
    NEWEST = "newest", _("what is new")
    STORY = "story", _("a story")
    PROMISES = "promises", _("three promises")


class HomeSection(models.Model):
    """One part of the home page. Sections stand in their order; one that has nothing to show is left out."""

    kind = models.CharField(_("kind"), max_length=20, choices=SectionKind)
    title = models.CharField(_("title"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    byline = models.CharField(_("line above"), max_length=120, blank=True)
    link_url = models.CharField(_("link"), max_length=500, blank=True)
    link_text = models.CharField(_("words of the link"), max_length=120, blank=True)
    image = models.ForeignKey(Image, models.SET_NULL, null=True, blank=True, related_name="+")
    collection = models.ForeignKey(
        Collection, models.CASCADE, null=True, blank=True, related_name="+"
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    is_shown = models.BooleanField(_("shown"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("section of the home page")
        verbose_name_plural = _("sections of the home page")
        constraints = [
            models.CheckConstraint(
                name="home_section_collection_named",
                condition=~Q(kind="collection") | Q(collection__isnull=False),
                violation_error_message=_("Choose the collection."),
            ),
            models.CheckConstraint(
                name="home_section_link_is_local_or_http",
                condition=Q(link_url="") | Q(link_url__regex=r"^(/($|[^/\\])|https?://)"),
                violation_error_message=_("A link starts with / or with https://."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()
