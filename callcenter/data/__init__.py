"""Code tables of the hotline as versioned data: categories, limits, workflow, calendar.

Facts and examples, no decisions: cities replace them by their own. Must not know the database, the
console or any adapter. The limits of `case_deadlines_yuncheng.csv` are one city's example and no
national default; the wording of a condition is ours (the example gives limits only).
"""

from callcenter.data.categories import Category, Mapping2007, Standard, categories, mapping_2007_2013
from callcenter.data.conditions import Condition, conditions, conditions_of
from callcenter.data.tables import DayKind, holidays, workflow_transitions, working_hours

__all__ = [
    "Category",
    "Condition",
    "DayKind",
    "Mapping2007",
    "Standard",
    "categories",
    "conditions",
    "conditions_of",
    "holidays",
    "mapping_2007_2013",
    "workflow_transitions",
    "working_hours",
]
