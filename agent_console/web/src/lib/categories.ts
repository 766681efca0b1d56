// 分类树只取一次；查找按每个词都出现来算，编号、名称、大类都可以。
import { shallowRef } from 'vue'
import { get } from '@/api/client'
import type { CategoryNode } from '@/api/types'
import { live } from '@/live'

export const categories = shallowRef<CategoryNode[]>([])
let asked: Promise<void> | undefined

export function loadCategories(): Promise<void> {
  asked ??= get<CategoryNode[]>('/categories').then(
    (list) => void (categories.value = list),
    (error) => {
      asked = undefined
      throw error
    },
  )
  return asked
}

// 换了在用的分类：下次用到时重新取；正开着的页马上换。
live.on('rules.changed', () => {
  if (!asked) return
  asked = undefined
  void loadCategories().catch(() => {})
})

export function findCategories(all: CategoryNode[], query: string, most = 60): CategoryNode[] {
  const words = query.trim().split(/\s+/).filter(Boolean)
  const text = (c: CategoryNode) => `${c.kind} ${c.major}-${c.minor} ${c.name} ${c.major_name}`
  const rank = (c: CategoryNode) => (words.some((w) => c.name.startsWith(w)) ? 0 : 1)
  return all
    .filter((c) => words.every((w) => text(c).includes(w)))
    .sort((a, b) => (words.length ? rank(a) - rank(b) : 0))
    .slice(0, most)
}
