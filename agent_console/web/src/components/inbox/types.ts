// 收件箱的数据形状，与 agent_console/schemas/inbox.py 一致。
export type Medium = 'sms' | 'wechat' | 'telegram' | 'email' | 'web'
export type Tab = 'reply' | 'citizen' | 'queue' | 'closed'
export type CloseCode = 'filed' | 'answered' | 'no_answer' | 'not_ours' | 'nuisance'

export interface ConversationRow {
  id: string
  channel: Medium
  who: string
  last_text: string
  last_at: string | null
  tab: Tab
  waiting_since: string | null
  due_at: string | null
  unread: number
  skill: string
  seat: string
  close_code: string
}
export interface InboxOut {
  load: number
  capacity: number
  counts: Record<string, number>
  rows: ConversationRow[]
}
export interface FileOut {
  id: string
  kind: 'image' | 'voice' | 'video' | 'file'
  state: 'waiting' | 'stored' | 'refused' | 'gone'
  mime: string
  name: string
  size: number
  url: string
  preview: string
  transcript: string
}
export interface ChatMessage {
  id: string
  at: string
  author: string
  author_name: string
  kind: string
  text: string
  files: FileOut[]
  lat: number | null
  lon: number | null
  place: string
  state: string
  trouble: string
}
export interface PendingReport {
  number: string
  content: string
  place: string
  lat: number | null
  lon: number | null
  category: string
  phone: string
  name: string
}
export interface ConversationOut {
  row: ConversationRow
  contact_id: string
  number: string
  viewers: string[]
  quota_left: number | null
  window_until: string | null
  can_write: boolean
  cannot_write: string
  messages: ChatMessage[]
  pending: PendingReport | null
  facts: string
  place: string
  lat: number | null
  lon: number | null
  case_numbers: string[]
}
export interface MessageIn {
  text?: string
  file_id?: string
  closing?: boolean
}
export interface TransferIn {
  seat?: string
  skill?: string
}
export interface CannedOut {
  id: string
  title: string
  text: string
}
export interface CloseIn {
  code: CloseCode
}
