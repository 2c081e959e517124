from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "corridor.roster"
    label = "roster"
