"""One step of a case inside a transaction, its immutable record, and who is told."""

from callcenter.domain import case_steps
from callcenter.domain.cases import Actor, Case, CaseStep, StepInput
from callcenter.domain.events import CaseStepped
from callcenter.store import UnitOfWork
from callcenter.usecases import handlers
from callcenter.usecases.context import Context


async def take(
    context: Context, uow: UnitOfWork, case: Case, action: str, actor: Actor, given: StepInput
) -> CaseStep:
    """Take the step, write its record, let follow what must (`handlers`). The caller commits."""
    step = case_steps.take(case, action, actor, given, context.now(), context.calendar, context.ids.new())
    uow.cases.add_step(step)
    await handlers.react(context, uow, CaseStepped(case, step, given))
    return step
