from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class OrdersConfig(AppConfig):
    name = "orders"

    def ready(self) -> None:
        from allauth.account.signals import email_changed, email_confirmed

        from orders import checks  # noqa: F401 (they register themselves)
        from orders.joining import join_orders

        def confirmed(email_address: object, **kwargs: object) -> None:
            join_orders(email_address.user)  # type: ignore[attr-defined]

        def signed_in(user: object, **kwargs: object) -> None:
            join_orders(user)  # type: ignore[arg-type]

        # The seams by which a confirmed address, by whatever door, reaches the orders.
        email_confirmed.connect(confirmed, weak=False, dispatch_uid="orders.confirmed")
        email_changed.connect(signed_in, weak=False, dispatch_uid="orders.changed")
        user_logged_in.connect(signed_in, weak=False, dispatch_uid="orders.signed_in")
