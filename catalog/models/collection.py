"""What staff put together: collections, and the sections of the home page."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models.dated import LINK_PATTERN, Dated
from catalog.models.image import Image
from catalog.models.product import Product


class CollectionSort(models.TextChoices):
    """The names of `catalog.sorting.SORTS`."""

    FEATURED = "featured", _("as lists of the shop do")
    NEWEST = "newest", _("the newest first")
    PRICE = "price", _("the cheapest first")
    DEAREST = "-price", _("the dearest first")
    RATING = "rating", _("the best rated first")


class Collection(models.Model):
    """Products on a shelf of their own: chosen by hand, in an order, and after them what meets the conditions."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    description = models.TextField(_("description"), blank=True)
    image = models.ForeignKey(
        Image,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("picture"),
    )
    is_listed = models.BooleanField(_("has a page in the shop"), default=True)
    matches_any = models.BooleanField(
        _("one condition is enough"),
        default=False,
        help_text=_("Otherwise a product has to meet all of them."),
    )
    sort = models.CharField(
        _("what meets the conditions stands"),
        max_length=10,
        choices=CollectionSort,
        default=CollectionSort.FEATURED,
    )
    products = models.ManyToManyField(Product, through="CollectionItem", related_name="collections")
    old_slugs = ArrayField(models.CharField(max_length=120), default=list, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")

    def __str__(self) -> str:
        return self.name

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save it; an address that it had before stays known, unless another collection has it now."""
        old = Collection.objects.filter(pk=self.pk).values_list("slug", flat=True).first()
        if old and old != self.slug:
            self.old_slugs = [*{*self.old_slugs, old} - {self.slug}]
            if kwargs.get("update_fields"):
                kwargs["update_fields"] = {*kwargs["update_fields"], "old_slugs"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("catalog:collection", args=[self.slug])


# A number below every place of what is chosen by a condition.
BEHIND_THE_PICKED = 1_000_000


class CollectionItem(models.Model):
    """A product in a collection. Hand-picked ones stand first; the others come and go with the conditions."""

    collection = models.ForeignKey(Collection, models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, models.CASCADE, related_name="collected")
    position = models.PositiveIntegerField(_("position"), default=0)
    is_picked = models.BooleanField(_("chosen by hand"), default=True, editable=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "product"], name="collected_once"),
            models.CheckConstraint(
                name="picked_stand_first",
                condition=Q(is_picked=True, position__lt=BEHIND_THE_PICKED)
                | Q(is_picked=False, position__gte=BEHIND_THE_PICKED),
                violation_error_message=_("Write a place below 1,000,000."),
            ),
        ]
        indexes = [models.Index(fields=["collection", "position"], name="collection_in_order")]

    def __str__(self) -> str:
        return str(self.product)


class SectionKind(models.TextChoices):
    HERO = "hero", _("hero")
    CATEGORIES = "categories", _("the categories")
    COLLECTION = "collection", _("a collection")
    NEWEST = "newest", _("what is new")
    STORY = "story", _("a story")
    PROMISES = "promises", _("three promises")


class HomeSection(Dated):
    """
    One part of the home page, maybe for a while.

    Sections stand in their order; one that has nothing to show is left out.
    """

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

    class Meta(Dated.Meta):
        ordering = ["position", "pk"]
        verbose_name = _("section of the home page")
        verbose_name_plural = _("sections of the home page")
        constraints = [
            *Dated.Meta.constraints,
            models.CheckConstraint(
                name="home_section_collection_named",
                condition=~Q(kind="collection") | Q(collection__isnull=False),
                violation_error_message=_("Choose the collection."),
            ),
            models.CheckConstraint(
                name="home_section_link_is_local_or_http",
                condition=Q(link_url="") | Q(link_url__regex=LINK_PATTERN),
                violation_error_message=_("A link starts with / or with https://."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()
