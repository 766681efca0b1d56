// 接口里的枚举值，从生成的类型取出，页面不另写一份。
import type { CaseRow, CloseIn, ConversationRow, Seat } from './types'

export type AgentState = Seat['state']
export type Channel = CaseRow['channel']
export type Urgency = CaseRow['urgency']
export type Appeal = CaseRow['appeal']
export type Medium = ConversationRow['channel']
export type InboxTab = ConversationRow['tab']
export type CloseCode = CloseIn['code']
export type Role =
  | 'agent'
  | 'team_leader'
  | 'supervisor'
  | 'acceptor'
  | 'dispatcher'
  | 'department'
  | 'follow_up'
  | 'admin'
