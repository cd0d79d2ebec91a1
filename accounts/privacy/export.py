"""Everything that is held of a person, as one archive: data.json for programs, data.html for them, and their files."""

import json
from datetime import timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language, gettext

from accounts.mails import write_to
from accounts.models import DataExport, User
from accounts.privacy.registry import Person, Record, holdings
from shop.models import Mail, ShopSettings

MOST_IN_A_DAY = 3


class TooManyExports(Exception):
    """Enough for a day."""


@transaction.atomic
def ask_for_export(user: User) -> DataExport:
    """
    Have an archive made by the worker; its owner is told by mail.

    One that is being made is returned, not made twice. Raises TooManyExports.
    """
    from accounts.tasks import make_export

    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))
    asked = user.data_exports.defer("content")
    if waiting := asked.filter(ready_at=None).first():
        return waiting
    if asked.filter(asked_at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_IN_A_DAY:
        raise TooManyExports
    made = user.data_exports.create()
    make_export.enqueue(made.pk, get_language() or "en")
    return made


@transaction.atomic
def make(pk: int, language: str) -> None:
    """Make the archive that was asked for, and tell its owner; done once, however often it is called."""
    export = DataExport.objects.select_for_update().filter(pk=pk, ready_at=None).first()
    if export is None:
        return
    with translation.override(language):
        content = archive_of(Person.of(export.user))
        DataExport.objects.filter(pk=pk).update(
            content=content, size=len(content), ready_at=timezone.now()
        )
        tell_of_archive(export)


def tell_of_archive(export: DataExport) -> Mail:
    days = ShopSettings.load().export_days
    return write_to(
        export.user.email,
        kind="account_export",
        title=gettext("Your archive is ready"),
        paragraphs=[
            gettext("It holds what we know about you. You find it on the page “Your data”."),
            gettext("We delete it after %(days)s days. You are asked once more who you are.")
            % {"days": days},
        ],
        label=gettext("Your data"),
        link=reverse("accounts:data"),
        dedupe_key=f"export:{export.pk}",
    )


def archive_of(person: Person) -> bytes:
    """The archive as a ZIP file."""
    parts: dict[str, list[Record]] = {}
    shown = []
    for each in holdings():
        found = each.collect(person)
        parts[each.name] = found
        # As programs read them, so that both files say the same.
        plain = json.loads(json.dumps(found, cls=Plain))
        shown.append({"title": each.title, "kept": each.kept, "records": plain})
    now = timezone.localtime()
    told = {"shop": ShopSettings.load().name, "made_at": now, **parts}
    page = {"parts": shown, "made_at": now, "shop": ShopSettings.load()}
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(told, cls=Plain, indent=2, ensure_ascii=False))
        archive.writestr("data.html", render_to_string("accounts/archive.html", page))
        for each in holdings():
            for name, content in each.files(person):
                archive.writestr(name, content)
    return file.getvalue()


class Plain(DjangoJSONEncoder):
    """What JSON does not know, in words."""

    def default(self, o: object) -> object:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def forget_old_exports() -> None:
    """Delete the archives whose days are over."""
    long_ago = timezone.now() - timedelta(days=ShopSettings.load().export_days)
    DataExport.objects.filter(ready_at__lt=long_ago).delete()
