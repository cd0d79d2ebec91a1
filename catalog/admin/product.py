"""A product on one page: what is read, what can be chosen, what is sold, its pictures and facts."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.admin.attribute_values import AttributeValueInline
from catalog.admin.branches import CategoryFields, CategoryFilter
from catalog.admin.category import BOTH
from catalog.admin.image import ImageForm, thumbnail
from catalog.admin.variants import (
    ProductOptionInline,
    VariantInline,
    choose_all,
    wanted_options,
)
from catalog.listing import refresh_listing
from catalog.models import (
    Image,
    Product,
    ProductLink,
    ProductStatus,
    StockItem,
)
from shop.admin_parts import Autocompletes, Sortable, badge
from shop.money import format_money


class ImageInline(admin.TabularInline):
    model = Image
    form = ImageForm
    extra = 0
    fields = ["preview", "upload", "alt", "position"]
    readonly_fields = ["preview"]
    classes = ["sortable"]
    Media = Sortable

    @admin.display(description="")
    def preview(self, image: Image) -> SafeString | str:
        return thumbnail(image)


class ProductLinkInline(Autocompletes, admin.TabularInline):
    """What is shown beside it: chosen by hand, in an order."""

    model = ProductLink
    fk_name = "product"
    extra = 0
    fields = ["kind", "target", "position"]
    autocomplete_fields = ["target"]
    classes = ["sortable"]
    Media = Sortable

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductLink]:
        return super().get_queryset(request).select_related("product", "target")


class SoldOutFilter(admin.SimpleListFilter):
    title = gettext_lazy("supply")
    parameter_name = "available"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", _("can be bought")), ("no", _("sold out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        return queryset.filter(is_available=self.value() == "yes") if self.value() else queryset


TONES = {ProductStatus.ACTIVE: "good", ProductStatus.DRAFT: "wait"}


@admin.register(Product)
class ProductAdmin(CategoryFields, Autocompletes, admin.ModelAdmin):
    inlines = [
        *(ProductOptionInline, VariantInline, ImageInline, AttributeValueInline),
        ProductLinkInline,
    ]
    list_display = [
        *("cover_drawn", "name", "state", "price", "stock", "category", "shown_from"),
    ]
    list_display_links = ["cover_drawn", "name"]
    list_filter = [
        "status",
        SoldOutFilter,
        CategoryFilter,
        ("brand", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["category", "cover"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["name", "variants__sku", "variants__barcode"]
    search_help_text = gettext_lazy("Name, SKU or barcode")
    ordering = ["-updated_at"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["brand", "category", "categories"]
    actions = ["publish", "archive"]
    save_on_top = True
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "slug"),
                    ("status", "publish_at"),
                    "category",
                    "brand",
                    ("tax_class", "max_per_customer"),
                    "description",
                ]
            },
        ),
        (
            gettext_lazy("Where else it stands, and how it is found"),
            {
                "classes": ["collapse"],
                "fields": ["categories", "tags", "seo_title", "seo_description"],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        shelves = StockItem.objects.filter(variant__product=OuterRef("pk"), is_tracked=True)
        left = (
            shelves.order_by()
            .values("variant__product")
            .annotate(left=Sum(F("on_hand") - F("allocated")))
            .values("left")
        )
        return super().get_queryset(request).defer("search").annotate(stock_left=Subquery(left))

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return obj.get_absolute_url() if obj and obj.is_listed else None

    # The list

    @admin.display(description="")
    def cover_drawn(self, product: Product) -> SafeString | str:
        return thumbnail(product.cover, is_small=True)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, product: Product) -> SafeString:
        if product.status == ProductStatus.ACTIVE and product.publish_at > timezone.now():
            at = date_format(timezone.localtime(product.publish_at), "SHORT_DATETIME_FORMAT")
            return badge(_("from %(at)s") % {"at": at}, "wait")
        return badge(product.get_status_display(), TONES.get(ProductStatus(product.status), ""))

    @admin.display(description=gettext_lazy("price"), ordering="price_from", empty_value="–")
    def price(self, product: Product) -> str | None:
        if product.price_from is None:
            return None
        money = format_money(product.price_from)
        return (
            money
            if product.price_from == product.price_to
            else _("from %(price)s") % {"price": money}
        )

    @admin.display(description=gettext_lazy("in stock"), ordering="stock_left", empty_value="–")
    def stock(self, product: Product) -> SafeString | str | None:
        if not product.is_available:
            return badge(_("sold out"), "bad")
        left: int | None = product.stock_left  # type: ignore[attr-defined]
        return None if left is None else str(left)

    @admin.display(description=gettext_lazy("shown from"), ordering="publish_at")
    def shown_from(self, product: Product) -> str:
        return date_format(timezone.localtime(product.publish_at), "SHORT_DATE_FORMAT")

    # Saving

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """Write what was typed and no more: prices, stars and sales are kept by others meanwhile."""
        if not change:
            obj.save()
            return
        typed = [
            field.name for field in Product._meta.concrete_fields if field.name in form.cleaned_data
        ]
        obj.save(update_fields=[*typed, "updated_at"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            if formset.prefix == "variants":
                choose_all(formset)
        refresh_listing([form.instance.pk])

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """The values that may be chosen of each option stand once on the page, for all rows."""
        context["option_values"] = wanted_options(request, context.get("original"))
        return super().render_change_form(request, context, *args, **kwargs)

    # Taking one away. What was ever sold stays: the database refuses, and staff archive it.

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Its variants and their shelves go with a product; they need no permission of their own."""
        found, counts, missing, protected = super().get_deleted_objects(objs, request)
        product = {Product._meta.verbose_name}
        return found, counts, missing & product, protected

    # Actions

    @admin.action(permissions=["change"], description=gettext_lazy("Publish"), location=BOTH)
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        """Show them now; one without a variant could not be bought, and stays as it is."""
        bare = list(queryset.filter(variants__isnull=True))
        for product in bare:
            self.message_user(
                request,
                _("%(product)s has no variant to sell yet.") % {"product": product},
                messages.WARNING,
            )
        self._become(
            request, queryset.exclude(pk__in=[each.pk for each in bare]), ProductStatus.ACTIVE
        )

    @admin.action(permissions=["change"], description=gettext_lazy("Archive"), location=BOTH)
    def archive(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        self._become(request, queryset, ProductStatus.ARCHIVED)

    def _become(
        self, request: HttpRequest, queryset: QuerySet[Product], status: ProductStatus
    ) -> None:
        changed = []
        for product in queryset:
            product.status = status
            if status == ProductStatus.ACTIVE:
                product.publish_at = min(product.publish_at, timezone.now())
            product.save(update_fields=["status", "publish_at", "updated_at"])
            self.log_change(request, product, [{"changed": {"fields": ["status"]}}])
            changed.append(product.pk)
        refresh_listing(changed)
        if changed:
            words = ngettext(
                "%(count)d product changed.", "%(count)d products changed.", len(changed)
            )
            self.message_user(request, words % {"count": len(changed)}, messages.SUCCESS)
