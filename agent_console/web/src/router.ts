// 地址与角色：导航栏只显示这里有、角色又允许的页。
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/words'
import type { IconName } from '@/lib/icons'
import { hasRole, resume, session } from '@/stores/session'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    /** 空 = 谁都可以看。 */
    roles?: Role[]
    /** 在左侧导航出现。 */
    rail?: { icon: IconName; t: string; only?: Role[] }
    /** 没有左侧导航的页：登录、大屏、手机页。 */
    bare?: boolean
    open?: boolean
  }
}

const SEAT: Role[] = ['agent', 'team_leader']
const CASES: Role[] = ['agent', 'team_leader', 'supervisor', 'acceptor', 'dispatcher', 'follow_up', 'admin']
const LEAD: Role[] = ['team_leader', 'supervisor', 'admin']

export const routes: RouteRecordRaw[] = [
  { path: '/sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: '登录', bare: true, open: true } },
  { path: '/', redirect: () => home(), meta: { title: '' } },
  { path: '/seat', component: () => import('./pages/Seat.vue'), meta: { title: '工作台', roles: SEAT, rail: { icon: 'listen', t: '工作台' } } },
  { path: '/inbox', component: () => import('./pages/Inbox.vue'), meta: { title: '消息', roles: SEAT, rail: { icon: 'chat', t: '消息' } } },
  { path: '/cases', component: () => import('./pages/CaseList.vue'), meta: { title: '案件', roles: CASES, rail: { icon: 'list', t: '案件' } } },
  { path: '/cases/:number', component: () => import('./pages/CaseDetail.vue'), props: true, meta: { title: '案件', roles: CASES } },
  { path: '/department', component: () => import('./pages/DeptList.vue'), meta: { title: '待办', roles: ['department'], bare: true } },
  { path: '/department/:number', component: () => import('./pages/DeptTask.vue'), props: true, meta: { title: '待办', roles: ['department'], bare: true } },
  { path: '/calls', component: () => import('./pages/Calls.vue'), meta: { title: '话单', roles: ['agent', ...LEAD], rail: { icon: 'chart', t: '话单' } } },
  { path: '/messages', component: () => import('./pages/Messages.vue'), meta: { title: '通道', roles: CASES, rail: { icon: 'send', t: '通道', only: LEAD } } },
  { path: '/wall', component: () => import('./pages/Wall.vue'), meta: { title: '大屏', roles: LEAD, rail: { icon: 'wall', t: '大屏' }, bare: true } },
  { path: '/rules', component: () => import('./pages/RuleLab.vue'), meta: { title: '规则实验室', roles: ['supervisor', 'admin'], rail: { icon: 'flask', t: '规则' } } },
  { path: '/simulator', component: () => import('./pages/Simulator.vue'), meta: { title: '手机模拟', rail: { icon: 'sms', t: '手机' } } },
  { path: '/:rest(.*)*', component: () => import('./pages/NotFound.vue'), meta: { title: '没有这一页' } },
]

function home(): string {
  if (hasRole(...SEAT)) return '/seat'
  if (hasRole(...CASES)) return '/cases'
  return hasRole('department') ? '/department' : '/sign-in'
}

export const router = createRouter({ history: createWebHistory(), routes })

router.beforeEach(async (to) => {
  await resume()
  if (!session.value && !to.meta.open) return { path: '/sign-in', query: { to: to.fullPath } }
  if (session.value && to.path === '/sign-in') return home()
  if (to.path === '/simulator' && !session.value?.demo) return '/'
  if (to.meta.roles && !hasRole(...to.meta.roles)) return home()
  return true
})

router.afterEach((to) => {
  document.title = `${to.meta.title}·${session.value?.city ?? ''}12345`
})
