from tests.fixtures import a_school

__all__ = ["a_school"]
