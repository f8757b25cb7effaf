"""The one base class of every error that a user can cause."""


class EmolibError(ValueError):
    """Something the user gave cannot be used; the message is one plain sentence that says why.

    The command line and the widgets show the message and no traceback.
    """
