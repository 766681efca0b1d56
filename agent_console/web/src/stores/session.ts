// 谁登录了这个页面。CSRF 令牌只在内存里。
import { computed, reactive } from 'vue'
import { del, get, post, setCsrf, ApiProblem } from '@/api/client'
import type { Session, SignIn } from '@/api/types'
import type { Role } from '@/api/words'
import { live } from '@/live'

export const session = reactive({ value: null as Session | null, asked: false })

export const me = computed(() => session.value?.user ?? null)
export const hasRole = (...roles: Role[]) => roles.some((role) => me.value?.roles.includes(role) ?? false)

function keep(value: Session | null): void {
  session.value = value
  session.asked = true
  setCsrf(value?.csrf ?? '')
  if (value) live.start()
  else live.stop()
}

/** 页面打开时问一次：会话还在不在。断网时抛出 ApiProblem。 */
export async function resume(): Promise<void> {
  if (session.asked) return
  try {
    keep(await get<Session>('/session'))
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401) throw error
    keep(null)
  }
}

export async function signIn(account: SignIn): Promise<void> {
  keep(await post<Session>('/session', account))
}

export async function signOut(): Promise<void> {
  await del('/session')
  keep(null)
}

export const forget = () => keep(null)
