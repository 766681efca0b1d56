// 案件的词：状态、环节、操作、渠道、紧急程度。接口只给英文代码，界面上的字都从这里来。

export interface Label {
  text: string
  icon: string
  /** 颜色键：对应 .tag 的类名，空串为中性。 */
  tone: string
}

const label = (text: string, icon: string, tone = ''): Label => ({ text, icon, tone })
const unknown = (code: string): Label => label(code || '–', 'dots')

export const CASE_STATES: Record<string, Label> = {
  reported: label('待受理', 'inbox', 'info'),
  pending_verify: label('核实中', 'search', 'info'),
  pending_register: label('待立案', 'doc', 'info'),
  not_accepted: label('不立案', 'ban', 'busy'),
  cancelled: label('已作废', 'x', 'busy'),
  merged: label('已并单', 'merge', 'busy'),
  pending_dispatch: label('待派遣', 'send', 'warn'),
  pending_handle: label('待签收', 'dept', 'warn'),
  handling: label('处理中', 'pencil', 'talk'),
  returned: label('已退回', 'swap', 'crit'),
  handle_finish: label('处置完成', 'check', 'ok'),
  suspended: label('已挂账', 'pause-c', 'hold'),
  pending_check: label('待核查', 'eye', 'info'),
  checking: label('核查中', 'target', 'info'),
  pending_close: label('待结案', 'flag', 'info'),
  closed: label('已结案', 'check-c', 'ok'),
  forced_close: label('强制结案', 'lock', 'busy'),
}
export const caseState = (code: string): Label => CASE_STATES[code] ?? unknown(code)

/** 不会再走动的状态：没有剩余时限。 */
export const ENDED_STATES = new Set(['closed', 'forced_close', 'merged', 'not_accepted', 'cancelled'])

export const URGENCIES: Record<string, Label> = {
  normal: label('一般', 'clock'),
  urgent: label('紧急', 'warn', 'warn'),
  critical: label('特急', 'octagon', 'crit'),
}
export const urgency = (code: string): Label => URGENCIES[code] ?? unknown(code)

export const CHANNELS: Record<string, Label> = {
  phone: label('电话', 'phone'),
  sms: label('短信', 'sms'),
  wechat: label('微信', 'wechat'),
  telegram: label('Telegram', 'plane'),
  email: label('邮件', 'mail'),
  web: label('网页', 'globe'),
}
export const channel = (code: string): Label => CHANNELS[code] ?? unknown(code)

export const APPEALS: Record<string, string> = {
  consult: '咨询',
  help: '求助',
  complaint: '投诉',
  tipoff: '举报',
  suggestion: '建议',
  praise: '表扬',
}

/** 七个环节，键与接口的 stages[].key 相同。 */
export const STAGES: Record<string, string> = {
  collect: '信息收集',
  register: '案卷建立',
  dispatch: '任务派遣',
  handle: '任务处理',
  feedback: '处理反馈',
  check: '核查结案',
  evaluate: '综合评价',
}
/** 环节没有记下办理人时，写由谁来办。 */
export const STAGE_ACTORS: Record<string, string> = {
  collect: '座席',
  register: '受理员',
  dispatch: '派遣员',
  handle: '专业部门',
  feedback: '专业部门',
  check: '受理员',
  evaluate: '回访员',
}

export const ROLES: Record<string, string> = {
  agent: '座席',
  team_leader: '班长',
  supervisor: '值班长',
  acceptor: '受理员',
  dispatcher: '派遣员',
  department: '专业部门',
  follow_up: '回访员',
  admin: '管理员',
  citizen: '市民',
  system: '系统',
}
export const role = (code: string): string => ROLES[code] ?? code

export interface ActionLabel extends Label {
  /** 按下之后会发生什么，写在对话框里。 */
  effect: string
}
const action = (text: string, icon: string, effect: string, tone = ''): ActionLabel => ({ text, icon, tone, effect })

