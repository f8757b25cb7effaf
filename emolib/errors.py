"""The base class of every error that a user can cause."""


class EmolibError(ValueError):
    """The user gave something that cannot be used; the message is one sentence that says why.

    The command line and the widgets show the message without a traceback.
    """
