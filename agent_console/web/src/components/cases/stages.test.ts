import { expect, it } from 'vitest'
import type { StageOut } from '@/api/types'
import { stageViews } from './stages'

const stage = (key: string, state: StageOut['state'], actor = '', at: string | null = null): StageOut => ({ stage: 1, key, state, at, actor, used_s: null, limit: '' })

it('names who finished a stage: who took the step into the next one', () => {
  const [collect, register, dispatch, handle, feedback] = stageViews(
    [stage('collect', 'done', '', 't0'), stage('register', 'done', '李雯', 't1'), stage('dispatch', 'done', '陈锐', 't2'), stage('handle', 'current', '周凯', 't3'), stage('feedback', 'todo')],
    '市政设施管理处',
  )
  expect([collect, register, dispatch].map((s) => [s!.who, s!.doneAt])).toEqual([['李雯', 't1'], ['陈锐', 't2'], ['周凯', 't3']])
  expect([handle!.who, handle!.doneAt]).toEqual(['市政设施管理处', null])
  expect(feedback!.who).toBe('专业部门')
})
it('leaves the evaluation open until the citizen has spoken', () => {
  const closed = [stage('check', 'done', '周凯', 't5'), stage('evaluate', 'done', '陈锐', 't6')]
  expect(stageViews(closed, '', false).map((s) => [s.state, s.who])).toEqual([['done', '陈锐'], ['current', '回访员']])
  expect(stageViews(closed, '', true)[1]!.state).toBe('done')
})
it('skips a stage that a case never went through', () => {
  const [first] = stageViews([stage('collect', 'done', '', 't0'), stage('register', 'done', '', null), stage('evaluate', 'done', '赵敏', 't9')], '')
  expect([first!.who, first!.doneAt]).toEqual(['赵敏', 't9'])
})