export const ACTIONS: Record<string, ActionLabel> = {
  register_call: action('登记', 'phone-in', '', 'ok'),
  direct_answer: action('直接答复', 'chat', '', 'ok'),
  merge: action('并单', 'merge', '', 'warn'),
  send_verify: action('核实', 'search', '派给责任网格的监督员到现场看，受理计时暂停。'),
  verify_result: action('核实回复', 'eye', '写明属实、不属实还是无法核实，受理计时恢复。'),
  register_case: action('立案', 'check-c', '按立案条件定时限，转给派遣员。', 'ok'),
  reject: action('不立案', 'ban', '不再办理，市民会收到说明。', 'crit'),
  cancel: action('作废', 'x', '录错、测试或骚扰才作废；编号不再使用。', 'crit'),
  dispatch: action('派遣', 'send', '处置时限从现在起算，主办单位会收到通知。'),
  return_to_acceptor: action('退回受理员', 'left', '不归本级管或情况不清时退回，内容保留。'),
  assign: action('签收指派', 'check', '指派处置人，时限继续走。'),
  revoke_assign: action('撤销指派', 'swap', '收回给本单位重新指派，时限继续走。'),
  dept_return: action('退单', 'swap', '退回派遣员，处置计时暂停。理由会进入派遣准确率。', 'crit'),
  re_dispatch_same: action('维持原派', 'send', '仍由原单位办理，接着剩余时限走。'),
  re_dispatch_other: action('改派', 'swap', '换单位办理，时限重新起算；原派计为派遣不准。'),
  apply_extend: action('申请延期', 'clock', '等派遣员批准；最多批两次，到期后不能再申请。'),
  approve_extend: action('批准延期', 'check', '到期时间加一个原时限。'),
  suspend: action('挂账', 'pause-c', '暂时解决不了才挂账，一件只能一次，最长一年。', 'hold'),
  resume: action('恢复办理', 'play', '接着剩余时限走。'),
  supervise: action('督办', 'flag', '主办单位联系人会收到短信，须在答复日期前回复。', 'crit'),
  urge: action('催办', 'bell', '主办单位联系人会收到短信，催办次数加一。', 'warn'),
  feedback: action('处置完成', 'check', '写明怎么处理的；由本单位审核后反馈。', 'ok'),
  unit_reject: action('打回重办', 'left', '退给处置人，时限继续走。', 'crit'),
  unit_confirm: action('处理反馈', 'send', '处置时限到此为止，是否超时现在就定。', 'ok'),
  dispatcher_rework: action('返工', 'refresh', '退回原单位重办，返工次数加一。', 'crit'),
  forward_check: action('转受理员', 'right', '反馈齐全，交受理员核查结案。'),
  send_check: action('核查', 'target', '派监督员到现场看是否真的办好。'),
  check_pass: action('核查通过', 'check-c', '现场已办好，可以结案。', 'ok'),
  check_fail: action('核查不通过', 'octagon', '现场没有办好，受理员须返工。', 'crit'),
  rework: action('返工', 'refresh', '退给派遣员，预设原单位，返工次数加一。', 'crit'),
  close: action('结案', 'check-c', '市民会收到办理结果，并被问是否满意。', 'ok'),
  force_close: action('强制结案', 'lock', '不计入按期办结。理由会留痕。', 'crit'),
  follow_up: action('回访', 'callback', '记下市民是否满意、是否解决。', 'ok'),
  follow_up_reopen: action('重办', 'refresh', '市民说没解决：退回派遣，部门和座席会收到通知。', 'crit'),
}
export const actionLabel = (code: string): ActionLabel => ACTIONS[code] ?? { ...unknown(code), effect: '' }

/** 发给市民的消息走到哪一步。 */
export const DELIVERIES: Record<string, Label> = {
  queued: label('等待发送', 'clock'),
  pending: label('等待发送', 'clock'),
  sending: label('发送中', 'send', 'info'),
  sent: label('已发出', 'send', 'info'),
  accepted: label('已发出', 'send', 'info'),
  delivered: label('送达', 'check', 'ok'),
  received: label('已收到', 'inbox', 'ok'),
  failed: label('没有送达', 'octagon', 'crit'),
  rejected: label('被拒收', 'octagon', 'crit'),
  expired: label('超时未达', 'warn', 'warn'),
  unknown: label('回执不明', 'warn', 'warn'),
}
export const delivery = (code: string): Label => DELIVERIES[code] ?? unknown(code)

/** 一通电话的结局。 */
export const OUTCOMES: Record<string, Label> = {
  answered: label('已接听', 'phone-in', 'ok'),
  abandoned: label('市民放弃', 'phone-missed', 'warn'),
  voicemail: label('留言', 'voice', 'info'),
  callback: label('要求回拨', 'callback', 'info'),
  blocked: label('黑名单', 'ban', 'busy'),
  no_answer: label('无人接听', 'phone-missed', 'warn'),
  missed: label('漏接', 'phone-missed', 'warn'),
  busy: label('占线', 'minus-c', 'busy'),
  failed: label('未接通', 'x', 'busy'),
  waiting: label('排队中', 'clock', 'warn'),
  ringing: label('振铃', 'bell-ring', 'ring'),
  talking: label('通话中', 'phone', 'talk'),
}
export const outcome = (code: string): Label => OUTCOMES[code] ?? unknown(code)

/** 满意度 1 到 5，1 最好。 */
export const SCORES = ['', '非常满意', '满意', '基本满意', '不满意', '非常不满意']
