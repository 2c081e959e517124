from django.apps import AppConfig


class ClassroomConfig(AppConfig):
    name = "corridor.classroom"
    label = "classroom"
