"""Who asks: a token is looked up once and believed while the security stamp stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    user: int
    login: str
    company: int
    security: int
    roles: frozenset[str]

    @property
    def is_seller(self) -> bool:
        return "x.seller" in self.roles


class Unknown(Exception):  # noqa: N818 -- an answer
    """No such token, or no right."""
