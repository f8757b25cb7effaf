"""Right and wrong answers to the exercises of notebook 01: (exercise, answer[, hint])."""


class Audited:
    def __init__(self, files=117, **left):
        self.files = files
        kinds = ("unreadable", "not a picture", "exact duplicate", "two classes", "two splits")
        self.left = dict.fromkeys(kinds, 0) | {"near duplicate": 3, "wrong extension": 1}
        self.left |= {name.replace("_", " "): n for name, n in left.items()}

    def totals(self):
        return self.left


RIGHT = [
    ("01.1", Audited()),
    ("01.1", Audited(wrong_extension=0)),
    ("01.2", 0.333),
    ("01.3", ["mirrored"]),
    ("01.3", ("Mirrored", "a tenth of the light")),
]
MISTAKES = [
    ("01.1", Audited(unreadable=1), "the audit from before"),
    ("01.1", Audited(exact_duplicate=2), "still there twice"),
    ("01.1", Audited(two_classes=2), "filed under both happy and sad"),
    ("01.1", Audited(files=60), "Many more files are gone"),
    ("01.2", 0.5, "two classes"),
    ("01.2", 33, "between 0 and 1"),
    ("01.2", 0.4, "most frequent class"),
    ("01.3", ["mirrored", "upside down"], "upside-down faces"),
    ("01.3", "a tenth of the light", "left and right swap"),
]
