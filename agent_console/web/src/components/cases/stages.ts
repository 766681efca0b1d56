// 环节条上写谁、何时：接口记的是进入环节的那一步，人看的是办完环节的那一步。
import type { StageOut } from '@/api/types'
import { STAGE_ACTORS } from '@/lib/caseLabels'

export interface StageView extends StageOut {
  who: string
  doneAt: string | null
}

/** 办完一个环节，就是进入下一个环节的那一步；正在处理的写主办单位。 */
export function stageViews(stages: readonly StageOut[], department: string, evaluated = true): StageView[] {
  return stages.map((given, i) => {
    // 结案时评价这一环才开始，市民没说话之前不打勾
    const stage = given.key === 'evaluate' && given.state === 'done' && !evaluated ? { ...given, state: 'current' as const } : given
    const left = stages.slice(i + 1).find((s) => s.at !== null && s.state !== 'todo')
    const done = stage.state === 'done' ? (left ?? stage) : null
    const waiting = stage.key === 'handle' && department ? department : (STAGE_ACTORS[stage.key] ?? '')
    return { ...stage, who: done?.actor || waiting, doneAt: done?.at ?? null }
  })
}
