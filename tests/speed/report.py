"""Figure: one thing measured, beside its budget."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` must not be above `budget`, or not below it where `least`. A budget of 0 is none."""

    name: str
    value: float
    budget: float
    unit: str
    said: str = ""
    least: bool = False

    @property
    def holds(self) -> bool:
        if not self.budget:
            return True
        return self.value >= self.budget if self.least else self.value <= self.budget

    def line(self, dialect: str) -> str:
        bound = f"{'≥' if self.least else '≤'} {self.budget:g}{self.unit}" if self.budget else ""
        mark = " " if self.holds else "✗"
        value = f"{self.value:,.2f}{self.unit}"
        return f"{mark} {dialect:<11}{self.name:<28}{value:>14}  {bound:<14}{self.said}"
