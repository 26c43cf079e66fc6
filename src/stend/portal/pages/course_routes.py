"""The addresses under `/course`."""

from starlette.routing import Router
from starlette.types import ASGIApp

from stend.portal.learning.classroom import Classroom
from stend.portal.learning.desk import Desk
from stend.portal.learning.performing import Performing
from stend.portal.learning.reading import Reader
from stend.portal.pages.course_map import MapPage
from stend.portal.pages.course_search import SearchPage
from stend.portal.pages.demo import DemoPage
from stend.portal.pages.exercise import ExercisePages
from stend.portal.pages.glossary import GlossaryPages
from stend.portal.pages.lesson import LessonPages
from stend.portal.pages.notebook import NotebookPage
from stend.portal.pages.quiz import QuizPage
from stend.portal.rendering import Renderer


def course_app(renderer: Renderer, classroom: Classroom, performing: Performing | None) -> ASGIApp:
    """
    Args:
        performing: None where no stand runs.
    """
    desk, reader = Desk(renderer, classroom), Reader(classroom)
    return Router(
        [
            *MapPage(desk).routes(),
            *SearchPage(desk, reader).routes(),
            *GlossaryPages(desk, reader).routes(),
            *QuizPage(desk, reader, classroom).routes(),
            *DemoPage(desk, classroom, is_live=performing is not None).routes(),
            *NotebookPage(desk, reader).routes(),
            *LessonPages(desk, reader, performing).routes(),
            *ExercisePages(desk, classroom, reader).routes(),
        ]
    )
