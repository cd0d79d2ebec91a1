"""Who shops here: people and their addresses."""

from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Save a user who signs in with `email`; without a password, none will open the account."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True} | fields
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. The e-mail address is the name they sign in with."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    name = models.CharField(_("full name"), max_length=200, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False, help_text=_("May open the admin."))
    joined_at = models.DateTimeField(_("joined"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["email"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("There is an account with this e-mail address already."),
            )
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class PostalAddress(models.Model):
    """Where a parcel or a bill goes. Which fields a country uses is `accounts.addresses`' to say."""

    country: Any = CountryField(_("country"))  # A Country, which no stub knows.
    name = models.CharField(_("full name"), max_length=200)
    company = models.CharField(_("company"), max_length=200, blank=True)
    line1 = models.CharField(_("street and number"), max_length=200)
    line2 = models.CharField(_("flat, floor or building"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    region = models.CharField(_("region"), max_length=120, blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return ", ".join(
            filter(None, [self.name, self.line1, f"{self.postcode} {self.city}".strip()])
        )


class Address(PostalAddress):
    """An address that a customer keeps."""

    user = models.ForeignKey(User, models.CASCADE, related_name="addresses")
    is_default = models.BooleanField(_("use this one first"), default=False)
    is_billing_default = models.BooleanField(_("bills go here first"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-is_default", "pk"]
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            models.UniqueConstraint(
                "user", condition=Q(is_default=True), name="address_default_once"
            ),
            models.UniqueConstraint(
                "user", condition=Q(is_billing_default=True), name="address_billing_default_once"
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("accounts:overview")


class EmailChange(models.Model):
    """
    A wish to sign in with another address, which both addresses have to agree to.

    Of the keys in the two mails only their hashes are kept. A new wish takes the place of the one before.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="email_change")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    old_key = models.CharField(max_length=64, unique=True)
    new_key = models.CharField(max_length=64, unique=True)
    old_agreed_at = models.DateTimeField(null=True)
    new_agreed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.old_email} → {self.new_email}"


class KnownDevice(models.Model):
    """A browser in which a customer has signed in before. Its cookie holds the key; here is the hash of it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="known_devices")
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="known_device_once")]

    def __str__(self) -> str:
        return self.name


class ConsentKind(models.TextChoices):
    NEWS = "news", _("news by mail")


class Consent(models.Model):
    """
    What somebody agreed to, or no longer does: when, where and in which words. Written once.

    The last one of a kind is what holds.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="consents")
    kind = models.CharField(_("to what"), max_length=20, choices=ConsentKind)
    is_given = models.BooleanField(_("given"))
    wording = models.TextField(_("wording"))
    source = models.CharField(_("where"), max_length=60)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.CheckConstraint(
                name="consent_kind_known", condition=Q(kind__in=ConsentKind.values)
            )
        ]
        triggers = [pgtrigger.Protect(name="consent_stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.is_given}"


class MailRefusal(models.Model):
    """An address (its hash) that wants no mails of a kind. `accounts.refusals` writes and asks."""

    kind = models.CharField(_("kind"), max_length=40)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("refusal of mails")
        verbose_name_plural = _("refusals of mails")
        constraints = [
            models.UniqueConstraint(fields=["kind", "address"], name="mail_refused_once")
        ]

    def __str__(self) -> str:
        return self.kind


class DataExport(models.Model):
    """Everything that is held of a customer, as one archive they asked for; deleted some days after it was made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="data_exports")
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    ready_at = models.DateTimeField(_("made"), null=True, blank=True)
    content = models.BinaryField(null=True)
    size = models.PositiveIntegerField(_("bytes"), default=0)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("data export")
        verbose_name_plural = _("data exports")
        constraints = [
            models.UniqueConstraint(
                "user", condition=Q(ready_at=None), name="data_export_one_waits"
            ),
            models.CheckConstraint(
                name="data_export_made_has_a_time",
                condition=Q(ready_at__isnull=True) | Q(content__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asked_at:%Y-%m-%d}"


class Erasure(models.Model):
    """
    A wish to be forgotten: it waits while something is still to come, and names nobody once it is done.

    `alias` stands in the books in place of the person's address. `addresses` are hashes by which the doctor
    looks for what was left behind; they are kept for a month.
    """

    user = models.OneToOneField(
        User, models.SET_NULL, null=True, blank=True, related_name="erasure"
    )
    alias = models.EmailField(_("stands in the books as"), max_length=254, unique=True)
    asked_at = models.DateTimeField(_("asked"), auto_now_add=True)
    asked_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by staff")
    )
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    addresses = ArrayField(models.CharField(max_length=64), default=list, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("erasure of a person")
        verbose_name_plural = _("erasures of people")
        permissions = [("erase_user", _("Can have a customer forgotten"))]
        constraints = [
            models.CheckConstraint(
                name="erasure_done_names_nobody",
                condition=Q(done_at__isnull=True) | Q(user__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.alias
