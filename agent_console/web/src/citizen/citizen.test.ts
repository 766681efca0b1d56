import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import { faults, phoneFault } from './faults'
import { Proofs, type Challenge } from './proof'
import { hashOf, ticketOf } from './route'
import { search } from './search'
import { blockOf, firstWord } from './sha256'
import { whenText } from './when'
import type { Draft } from './draft'

describe('工作量证明', () => {
  it('自己的 SHA-256 与标准实现一致', () => {
    for (const text of ['', 'abc', 'x'.repeat(55), '0123456789abcdef0123456789abcdef:48213']) {
      const right = createHash('sha256').update(text).digest().readUInt32BE(0)
      expect(firstWord(blockOf(text))).toBe(right)
    }
    expect(() => blockOf('x'.repeat(56))).toThrow()
  })
  it('找到的数真的有那么多零位', () => {
    const nonce = '0123456789abcdef0123456789abcdef'
    const counter = search(nonce, 12, 0, 1_000_000)
    const first = createHash('sha256').update(`${nonce}:${counter}`).digest().readUInt32BE(0)
    expect(first >>> 20).toBe(0)
    expect(search(nonce, 12, 0, counter)).toBe(-1)
  })
  it('备好的用一次就换，快到期的不用', async () => {
    let n = 0
    const ask = vi.fn((): Promise<Challenge> => Promise.resolve({ nonce: `n${++n}`, bits: 1, expires: Date.now() / 1000 + (n === 1 ? 30 : 600), signature: 's' }))
    const proofs = new Proofs(ask)
    proofs.prepare()
    proofs.prepare()
    expect(ask).toHaveBeenCalledTimes(1)
    expect(await proofs.take()).toMatch(/^n2\.1\./) // 第一份只剩半分钟
    expect(await proofs.take()).toMatch(/^n3\.1\./)
  })
  it('断网时算不成，用的时候再说', async () => {
    const ask = vi.fn<() => Promise<Challenge>>().mockRejectedValueOnce(new Error('offline')).mockResolvedValue({ nonce: 'n', bits: 1, expires: Date.now() / 1000 + 600, signature: 's' })
    const proofs = new Proofs(ask)
    proofs.prepare()
    expect(await proofs.take()).toMatch(/^n\.1\./)
  })
})

describe('还差什么', () => {
  const draft: Draft = { clientKey: 'k', content: '路面塌了', category: '', categoryName: '', notThese: false, place: '学府街', lat: null, lon: null, area: '', phone: '', mayCall: true, confidential: false }
  it('填了该填的就不差', () => expect(faults(draft)).toEqual([]))
  it('地点写字或选点都行', () => {
    expect(faults({ ...draft, place: ' ' })[0]).toMatchObject({ step: 2, field: 'place' })
    expect(faults({ ...draft, place: '', lat: 28.5, lon: 118.5 })).toEqual([])
  })
  it('号码可以空着，填了就要对', () => {
    expect(phoneFault('138 0000 5526')).toBe('')
    expect(phoneFault('1380000552')).toContain('您填了 10 位')
    expect(phoneFault('0571-86668888')).toBe('')
    expect(phoneFault('12345678901234')).not.toBe('')
  })
})

describe('地址里的编号和查询码', () => {
  it('写得进也读得出', () => {
    const ticket = { number: '20261120-0131', code: '048213' }
    expect(ticketOf(hashOf(ticket).slice(1))).toEqual(ticket)
  })
  it('别的都不认', () => {
    for (const hash of ['', '2', '20261120-0131', 'x.1', '20261120-0131.<b>']) expect(ticketOf(hash)).toBeNull()
  })
})

describe('时间的说法', () => {
  const now = new Date(2026, 10, 20, 10, 0)
  it('今天、昨天、明天、日期、年份', () => {
    const said = [new Date(2026, 10, 20, 9, 5), new Date(2026, 10, 19, 21, 30), new Date(2026, 10, 21, 0, 10), new Date(2026, 2, 4, 8, 0), new Date(2025, 11, 31, 23, 59)].map((at) => whenText(at.toISOString(), now))
    expect(said).toEqual(['今天 09:05', '昨天 21:30', '明天 00:10', '3月4日 08:00', '2025年12月31日 23:59'])
  })
})
