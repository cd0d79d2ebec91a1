from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.wishes import follow_account

        def follow(request: object, user: object, **kwargs: object) -> None:
            follow_account(request, user)  # type: ignore[arg-type]

        # The one seam by which a login, by whatever door, reaches the wishlist.
        user_logged_in.connect(follow, weak=False, dispatch_uid="catalog.follow_account")
