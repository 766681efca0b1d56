"""One error tree with stable codes. What an error means in HTTP, AGI or SMS is decided at the edge.

`str(error)` is the Chinese sentence shown to a person: what happened and what to do. It never holds
a phone number or a name.
"""


class HotlineError(Exception):
    """Base of everything the hotline itself refuses."""

    code = "hotline_error"


class NotFoundError(HotlineError):
    code = "not_found"

    def __init__(self, what: str) -> None:
        super().__init__(f"找不到{what}，可能已被删除或编号有误，请核对后重试。")


class InvalidInputError(HotlineError):
    """A field does not hold what it must; `field` names it for the form."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotAllowedError(HotlineError):
    code = "not_allowed"


class ConflictError(HotlineError):
    """Somebody else changed the same thing first."""

    code = "conflict"


class TransitionError(HotlineError):
    """The workflow table has no such step from the case's present state."""

    code = "transition_not_allowed"


class SignInError(HotlineError):
    code = "sign_in_failed"


class LockedOutError(SignInError):
    code = "locked_out"


class TelephonyError(HotlineError):
    """Asterisk refused, or could not be reached in time."""

    code = "telephony_failed"


class TextTemplateError(HotlineError):
    """No such template, or a parameter it needs was not given."""

    code = "text_template"
