from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "corridor.web"
    label = "web"

    def ready(self) -> None:
        from corridor.web import signing_in

        signing_in.connect()
