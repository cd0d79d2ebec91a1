from django.apps import AppConfig


class ShopConfig(AppConfig):
    """The house: settings of the shop, pages, mail, jobs and the proof of its books."""

    name = "shop"

    def ready(self) -> None:
        from shop import checks  # noqa: F401  (registers itself)
