"""Numbers of people as carriers write them. Pure."""

from callcenter.domain.contacts import normal_number


def person(digits: str) -> str:
    """The hotline's form of a number; what is no number (a sender's name) stays as it is."""
    return normal_number(digits) or digits
