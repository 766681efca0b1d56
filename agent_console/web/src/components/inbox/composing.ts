// 输入框的规矩：什么键算发送、什么时候不能发、什么图片能发。纯函数，页面和测试共用。
import type { CannedOut, ConversationOut } from '@/api/types'
import type { Medium } from '@/api/words'

export const MAX_TEXT = 2_000
export const MAX_PICTURE = 10 << 20
const PICTURES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']
const NO_PICTURES: readonly Medium[] = ['sms']
/** 常用语里服务器也不知道的字段。 */
export const BLANK = '〔请填写〕'
const LOW_TEXT = 100 // 快写满了才数字数

/** 回车发送，Shift+回车换行；输入法选字时的回车只是选字。229 是老浏览器在组词期间给出的键码。 */
export const sends = (e: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey' | 'isComposing' | 'keyCode'>): boolean =>
  e.key === 'Enter' && !e.shiftKey && !e.ctrlKey && !e.altKey && !e.metaKey && !e.isComposing && e.keyCode !== 229

/** 空着时打一个斜杠就是要常用语；中文标点下那个键出的是顿号。 */
export const asksForCanned = (text: string): boolean => text === '/' || text === '、' || text === '／'

export function findCanned(all: readonly CannedOut[], query: string): CannedOut[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const rank = (x: CannedOut) => (words.some((w) => x.title.toLowerCase().includes(w)) ? 0 : 1)
  const found = all.filter((x) => words.every((w) => `${x.title}\n${x.text}`.toLowerCase().includes(w)))
  return words.length ? found.sort((a, b) => rank(a) - rank(b)) : found
}

/** 为什么这张图不能发；空 = 可以。 */
export function pictureFault(channel: Medium, file: Pick<File, 'type' | 'size'>): string {
  if (NO_PICTURES.includes(channel)) return '短信发不了图片，请用文字说明，或回拨。'
  if (!PICTURES.includes(file.type)) return '只能发 JPG、PNG、GIF、WebP 图片；别的文件请先截图。'
  return file.size > MAX_PICTURE ? `图片有 ${Math.round(file.size / (1 << 20))} MB，最大 10 MB，请压缩后再发。` : ''
}
export const takesPictures = (channel: Medium): boolean => !NO_PICTURES.includes(channel)

interface Ready {
  text: string
  closing: boolean
  picture: '' | 'uploading' | 'ready' | 'failed'
}

/** 为什么现在不能按发送；空 = 可以。 */
export function notYet(c: Pick<ConversationOut, 'quota_left'>, r: Ready): string {
  if (r.picture === 'uploading') return '图片正在上传'
  if (r.picture === 'failed') return '图片没有传上去，请重试或去掉'
  if (r.text.includes(BLANK)) return `还有要填的地方：${BLANK}`
  if (!r.text.trim() && !r.picture) return '还没有写内容'
  if (r.text.length > MAX_TEXT) return `太长了，最多 ${MAX_TEXT} 字`
  return c.quota_left === 1 && !r.closing ? '末条留给办结通知；要用它，请勾选“作为办结答复”' : ''
}

export const lengthText = (text: string): string => (text.length > MAX_TEXT - LOW_TEXT ? `${text.length}/${MAX_TEXT}` : '')

/** 在光标处放进一段话，返回新的全文和光标位置。 */
export function insertAt(text: string, start: number, end: number, piece: string): { text: string; caret: number } {
  return { text: text.slice(0, start) + piece + text.slice(end), caret: start + piece.length }
}
