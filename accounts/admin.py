"""People: staff, and customers with their addresses."""

from typing import Any

import allauth.usersessions.admin  # noqa: F401 (so that it has registered what is taken back below)
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Erasure, User
from accounts.privacy.erasure import NotForStaff, ask_for_erasure, hindrances
from accounts.privacy.registry import Person
from shop.admin_parts import ReadOnly, form_page

# Who may open the admin, and what they may do there, is for a superuser to say: nobody raises themselves.
POWERS = ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]


class UserCreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()


class AddressFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid()]
        for use in ("is_default", "is_billing_default"):
            if sum(bool(said.get(use)) and not said.get("DELETE") for said in kept) > 1:
                raise ValidationError(_("Use one address first, not several."))


class AddressInline(admin.StackedInline):
    model = Address
    formset = AddressFormSet
    extra = 0
    classes = ["collapse"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "company"),
                    ("line1", "line2"),
                    ("postcode", "city", "region"),
                    ("country", "phone"),
                    ("is_default", "is_billing_default"),
                ]
            },
        )
    ]


class ErasureForm(forms.Form):
    sure = forms.BooleanField(
        label=_("They have asked for it, and I know that it is them."),
        help_text=_("It cannot be undone. They are told by mail."),
    )


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = UserCreationForm
    change_form_template = "admin/accounts/user/change_form.html"
    inlines = [AddressInline]
    list_display = ["email", "name", "is_staff", "is_active", "orders_placed", "joined_at"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email", "name"]
    ordering = ["-joined_at"]
    date_hierarchy = "joined_at"
    filter_horizontal = ["groups", "user_permissions"]
    readonly_fields = ["last_login", "joined_at"]
    fieldsets = [
        (None, {"fields": ["email", "name", "password"]}),
        (_("What they may do"), {"fields": [*POWERS], "classes": ["collapse"]}),
        (_("Dates"), {"fields": ["last_login", "joined_at"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "name", "usable_password", "password1", "password2"],
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).annotate(order_count=Count("orders"))

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return self.inlines if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        mine = list(super().get_readonly_fields(request, obj))
        return mine if request.user.is_superuser else [*mine, *POWERS]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only a superuser changes the account of somebody who may open the admin."""
        may = super().has_change_permission(request, obj)
        is_guarded = obj is not None and (obj.is_staff or obj.is_superuser)
        return may and (request.user.is_superuser or not is_guarded)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser) and super().has_delete_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        erase = self.admin_site.admin_view(self.erasure_view)
        return [path("<int:pk>/erasure/", erase, name="accounts_user_erasure"), *super().get_urls()]

    def erasure_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Have a customer forgotten, as they asked by letter."""
        staff = request.user
        if not isinstance(staff, User) or not staff.has_perm("accounts.erase_user"):
            raise PermissionDenied
        user = User.objects.filter(pk=pk).first()
        if user is None:
            raise Http404
        form = ErasureForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                ask_for_erasure(user, by=staff)
            except NotForStaff:
                form.add_error(
                    None, _("Somebody who works here. Take them out of the staff first.")
                )
            else:
                self.message_user(request, _("They are going to be forgotten."), messages.SUCCESS)
                return redirect("admin:accounts_erasure_changelist")
        template, title = "admin/accounts/user/erasure.html", _("Forget this customer")
        context = {"reasons": hindrances(Person.of(user))}
        return form_page(request, self, template, form, title=title, obj=user, context=context)

    @admin.display(description=_("orders"), ordering="order_count")
    def orders_placed(self, user: User) -> int:
        return user.order_count  # type: ignore[attr-defined]


@admin.register(Erasure)
class ErasureAdmin(ReadOnly, admin.ModelAdmin):
    """Who asked to be forgotten and waits, and, without a name, who was."""

    list_display = ["alias", "user", "asked_at", "asked_by", "done_at"]
    list_filter = [("done_at", admin.EmptyFieldListFilter)]
    list_select_related = ["user", "asked_by"]
    search_fields = ["alias", "user__email"]
    fields = ["alias", "user", "asked_at", "asked_by", "done_at"]


# Where somebody is signed in is theirs to look at and to end, on their own page.
admin.site.unregister(UserSession)
