// 规则实验室的数据：版本、词、试算与各种操作。改一个词就存进草稿并重新试算；没有草稿时先开一份。
import { computed, onUnmounted, reactive, watch } from 'vue'
import { ApiProblem, del, get, post, put, sentence } from '@/api/client'
import type { EffectOut, RuleState, RuleVersionOut, WordIn, WordOut } from '@/api/types'
import { categories, loadCategories } from '@/lib/categories'
import { useLive } from '@/lib/useLive'
import { say } from '@/stores/ui'
import { classRows, draftOf, inForce, inShadow } from './ruleLab'

export type Action = 'publish' | 'rollback' | 'shadow' | 'stop' | 'discard'
const DONE: Record<Action, string> = { publish: '已发布，从下一条诉求起生效', rollback: '已回退，从下一条诉求起生效', shadow: '已开始影子运行：只记录，不给座席看', stop: '影子运行已结束，回到草稿', discard: '草稿已作废' }

export function useRuleLab() {
  const lab = reactive({
    state: null as RuleState | null,
    code: '',
    picked: false, // 选过类目没有：进来时选样本最多的
    words: [] as WordOut[],
    effect: null as EffectOut | null,
    measuring: false,
    busy: false,
    error: '',
  })
  const version = computed<RuleVersionOut | null>(() => draftOf(lab.state) ?? inShadow(lab.state) ?? inForce(lab.state))
  const base = computed(() => inForce(lab.state))
  const rows = computed(() => classRows(categories.value, lab.effect?.ready ? lab.effect : null))
  const nameOf = (code: string): string => rows.value.find((r) => r.code === code)?.name ?? code

  let round = 0
  let closed = false

  async function load(): Promise<void> {
    try {
      await loadCategories()
      lab.state = await get<RuleState>('/rules')
      lab.error = ''
      if (!lab.picked) lab.code = categories.value[0]?.code ?? ''
      await Promise.all([loadWords(), measure()])
    } catch (error) {
      lab.error = sentence(error)
    }
  }

  async function loadWords(): Promise<void> {
    const [number, code] = [version.value?.number, lab.code]
    if (!number || !code) return void (lab.words = [])
    const words = await get<WordOut[]>(`/rules/versions/${number}/words`, { code })
    if (code === lab.code) lab.words = words
  }

  /** 每次最多等一秒；没算完就带着进度再问。新的一轮开始，旧的就不再问。 */
  async function measure(): Promise<void> {
    const mine = ++round
    lab.measuring = true
    try {
      for (;;) {
        const number = version.value?.number
        if (!number) return
        const found = await get<EffectOut>(`/rules/versions/${number}/effect`)
        if (mine !== round || closed) return
        if (found.ready || !lab.effect?.ready) lab.effect = found
        if (found.ready) break
      }
      if (!lab.picked) pick(rows.value[0]?.code ?? '')
      else await loadWords()
    } catch (error) {
      say('warn', sentence(error))
    } finally {
      if (mine === round) lab.measuring = false
    }
  }

  function pick(code: string): void {
    lab.picked = true
    lab.code = code
  }
  watch(() => lab.code, () => void loadWords().catch((error) => say('warn', sentence(error))))

  async function doing(work: () => Promise<void>): Promise<boolean> {
    if (lab.busy) return false
    lab.busy = true
    try {
      await work()
      return true
    } catch (error) {
      say(error instanceof ApiProblem && error.status === 409 ? 'warn' : 'crit', sentence(error))
      return false
    } finally {
      lab.busy = false
    }
  }

  /** 可以改的那一版；没有草稿就从在用的那版开一份。 */
  async function draft(): Promise<number> {
    const there = draftOf(lab.state)
    if (there) return there.number
    const opened = await post<RuleVersionOut>('/rules/draft', {})
    lab.state = await get<RuleState>('/rules')
    await loadWords()
    say('info', `已新建草稿 v${opened.number}，改动都在草稿里，发布后才生效。`)
    return opened.number
  }

  /** 草稿是另一份词：同一个词在草稿里有自己的编号。 */
  const inDraft = (word: WordIn, term: string): WordIn => {
    const there = lab.words.find((w) => w.term === term && w.change !== 'remove')
    return { ...word, id: there?.id ?? 0, revision: there?.revision ?? 0 }
  }

  const save = (word: WordIn, was: string) =>
    doing(async () => {
      const number = await draft()
      await put(`/rules/versions/${number}/words`, was ? inDraft(word, was) : { ...word, id: 0 })
      await after()
    })

  const remove = (word: WordOut) =>
    doing(async () => {
      const number = await draft()
      const there = lab.words.find((w) => w.term === word.term && w.change !== 'remove')
      if (there) await del(`/rules/versions/${number}/words/${there.id}?revision=${there.revision}`)
      await after()
    })

  const act = (number: number, action: Action, note = '') =>
    doing(async () => {
      await post(`/rules/versions/${number}/actions/${action}`, { note })
      say('ok', `v${number} ${DONE[action]}。`)
      await load()
    })

  const mislabel = (reportId: string) =>
    doing(async () => {
      await put(`/rules/mislabelled/${encodeURIComponent(reportId)}`, {})
      say('ok', '已标为误标，不再参与试算。')
      void measure()
    })

  async function after(): Promise<void> {
    lab.state = await get<RuleState>('/rules')
    await loadWords()
    void measure()
  }

  useLive('rules.changed', () => void load())
  onUnmounted(() => (closed = true))
  void load()
  return { lab, version, base, rows, nameOf, load, measure, pick, save, remove, act, mislabel, after, draft: () => doing(async () => void (await draft())) }
}

export type RuleLab = ReturnType<typeof useRuleLab>
