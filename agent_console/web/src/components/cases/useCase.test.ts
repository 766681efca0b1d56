import { describe, expect, it, vi } from 'vitest'
import { createApp, nextTick, ref } from 'vue'
import type { CaseDetail } from '@/api/types'
import { useCase, whoAndWhen } from './useCase'

const step = (actor: string, action: string) => ({ kind: 'step', actor, action, at: new Date().toISOString() })
const detail = (version: number, timeline: unknown[] = []) => ({ case: { number: 'N1', category: '' }, version, timeline, actions: [] }) as unknown as CaseDetail

/** 按次序回答的服务器。 */
function server(...replies: [status: number, body: unknown][]): string[] {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (address: string, init: RequestInit) => {
    asked.push(`${init.method} ${address}`)
    const [status, body] = replies.shift() ?? [200, {}]
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  })
  return asked
}
async function open(): Promise<ReturnType<typeof useCase>> {
  let found: ReturnType<typeof useCase> | undefined
  createApp({ setup: () => ((found = useCase(ref('N1'))), () => null) }).mount(document.createElement('div'))
  await vi.waitFor(() => expect(found!.data.loading).toBe(false))
  return found!
}

it('says who was faster, when, and what they did', () => {
  expect(whoAndWhen(detail(2, [{ kind: 'message' }, step('周凯', 'dispatch')]))).toMatch(/^周凯 \d\d:\d\d 已做“派遣”。$/)
})

describe('a step that somebody else took first', () => {
  it('keeps the old version until the reader has seen what changed', async () => {
    server([200, detail(1)], [409, { code: 'conflict', message: 'm' }], [200, detail(2, [step('周凯', 'dispatch')])], [200, detail(2)])
    const found = await open()
    found.data.doing = { action: 'dispatch', needs: [] }
    expect(await found.send('dispatch', { version: 1 })).toBe(false)
    expect(found.data.conflict).toContain('周凯')
    expect(found.data.doing).not.toBeNull()
    expect(found.data.detail?.version).toBe(1)
    await found.takeLatest()
    expect([found.data.conflict, found.data.detail?.version]).toEqual(['', 2])
  })
  it('shows the refusal itself when nobody changed the case', async () => {
    server([200, detail(1)], [409, { code: 'transition_not_allowed', message: '已经延期两次，不能再申请。' }], [200, detail(1)])
    const found = await open()
    await found.send('apply_extend', { version: 1 })
    expect([found.data.conflict, found.data.failed]).toEqual(['', '已经延期两次，不能再申请。'])
  })
})

it('takes the answer of the step as the new page', async () => {
  const asked = server([200, detail(1)], [200, detail(2)])
  const found = await open()
  expect(await found.send('urge', { version: 1 })).toBe(true)
  await nextTick()
  expect(found.data.detail?.version).toBe(2)
  expect(asked).toEqual(['GET /api/cases/N1', 'POST /api/cases/N1/actions/urge'])
})
