import { expect, test } from 'vitest'
import { findCategories } from './categories'
import { scriptFor } from './danger'
import { mmss, remaining, span, when } from './format'
import { grade, mos } from './quality'
import { preferAlaw } from './sdp'
import { parseWhen } from './whenText'

const now = new Date(2026, 10, 20, 10, 24)
const local = (text: string) => parseWhen(text, now)?.toLocaleString('sv-SE')

test('times are read the way seats write them', () => {
  expect(local('7:10')).toBe('2026-11-20 07:10:00')
  expect(local('今天 07:10')).toBe('2026-11-20 07:10:00')
  expect(local('昨天 22:00')).toBe('2026-11-19 22:00:00')
  expect(local('11-18 9：05')).toBe('2026-11-18 09:05:00')
})
test('no time means now; the future and nonsense are refused', () => {
  expect([parseWhen('', now), parseWhen('现在', now)]).toEqual([null, null])
  expect([parseWhen('11:00', now), parseWhen('25:00', now), parseWhen('早上', now)]).toEqual([undefined, undefined, undefined])
})

test('A-law goes first in the audio line and nothing else changes', () => {
  const sdp = 'v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 8 101\r\na=rtpmap:8 PCMA/8000\r\n'
  expect(preferAlaw(sdp)).toBe(sdp.replace('111 8 101', '8 111 101'))
  expect(preferAlaw('m=audio 9 UDP/TLS/RTP/SAVPF 111 101')).toBe('m=audio 9 UDP/TLS/RTP/SAVPF 111 101')
})

test('a clean line scores well, loss and delay cost', () => {
  const clean = mos({ lost: 0, received: 500, jitterMs: 2, rttMs: 20 })
  expect(clean).toBeGreaterThan(4.3)
  expect(grade(clean)).toBe('好')
  expect(grade(mos({ lost: 60, received: 440, jitterMs: 40, rttMs: 300 }))).toBe('差')
})

test('durations have at most two units', () => {
  expect([mmss(223), mmss(3723), span(4680), span(183_600), remaining(-6720)]).toEqual(['03:43', '1:02:03', '1 时 18 分', '2 天 3 时', '超 1 时 52 分'])
})
test('only other days carry a date', () => {
  expect(when(new Date(2026, 10, 20, 9, 5).toISOString(), now)).toBe('09:05')
  expect(when(new Date(2025, 1, 3, 9, 5).toISOString(), now)).toBe('2025-02-03 09:05')
})

test('each danger has its own script, an unknown one the general script', () => {
  expect(scriptFor(['gas']).number).toBe('119')
  expect(scriptFor(['unheard-of', 'self_harm']).number).toBe('110')
  expect(scriptFor(['unheard-of']).title).toBe('可能的险情')
})

test('categories are found by any word of code, name or major, names that start with it first', () => {
  const node = (code: string, name: string, major_name: string) => {
    const [kind = '', major = '', minor = ''] = code.split('|')
    return { code, kind, major, minor, name, major_name, sure: 'A' }
  }
  const all = [node('部件|01|11', '燃气井盖', '公用设施'), node('事件|05|05', '路面塌陷', '突发事件'), node('事件|01|13', '破损路面', '市容环境')]
  expect(findCategories(all, '路面').map((c) => c.name)).toEqual(['路面塌陷', '破损路面'])
  expect(findCategories(all, '05-05').map((c) => c.name)).toEqual(['路面塌陷'])
  expect(findCategories(all, '公用 井盖')).toHaveLength(1)
})
