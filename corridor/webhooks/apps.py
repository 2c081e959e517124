from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "corridor.webhooks"
    label = "webhooks"
