"""People: staff, and customers with their addresses."""

from typing import Any

import allauth.usersessions.admin  # noqa: F401 (so that it has registered what is taken back below)
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, User

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


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    add_form = UserCreationForm
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

    @admin.display(description=_("orders"), ordering="order_count")
    def orders_placed(self, user: User) -> int:
        return user.order_count  # type: ignore[attr-defined]


# Where somebody is signed in is theirs to look at and to end, on their own page.
admin.site.unregister(UserSession)
