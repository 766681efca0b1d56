// 地址和页面：六个页面用不着路由库。编号和查询码放在 # 后面，不会发给服务器。
import { reactive } from 'vue'

export const route = reactive({ path: '', hash: '' })

const read = () => Object.assign(route, { path: location.pathname.replace(/\/+$/, ''), hash: location.hash.slice(1) })
read()
window.addEventListener('popstate', read)
window.addEventListener('hashchange', read)

/** 换到另一页；同一页换步骤也记进历史，手机的返回键就能退一步。 */
export function go(to: string): void {
  history.pushState(null, '', to)
  read()
  window.scrollTo(0, 0)
}

export interface Ticket {
  number: string
  code: string
}

/** #20261120-0131.482193 */
export function ticketOf(hash: string): Ticket | null {
  const found = /^(\d{8}-\d{1,6})\.(\d{1,12})$/.exec(hash)
  return found ? { number: found[1]!, code: found[2]! } : null
}
export const hashOf = (ticket: Ticket) => `#${ticket.number}.${ticket.code}`
