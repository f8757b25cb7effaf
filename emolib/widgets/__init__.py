"""The course's widgets: thin views of functions that also work without them.

    >>> from emolib import widgets
    >>> widgets.upload(emolib.load_classifier())

They work with ipywidgets 7 and 8. `photos.py` takes photos from the reader's files and camera
(notebook 05 and the app), `lab.py` moves a rendered face (06), `cleaner.py` asks about doubtful
labels (08), `naming.py` asks for the names of expressions (07), `collector.py` takes pictures for
the reader's own classes (09), and `quiz_view.py` asks the course's forty questions.
"""

from .cleaner import label_cleaner
from .collector import collector
from .lab import face_lab
from .naming import face_quiz
from .photos import camera, upload
from .quiz_view import quiz

__all__ = ["camera", "collector", "face_lab", "face_quiz", "label_cleaner", "quiz", "upload"]
